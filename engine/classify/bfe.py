"""What a run keeps of the filter engine: the store, all objects that ever were, who has registered and opened what.

Data only. Source: callouts-nbl-injection 1.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.callouts.api import Callout
from engine.wfp.objects import CalloutObject, Filter, Provider, Sublayer
from engine.wfp.policy import CompiledFilter, Policy, SublayerAtLayer
from engine.wfp.session import Session
from engine.wfp.store import PolicyStore
from engine.wfp.types import FilterId, Guid

if TYPE_CHECKING:
    from engine.classify.host import Driver


@dataclass(slots=True, eq=False)
class EngineHandle:
    """What FwpmEngineOpen0 gives to a driver."""

    driver: str
    session: Session
    line: str
    is_open: bool = True
    mine: set[FilterId] = field(default_factory=set)
    """Filters that were added through it."""

    def __repr__(self) -> str:
        return f"<engine handle {self.session.id}>"


@dataclass(frozen=True, slots=True)
class Registration:
    """A run-time callout: FWPS_CALLOUT0 to 3."""

    id: int
    driver: str
    flags: int
    """As they take effect: the older structures have no batch flag (M27)."""
    version: int
    has_flow_delete: bool
    line: str


class PolicyRecord:
    """Everything that was ever committed in a run. Its policy is one object that only grows.

    What the trace names can be looked up there after it was deleted.
    """

    def __init__(self, policy: Policy) -> None:
        self._providers: dict[Guid, Provider] = {}
        self._sublayers: dict[Guid, Sublayer] = {}
        self._callouts: dict[Guid, CalloutObject] = {}
        self._filters: dict[Guid, Filter] = {}
        self._filter_by_id: dict[FilterId, Filter] = {}
        self._layers: dict[int, tuple[SublayerAtLayer, ...]] = {}
        self.policy = Policy(
            providers=self._providers, sublayers=self._sublayers, callouts=self._callouts, filters=self._filters,
            filter_by_id=self._filter_by_id, layers=self._layers)
        self.take(policy)

    def take(self, policy: Policy) -> Policy:
        """Learn a commit; return the committed policy, which finds also what is gone by its key or id."""
        known = self.policy
        self._providers.update(policy.providers)
        self._sublayers.update(policy.sublayers)
        self._callouts.update(policy.callouts)
        self._filters.update(policy.filters)
        self._filter_by_id.update(policy.filter_by_id)
        for layer, found in policy.layers.items():
            self._layers[layer] = _merged(self._layers.get(layer, ()), found)
        return Policy(
            providers=known.providers, sublayers=known.sublayers, callouts=known.callouts, filters=policy.filters,
            filter_by_id=known.filter_by_id, layers=policy.layers)


def _merged(old: tuple[SublayerAtLayer, ...], new: tuple[SublayerAtLayer, ...]) -> tuple[SublayerAtLayer, ...]:
    """What stands in either; among filters of equal weight those that are gone come last."""
    sublayers = {at.sublayer.key: at.sublayer for at in (*old, *new)}
    filters: dict[Guid, dict[FilterId, CompiledFilter]] = {}
    for at in (*new, *old):
        known = filters.setdefault(at.sublayer.key, {})
        for one in at.filters:
            known.setdefault(one.filter.id, one)
    order = sorted(sublayers.values(), key=lambda one: -one.weight)
    return tuple(SublayerAtLayer(one, tuple(sorted(filters[one.key].values(), key=_by_weight))) for one in order)


def _by_weight(one: CompiledFilter) -> int:
    return -one.filter.effective_weight


@dataclass(frozen=True, slots=True)
class PowerCallback:
    """A function of a driver that wants to know when the system leaves S0 and comes back."""

    driver: Driver
    function: Callable[..., Any]
    line: str


@dataclass(slots=True)
class Bfe:
    """State of the filter engine beside the policy that is enforced."""

    store: PolicyStore
    record: PolicyRecord
    engines: list[EngineHandle] = field(default_factory=list)
    registrations: dict[Guid, Registration] = field(default_factory=dict)
    next_registration: int = 1
    started: dict[str, tuple[tuple[Guid, Callout], ...]] = field(default_factory=dict)
    """Callouts whose `start` was called, by driver: those to stop."""
    self_registering: set[Guid] = field(default_factory=set)
    """Callouts of the policy whose driver registers them by itself."""
    not_loaded: set[str] = field(default_factory=set)
    """Drivers whose DriverEntry has returned an error."""
    unloading: Driver | None = None
    unregister_failed: dict[Guid, str] = field(default_factory=dict)
    """Callouts whose unregistering was refused: the line of the call (M67)."""
    notifying: int = 0
    """notifyFn functions that run now."""
    added: set[FilterId] = field(default_factory=set)
    """Filters of which a notifyFn was told ADD_FILTER (M68)."""
    power_callbacks: list[PowerCallback] = field(default_factory=list)
    to_remove: list[Guid] = field(default_factory=list)
    """Filters that a notifyFn has refused after the commit (CH-05)."""
