"""A chain on its way: modules, classification, arbitration, and how NBLs end. Vocabulary: 6.1."""

from __future__ import annotations

from engine.ndis.snapshot import NblId
from engine.trace.event import Event, Touching, Value
from engine.wfp.types import FilterId, Guid


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
    reason: str = ""
    """Another reason than that (CH-28)."""


class ModuleRestarted(Event, frozen=True):
    """EV_MODULE_RESTART: a commit changed which handlers the module has."""

    module: str
    tx_handlers: bool
    rx_handlers: bool


class ChainSplit(Touching, frozen=True):
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
    """0: the layer's default (C3)."""
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
    reserved: int = 0
    reauth_reason: int = 0
    original_profile: int = 0
    current_profile: int = 0
    is_loopback: bool = False
    vswitch_id: str = ""
    vswitch_source_port: int = 0
    vswitch_destination_port: int = 0
    kept: bool = True
    """The filter engine keeps it among its net events (C24)."""


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
