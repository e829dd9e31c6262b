"""A small policy and the story of step-dark.png: frame 12 goes out, is absorbed, and its clone waits to re-enter."""

from engine.ndis.snapshot import HistoryEntry, NblId, NblKind, NblSnapshot, NblState
from engine.trace import events as ev
from engine.trace.history import WorldHistory
from engine.trace.trace import Trace
from engine.wfp.layers import layer_by_id
from engine.wfp.objects import CalloutObject, Condition, Filter, Lifetime, Provider, Sublayer
from engine.wfp.policy import Policy, take_snapshot
from engine.wfp.types import ActionType, CalloutId, FilterId, Guid, MatchType
from engine.wfp.values import Value

CONTOSO, FABRIKAM = Guid("{provider-contoso}"), Guid("{provider-fabrikam}")
CONTOSO_L2, UNIVERSAL = Guid("{sublayer-contoso}"), Guid("{sublayer-universal}")
MAC_REWRITE = Guid("{callout-mac-rewrite}")
REWRITE, QUARANTINE, NO_ARP, LAN = FilterId(73507), FilterId(73506), FilterId(73505), FilterId(73498)
IPV4 = ("02:00:00:00:00:aa", "02:00:00:00:00:aa", "02:00:00:00:00:01", 0, 0, 0x0800, 0x6014, 1 << 24, 7, 0, 0x81, 1)


def a_condition(layer_id: int, name: str, value: int, match: MatchType = MatchType.FWP_MATCH_EQUAL) -> Condition:
    layer = layer_by_id(layer_id)
    assert layer is not None
    field = layer.field(name)
    assert field is not None
    return Condition(field=name, match=match, value=Value(type=field.type, value=value), field_index=field.index)


def a_filter(
    id_: int,
    name: str,
    action: ActionType,
    *conditions: Condition,
    layer: int = 57,
    sublayer: Guid = CONTOSO_L2,
    weight: int = 1,
    callout: Guid | None = None,
    provider: Guid | None = None,
) -> Filter:
    found = layer_by_id(layer)
    assert found is not None
    return Filter(name=name, layer=found.name, action=action, key=Guid(f"{{{id_}}}"), sublayer=sublayer,
                  id=FilterId(id_), layer_id=layer, effective_weight=weight, lifetime=Lifetime.STATIC,
                  conditions=conditions, callout=callout, provider=provider)


def a_sublayer(key: Guid, name: str, weight: int, provider: Guid | None = None) -> Sublayer:
    return Sublayer(name=name, key=key, weight=weight, requested_weight=weight, lifetime=Lifetime.STATIC,
                    provider=provider)


def a_policy(*filters: Filter, disabled: frozenset[Guid] = frozenset()) -> Policy:
    providers = {
        key: Provider(name=name, key=key, lifetime=Lifetime.STATIC, disabled=key in disabled)
        for key, name in ((CONTOSO, "Contoso"), (FABRIKAM, "Fabrikam"))
    }
    sublayers = {one.key: one for one in (a_sublayer(CONTOSO_L2, "Contoso L2", 40000, CONTOSO),
                                          a_sublayer(UNIVERSAL, "UNIVERSAL", 32768))}
    callout = CalloutObject(name="mac_rewrite", layer="FWPM_LAYER_OUTBOUND_MAC_FRAME_ETHERNET", key=MAC_REWRITE,
                            id=CalloutId(1), layer_id=57, lifetime=Lifetime.STATIC)
    return take_snapshot(providers, sublayers, {MAC_REWRITE: callout}, {one.key: one for one in filters})


def the_policy() -> Policy:
    """The four filters of layer 57 in the picture."""
    return a_policy(
        a_filter(NO_ARP, "no ARP announcements", ActionType.FWP_ACTION_BLOCK, a_condition(57, "ETHER_TYPE", 0x0806),
                 weight=10),
        a_filter(QUARANTINE, "VLAN 20 quarantine", ActionType.FWP_ACTION_BLOCK, a_condition(57, "VLAN_ID", 0x0014),
                 weight=9),
        a_filter(REWRITE, "gateway rewrite", ActionType.FWP_ACTION_CALLOUT_TERMINATING,
                 a_condition(57, "ETHER_TYPE", 0x0800), a_condition(57, "MAC_REMOTE_ADDRESS_TYPE", 0), weight=8,
                 callout=MAC_REWRITE),
        a_filter(LAN, "LAN permit", ActionType.FWP_ACTION_PERMIT, sublayer=UNIVERSAL),
    )


def an_nbl(id_: str, kind: NblKind = NblKind.ORIGINAL, **changes: object) -> NblSnapshot:
    fields: dict[str, object] = {
        "state": NblState.INDICATED, "owner": "engine", "next": None, "parent": None, "child_ref_count": 0,
        "references": 0, "status": None, "net_buffers": (), "vlan": None, "history": (), "origin": None,
        "completion": None,
    }
    return NblSnapshot(id=NblId(id_), kind=kind, **{**fields, **changes})  # type: ignore[arg-type]  # a builder's shortcut


ORIGINAL, CLONE = NblId("12.0"), NblId("12.1")
INJECTED = an_nbl("12.1", NblKind.CLONE, history=(HistoryEntry("H1", "contoso", None, 57, 7),))

STORY: tuple[ev.TraceEvent, ...] = (
    ev.ModuleRestarted("802.3", tx_handlers=True, rx_handlers=False),
    ev.FrameEntered(12, "outbound", 7, 0, 98, 1, 0, {}, changed=(an_nbl("12.0"),)),
    ev.ModuleEntered("802.3", 57, (ORIGINAL,)),
    ev.ClassifyBegan(57, (ORIGINAL,), IPV4, {}),
    ev.SublayerEntered(CONTOSO_L2, rights=True),
    ev.FilterTested(NO_ARP, (0,), 5, 0x0800),
    ev.FilterTested(QUARANTINE, (0,), 6, 0x6014),
    ev.FilterTested(REWRITE),
    ev.CalloutEntered(MAC_REWRITE, "contoso", REWRITE, (ORIGINAL,), "FWP_ACTION_CONTINUE", rights=True,
                      line="mac_rewrite.py:30"),
    ev.NblCloned(ORIGINAL, CLONE, 0, driver="contoso", line="mac_rewrite.py:34", changed=(INJECTED,)),
    ev.InjectAccepted(7, "FwpsInjectMacSendAsync0", 57, (CLONE,), driver="contoso", line="mac_rewrite.py:41"),
    ev.CalloutReturned(MAC_REWRITE, "FWP_ACTION_BLOCK", rights=False, flags=1),
    ev.FilterDecided(REWRITE, "FWP_ACTION_BLOCK", hard=True, absorb=True),
    ev.SublayerDecided(CONTOSO_L2, "FWP_ACTION_BLOCK", REWRITE),
    ev.ActionArbitrated(CONTOSO_L2, "FWP_ACTION_CONTINUE", False, "FWP_ACTION_BLOCK", True, "first decision", REWRITE,
                        None, veto=False),
    ev.SublayerEntered(UNIVERSAL, rights=False),
    ev.FilterTested(LAN),
    ev.FilterDecided(LAN, "FWP_ACTION_PERMIT", hard=False, absorb=False),
    ev.SublayerDecided(UNIVERSAL, "FWP_ACTION_PERMIT", LAN),
    ev.ActionArbitrated(UNIVERSAL, "FWP_ACTION_BLOCK", True, "FWP_ACTION_BLOCK", True, "a hard block is final", REWRITE,
                        LAN, veto=False),
    ev.ClassifyEnded(57, (ORIGINAL,), "FWP_ACTION_BLOCK", True, REWRITE, absorb=True, veto=False),
    ev.FrameAbsorbed(ORIGINAL, 1),
    ev.OriginalHeld(ORIGINAL, 0, 1),
    ev.FrameReentered(7, 57, (CLONE,)),
    ev.FrameFinished(12, "absorbed"),
)

IN_CALLOUT = 11
"""Records after which the clone has been accepted and the callout still runs: the picture."""


def a_trace(events: tuple[ev.TraceEvent, ...] = STORY, frame: int = 12) -> Trace:
    """One record a millisecond."""
    trace = Trace()
    for place, event in enumerate(events):
        trace.append(event, frame, place * 1_000_000, 0)
    return trace


def a_world(length: int, trace: Trace | None = None):
    return WorldHistory(trace or a_trace()).at(length)


