"""What a driver's code did, and what was done for it. Vocabulary: 6.1."""

from __future__ import annotations

from engine.ndis.snapshot import MemoryId, NblId
from engine.trace.event import Event, Touching
from engine.wfp.types import FilterId, Guid


class Call(Touching, frozen=True, kw_only=True):
    """Something a driver's code did; `line` is `file.py:41`."""

    driver: str = ""
    line: str = ""


class StackCaptured(Call, frozen=True):
    """The calls of the script that led to the call that follows (`recording_level=4`), the outermost first."""

    function: str
    path: tuple[str, ...]
    """`classify reflect.py:31`."""


class StateQueried(Call, frozen=True):
    """EV_STATE_QUERY."""

    nbl: NblId
    handle: str
    state: str
    """FWPS_PACKET_… by name."""
    context: str | None


class NblReferenced(Call, frozen=True):
    nbl: NblId
    count: int
    intend_to_modify: bool


class NblDereferenced(Call, frozen=True):
    nbl: NblId
    count: int


class NblCloned(Call, frozen=True):
    """EV_CLONE_ALLOC. `clone` is None when the call failed."""

    parent: NblId
    clone: NblId | None
    status: int


class NblAllocated(Call, frozen=True):
    """EV_NBL_ALLOC by FwpsAllocateNetBufferAndNetBufferList0."""

    nbl: NblId | None
    status: int


class NblFreed(Call, frozen=True):
    """EV_CLONE_FREE, EV_NBL_FREE. `function` is the one that was called."""

    nbl: NblId
    function: str


class MdlAllocated(Call, frozen=True):
    mdl: str
    memory: MemoryId
    data: bytes


class MdlFreed(Call, frozen=True):
    mdl: str
    memory: MemoryId


class PoolAllocated(Call, frozen=True):
    pool: str


class PoolFreed(Call, frozen=True):
    pool: str


class DataWritten(Call, frozen=True):
    """EV_DATA_WRITTEN: bytes of one memory changed; `sharers` are the NBLs that see it."""

    nbl: NblId | None
    memory: MemoryId
    offset: int
    old: bytes
    new: bytes
    sharers: tuple[NblId, ...]


class OffsetChanged(Call, frozen=True):
    """EV_OFFSET_CHANGED: retreat (negative delta) or advance."""

    nbl: NblId
    delta: int
    status: int
    new_mdl: str | None


class MemberWritten(Call, frozen=True):
    """A member such as Next or Status was written by the driver."""

    nbl: NblId
    member: str
    old: str
    new: str


class InjectCalled(Call, frozen=True):
    """EV_INJECT_CALL: entry of FwpsInjectMacSendAsync0 or FwpsInjectMacReceiveAsync0."""

    function: str
    handle: str
    layer: int
    interface: int
    port: int
    nbls: tuple[NblId, ...]
    completion: str | None


class InjectRefused(Call, frozen=True):
    """EV_INJECT_REFUSED: `status` is status_sync; the caller keeps the NBLs."""

    function: str
    layer: int
    nbls: tuple[NblId, ...]
    status: int


class InjectAccepted(Call, frozen=True):
    """EV_INJECT_ACCEPTED."""

    injection: int
    function: str
    layer: int
    nbls: tuple[NblId, ...]


class CompletionReturned(Touching, frozen=True):
    """EV_COMPLETION_RETURN."""

    injection: int
    segment: int


class InjectionEnded(Touching, frozen=True):
    """The fate of one injected NBL on its way (CH-30): `delivered`, `sent`, `blocked`, `absorbed`, `failed`."""

    injection: int
    nbl: NblId
    outcome: str
    status: int


class WorkQueued(Call, frozen=True):
    function: str
    due_ns: int
    is_timer: bool


class HandleCreated(Call, frozen=True):
    handle: str | None
    flags: int
    address_family: int | None
    status: int


class HandleClosing(Call, frozen=True):
    handle: str
    pending: int


class HandleClosed(Event, frozen=True):
    handle: str


class Notified(Event, frozen=True):
    """EV_NOTIFY: notifyFn was called."""

    callout: Guid
    notify_type: str
    filter: FilterId
    status: int


class CalloutRegistered(Event, frozen=True):
    callout: Guid
    driver: str
    flags: int
    id: int = 0
    version: int = 2
    """Which FWPS_CALLOUT structure: 0 to 3."""


class CalloutUnregistered(Event, frozen=True):
    callout: Guid
    driver: str


class FilterAdded(Event, frozen=True):
    filter: FilterId
    key: Guid
    by: str = ""
    """Who added it in mid-run: a driver, or whoever it was; empty for a filter of the policy."""
    provider: Guid | None = None


class FilterDeleted(Event, frozen=True):
    filter: FilterId
    key: Guid
    by: str = ""
    provider: Guid | None = None
