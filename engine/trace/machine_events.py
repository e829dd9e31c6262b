"""Modules that restart, drivers that manage the policy and go, and the machine that sleeps. Vocabulary: 6.1."""

from __future__ import annotations

from engine.ndis.snapshot import NblId
from engine.trace.call_events import Call
from engine.trace.event import Event, Touching
from engine.wfp.types import Guid


class ModulePausing(Event, frozen=True):
    """EV_MODULE_RESTART, Pausing: the module takes no new traffic and waits for what it has originated (3.6)."""

    module: str
    interface: int
    in_flight: int
    """Injected NBLs of the module that have not been completed."""
    reason: str


class ModuleStateChanged(Event, frozen=True):
    """EV_MODULE_RESTART: Paused, Restarting, Running; Detached, Attaching."""

    module: str
    interface: int
    state: str
    tx_handlers: bool
    rx_handlers: bool
    """The handlers that it has from now on."""


class ModuleRefused(Touching, frozen=True):
    """NBLs meet a module that does not run, and go no further (CH-28). `status` is what their sender gets."""

    module: str
    interface: int
    layer: int
    nbls: tuple[NblId, ...]
    state: str
    status: int


class LinkChanged(Event, frozen=True):
    """The cable of an interface is pulled or put back."""

    interface: int
    is_up: bool


class CableOut(Touching, frozen=True):
    """A send reaches an adapter that is gone, or has no link."""

    interface: int
    nbls: tuple[NblId, ...]
    status: int


class CompletionLost(Touching, frozen=True):
    """A module has restarted without waiting (`race_strict`): nobody knows this NBL when it comes back."""

    injection: int
    nbl: NblId


class PowerChanged(Event, frozen=True):
    """The simulated system leaves S0, or is back."""

    state: str
    """`leaving S0` or `S0`."""
    held: int
    """NBLs that wait for their holders."""


class HandleWaiting(Call, frozen=True):
    """EV_HANDLE_WAIT: FwpsInjectionHandleDestroy0 blocks until the handle's injections are completed."""

    handle: str
    pending: int


class UnloadBlocked(Event, frozen=True):
    """EV_UNLOAD_BLOCKED: the unload routine waits for what never comes."""

    driver: str
    reason: str


class DriverUnloaded(Event, frozen=True):
    """EV_UNLOAD_DONE: the driver's image is gone."""

    driver: str


class DriverEntryFailed(Event, frozen=True):
    """DriverEntry has returned an error: the driver is not loaded, and its callouts are not registered."""

    driver: str
    status: int


class CallRefused(Call, frozen=True):
    """A registration or management function returned an error."""

    function: str
    status: int
    reason: str


class SessionOpened(Call, frozen=True):
    """FwpmEngineOpen0."""

    session: int
    is_dynamic: bool


class SessionClosed(Call, frozen=True):
    """FwpmEngineClose0: the objects of a dynamic session go with it."""

    session: int


class TransactionCommitted(Event, frozen=True):
    """The policy changes while frames are under way."""

    by: str
    """A driver, or who else has done it."""
    added: int
    deleted: int
    """Objects of all kinds."""


class ObjectAdded(Event, frozen=True):
    """A provider, a sublayer or a management callout."""

    object: str
    key: Guid
    name: str
    by: str


class ObjectDeleted(Event, frozen=True):
    object: str
    key: Guid
    name: str
    by: str


class TimerCancelled(Call, frozen=True):
    function: str
    was_set: bool
    """It was still to come."""


class WaitBegan(Call, frozen=True):
    """Driver code waits at PASSIVE_LEVEL; the machine goes on."""

    function: str


class WaitEnded(Call, frozen=True):
    status: int
    """STATUS_SUCCESS, or STATUS_TIMEOUT where nothing more could happen."""
