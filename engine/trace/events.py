"""Everything that can happen, as frozen events. The class name is the `kind` in saved traces.

Vocabulary: callouts-nbl-injection 6.1 (`EV_FILTER_TEST` is `FilterTested` here). Events that change NBLs carry their
snapshots *after* the event in `changed`, so that a view of step n is a fold over the first n events.
Root events start a task of the simulated machine; opening events hold the events up to their closing one.
"""

from __future__ import annotations

import msgspec

from engine.ndis.snapshot import MemoryId, NblId, NblSnapshot
from engine.wfp.types import FilterId, Guid

Value = int | str | None
"""A field's value as the trace shows it: a number, `02:00:00:00:00:01`, or None for FWP_EMPTY."""


class Event(msgspec.Struct, frozen=True, tag_field="kind", tag=True, gc=False):
    """Base of all events."""


class Touching(Event, frozen=True, kw_only=True):
    """An event after which the NBLs in `changed` look as given there."""

    changed: tuple[NblSnapshot, ...] = ()


# --- roots: each starts a task of the simulated machine -----------------------------------------------------------


class SessionBegan(Event, frozen=True):
    """The run starts: engine version, seed, and every option that is not at its default."""

    version: str
    seed: int
    options: dict[str, str]


class FrameEntered(Touching, frozen=True):
    """EV_FRAME_ENTER: the miniport indicates, or the protocol sends, one frame of an NDIS call."""

    number: int
    direction: str
    interface: int
    """Interface index of the simulated host."""
    port: int
    length_bytes: int
    chain: int
    """How many NBLs the NDIS call carries."""
    chain_index: int
    memories: dict[MemoryId, bytes]


class FrameSkipped(Event, frozen=True):
    """The frame could not be classified."""

    number: int
    reason: str


class FrameReentered(Touching, frozen=True):
    """EV_FRAME_REENTER: an accepted injection starts its way at the layer named in the call (CH-24)."""

    injection: int
    layer: int
    nbls: tuple[NblId, ...]


class InjectCompleted(Touching, frozen=True):
    """EV_INJECT_COMPLETE: the completion function is about to be called for one segment."""

    injection: int
    segment: int
    nbls: tuple[NblId, ...]
    statuses: tuple[int, ...]
    outstanding: int
    """NBLs of this injection still out after this segment."""
    dispatch_level: bool
    function: str
    driver: str


class WorkStarted(Event, frozen=True):
    """A queued work item or a timer of a driver runs."""

    driver: str
    function: str
    is_timer: bool


class DriverStarted(Event, frozen=True):
    """DriverEntry of a script: `start()` of its callouts follows."""

    driver: str
    script: str


class DriverStopped(Event, frozen=True):
    """EV_UNLOAD_BEGIN: `stop()` of the driver's callouts follows."""

    driver: str


class TransactionBegan(Event, frozen=True):
    """The policy is added to the filter engine in one transaction."""

    filters: int


# --- modules and classification -----------------------------------------------------------------------------------


class ModuleEntered(Touching, frozen=True):
    """EV_MODULE_ENTER: an LWF module gets the chain. `module` is `802.3` or `native`."""

    module: str
    layer: int
    nbls: tuple[NblId, ...]


class ModuleLeft(Touching, frozen=True):
    """EV_MODULE_LEAVE: the module hands on what passed."""

    module: str
    layer: int
    nbls: tuple[NblId, ...]


class ModuleBypassed(Event, frozen=True):
    """EV_MODULE_BYPASSED: no filter at its layer, so the module has no handlers and NDIS goes past it."""

    module: str
    layer: int
    nbls: tuple[NblId, ...]


class ModuleRestarted(Event, frozen=True):
    """EV_MODULE_RESTART: a commit changed which handlers the module has."""

    module: str
    tx_handlers: bool
    rx_handlers: bool


class ChainSplit(Event, frozen=True):
    """EV_CHAIN_SPLIT: the chain is cut into runs (CH-16)."""

    layer: int
    runs: tuple[tuple[NblId, ...], ...]
    reason: str


class ChainRelinked(Event, frozen=True):
    """EV_CHAIN_RELINK: what goes on is linked again in its old order."""

    layer: int
    nbls: tuple[NblId, ...]


class ClassifyBegan(Event, frozen=True):
    """EV_CLASSIFY_BEGIN: one layer traversal of one run. `values` stand in field order."""

    layer: int
    nbls: tuple[NblId, ...]
    values: tuple[Value, ...]
    metadata: dict[str, int]


class SublayerEntered(Event, frozen=True):
    sublayer: Guid
    rights: bool
    """FWPS_RIGHT_ACTION_WRITE is still there for this sublayer."""


class FilterTested(Event, frozen=True):
    """EV_FILTER_TEST. `failed` is empty when every condition held; else the failed group of conditions."""

    filter: FilterId
    failed: tuple[int, ...] = ()
    """Indices into the filter's conditions: one, or an OR group of which none held."""
    field: int | None = None
    """Index of the field that did not fit."""
    seen: Value = None

    @property
    def matched(self) -> bool:
        return not self.failed


class CalloutEntered(Event, frozen=True):
    """EV_CALLOUT_ENTER: classifyFn is called with this classifyOut."""

    callout: Guid
    driver: str
    filter: FilterId
    nbls: tuple[NblId, ...]
    action: str
    rights: bool
    line: str
    """`reflect.py:16`: where classify is defined."""


class CalloutReturned(Touching, frozen=True):
    """EV_CALLOUT_RETURN: classifyOut as the callout left it."""

    callout: Guid
    action: str
    """FWP_ACTION_… or the number in hexadecimal."""
    rights: bool
    flags: int


class CalloutFailed(Touching, frozen=True):
    """The script raised or ran over its step limit. In classify, CalloutReturned follows with classifyOut untouched."""

    driver: str
    function: str
    error: str
    traceback: tuple[str, ...]
    """Trimmed to the script's own file."""


class CalloutDefaulted(Event, frozen=True):
    """EV_CALLOUT_UNREGISTERED_DEFAULT: nobody has registered the callout."""

    callout: Guid
    filter: FilterId
    action: str
    """FWP_ACTION_BLOCK, FWP_ACTION_PERMIT, or FWP_ACTION_CONTINUE for an ignored inspection filter."""


class FilterDecided(Event, frozen=True):
    """What a matching filter says, after sanitising (1.8); closes its FilterTested."""

    filter: FilterId
    action: str
    """FWP_ACTION_BLOCK, FWP_ACTION_PERMIT or FWP_ACTION_CONTINUE."""
    hard: bool
    absorb: bool


class SublayerDecided(Event, frozen=True):
    sublayer: Guid
    action: str
    """FWP_ACTION_CONTINUE when no filter of it decided."""
    filter: FilterId | None


class ActionArbitrated(Event, frozen=True):
    """EV_ARBITRATE: a sublayer's result folded into the layer's."""

    sublayer: Guid
    old: str
    old_hard: bool
    new: str
    new_hard: bool
    rule: str
    """Why: `first decision`, `soft permit overridden`, `hard block is final`, `veto`, …"""
    decided_by: FilterId | None
    loser: FilterId | None
    """The filter whose verdict did not stand in this step."""
    veto: bool


class ClassifyEnded(Touching, frozen=True):
    """EV_VERDICT and EV_CLASSIFY_END."""

    layer: int
    nbls: tuple[NblId, ...]
    action: str
    hard: bool
    filter: FilterId | None
    """None: the layer's default (C3)."""
    absorb: bool
    veto: bool


class DropAudited(Event, frozen=True):
    """EV_DROP_AUDITED: FWPM_NET_EVENT_CLASSIFY_DROP_MAC0."""

    nbl: NblId
    filter: FilterId
    layer: int
    local_mac: str | None
    remote_mac: str | None
    ether_type: int | None
    vlan_tag: int | None
    media_type: int
    if_type: int
    if_luid: int
    ndis_port: int
    direction: int
    """msFwpDirection: 0x3900 in, 0x3901 out."""


class FrameAbsorbed(Touching, frozen=True):
    """EV_ABSORBED: BLOCK with ABSORB; no audit."""

    nbl: NblId
    holders: int


class OriginalHeld(Touching, frozen=True):
    """EV_ORIGINAL_HELD: the module waits for references and clones."""

    nbl: NblId
    references: int
    children: int


class OriginalReleased(Touching, frozen=True):
    """EV_ORIGINAL_RELEASED: the last holder is gone."""

    nbl: NblId


class FrameDelivered(Touching, frozen=True):
    """EV_DELIVERED: to a protocol (`protocols`) or onto the wire (`wire`)."""

    nbls: tuple[NblId, ...]
    to: str


class OriginalReturned(Touching, frozen=True):
    """EV_ORIGINAL_RETURNED: an inbound original goes back down to the miniport."""

    nbl: NblId
    status: int


class OriginalCompleted(Touching, frozen=True):
    """EV_ORIGINAL_COMPLETED: an outbound original goes back up to its sender, with its Status (CH-15)."""

    nbl: NblId
    status: int


class FrameFinished(Event, frozen=True):
    """Nothing of this frame's lineage is under way any more. The end of its story."""

    number: int
    outcome: str
    """`delivered`, `sent`, `blocked`, `absorbed` or `skipped`."""


# --- calls of a callout -------------------------------------------------------------------------------------------


class Call(Touching, frozen=True, kw_only=True):
    """Something a driver's code did; `line` is `file.py:41`."""

    driver: str = ""
    line: str = ""


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


class InjectionEnded(Event, frozen=True):
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


class CalloutUnregistered(Event, frozen=True):
    callout: Guid
    driver: str


class FilterAdded(Event, frozen=True):
    filter: FilterId
    key: Guid


class FilterDeleted(Event, frozen=True):
    filter: FilterId
    key: Guid


# --- trouble ------------------------------------------------------------------------------------------------------


class RuleBroken(Touching, frozen=True):
    """EV_VERIFIER: a rule of the misuse catalogue. Title, source and remedy stand in `rules.RULES`."""

    rule: str
    severity: str
    detail: str
    nbl: NblId | None = None
    driver: str | None = None
    line: str | None = None


class ForeignHandOver(Touching, frozen=True):
    """EV_FOREIGN_COMPLETION or EV_FOREIGN_RETURN: the NBL reached a component that never owned it (CH-29)."""

    nbl: NblId
    injection: int
    reached: str


class BugCheckSimulated(Event, frozen=True):
    """EV_BUGCHECK_SIM, or the stop before the bad hand-over (`ub_policy=stop`). The remaining frames are skipped."""

    code: str
    reason: str


TraceEvent = (
    SessionBegan | FrameEntered | FrameSkipped | FrameReentered | InjectCompleted | WorkStarted | DriverStarted
    | DriverStopped | TransactionBegan | ModuleEntered | ModuleLeft | ModuleBypassed | ModuleRestarted | ChainSplit
    | ChainRelinked | ClassifyBegan | SublayerEntered | FilterTested | CalloutEntered | CalloutReturned | CalloutFailed
    | CalloutDefaulted | FilterDecided | SublayerDecided | ActionArbitrated | ClassifyEnded | DropAudited
    | FrameAbsorbed | OriginalHeld | OriginalReleased | FrameDelivered | OriginalReturned | OriginalCompleted
    | FrameFinished | StateQueried | NblReferenced | NblDereferenced | NblCloned | NblAllocated | NblFreed
    | MdlAllocated | MdlFreed | PoolAllocated | PoolFreed | DataWritten | OffsetChanged | MemberWritten | InjectCalled
    | InjectRefused | InjectAccepted | CompletionReturned | InjectionEnded | WorkQueued | HandleCreated | HandleClosing
    | HandleClosed | Notified | CalloutRegistered | CalloutUnregistered | FilterAdded | FilterDeleted | RuleBroken
    | ForeignHandOver | BugCheckSimulated
)

ROOTS = (SessionBegan, FrameEntered, FrameSkipped, FrameReentered, InjectCompleted, WorkStarted, DriverStarted,
         DriverStopped, TransactionBegan)
"""Each starts a task: depth 0."""

OPENING = (*ROOTS, ModuleEntered, ClassifyBegan, SublayerEntered, CalloutEntered, InjectCalled)
"""What follows is inside, up to the closing event. A FilterTested that matched opens too."""

CLOSING = (ModuleLeft, ClassifyEnded, SublayerDecided, CalloutReturned, FilterDecided, InjectRefused, InjectAccepted)
"""Each stands at the depth of what it closes."""
