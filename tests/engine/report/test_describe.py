"""Every kind of event has its line, and a policy puts names into it."""

from types import MappingProxyType
from typing import get_args

import pytest

from engine.ndis.snapshot import MemoryId, NblId
from engine.report.describe.kinds import describe
from engine.report.describe.line import Line, nbls_text, python_name
from engine.report.names import Names
from engine.trace import events as ev
from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.objects import Condition, Filter, Lifetime, Sublayer
from engine.wfp.policy import Policy
from engine.wfp.types import ActionType, DataType, FilterId, Guid, MatchType
from engine.wfp.values import Value

KEY = Guid("{00000000-0000-0000-0000-000000000001}")
FILTER = FilterId(73507)
N0, N1 = NblId("12.0"), NblId("12.1")
BLOCK, PERMIT, CONTINUE = "FWP_ACTION_BLOCK", "FWP_ACTION_PERMIT", "FWP_ACTION_CONTINUE"
NAMED = "filter 73507 (0x11F23)"
SUB, CALLOUT = f"sublayer {KEY}", f"callout {KEY}"
TAKEN = MemoryId("12:0")
STEP: dict = {"driver": "drv", "line": "drv.py:41", "function": "classify", "call": 1, "level": 0,
              "locals": {}}

LINES = [
    (ev.SessionBegan("0.1", 1, {}), Line("session", "engine 0.1, seed 1")),
    (ev.SessionBegan("0.1", 1, {"mtu": "9000"}), Line("session", "engine 0.1, seed 1, 1 option changed")),
    (ev.FrameEntered(12, "outbound", 1, 0, 98, 1, 0, {}), Line("Frame 12 · outbound · 98 bytes")),
    (ev.FrameEntered(12, "inbound", 1, 0, 1, 4, 1, {}), Line("Frame 12 · inbound · 1 byte", "2 of a chain of 4")),
    (ev.FrameSkipped(12, "why"), Line("Frame 12 is skipped", "why", "skipped")),
    (ev.FrameReentered(7, 57, (N1,)),
     Line("12.1 re-enters 57 OUTBOUND_MAC_FRAME_ETHERNET", "injection 7", "inject")),
    (ev.InjectCompleted(7, 1, (N1,), (0,), 0, True, "done", "drv"),
     Line("done(12.1) completes injection 7, segment 1", "STATUS_SUCCESS, all back", "permit")),
    (ev.InjectCompleted(7, 2, (N0, N1), (0, 0xC0000206), 3, True, "done", "drv"),
     Line("done(12.0, 12.1) completes injection 7, segment 2", "STATUS_INVALID_BUFFER_SIZE, 3 still out", "error")),
    (ev.WorkStarted("drv", "later", False), Line("drv: later", "work item")),
    (ev.WorkStarted("drv", "later", True), Line("drv: later", "timer")),
    (ev.DriverStarted("drv", "a/drv.py"), Line("driver drv starts", "a/drv.py")),
    (ev.DriverStopped("drv"), Line("driver drv unloads", "stop()")),
    (ev.AdversityStruck("restart_module native"), Line("adversity strikes", "restart_module native", "warn")),
    (ev.AdversityEnded("leave_s0 for 5 ns", ""), Line("adversity is over", "leave_s0 for 5 ns")),
    (ev.AdversityEnded("delete_filter x", "there is no filter 'x'"),
     Line("adversity could not strike", "there is no filter 'x'")),
    (ev.TransactionBegan(2), Line("policy is committed", "one transaction, 2 filters")),
    (ev.ModuleEntered("802.3", 57, (N0,)), Line("12.0 enters module 802.3")),
    (ev.ModuleLeft("802.3", 57, (N0,)), Line("module 802.3 hands on 12.0")),
    (ev.ModuleLeft("802.3", 57, ()), Line("module 802.3 hands on nothing")),
    (ev.ModuleBypassed("native", 59, (N0,)), Line("12.0 goes past module native", "no filter at 59", "skipped")),
    (ev.FrameConverted((N0,), "802.3", {}), Line("12.0 becomes 802.3", "the Native Wi-Fi filter converts it")),
    (ev.StayedAtNative(56, (N0,), "a beacon"), Line("12.0 stays at the native layer", "a beacon", "skipped")),
    (ev.ModuleRestarted("native", True, False), Line("module native restarts", "tx handlers")),
    (ev.ModuleRestarted("native", False, False), Line("module native restarts", "no handlers")),
    (ev.ChainSplit(56, ((N0,), (N1,)), "VLAN differs"), Line("the chain splits into 2 runs", "VLAN differs")),
    (ev.ChainRelinked(56, (N0, N1)), Line("12.0, 12.1 linked again")),
    (ev.ClassifyBegan(57, (N0,), (1, None), {}), Line("57 OUTBOUND_MAC_FRAME_ETHERNET · 12.0", "2 fields")),
    (ev.SublayerEntered(KEY, True), Line(SUB, "rights: write")),
    (ev.SublayerEntered(KEY, False), Line(SUB, "no write right")),
    (ev.FilterTested(FILTER), Line(NAMED, "all conditions true")),
    (ev.FilterTested(FILTER, (0,), 5, 0x0800), Line(NAMED, "no match", "skipped")),
    (ev.CalloutEntered(KEY, "drv", FILTER, (N0,), CONTINUE, True, "drv.py:1"),
     Line(f"{CALLOUT}.classify(12.0)", "rights: write")),
    (ev.CalloutReturned(KEY, BLOCK, False, 1), Line(f"{CALLOUT} returns absorb", "no write right", "absorb")),
    (ev.CalloutReturned(KEY, PERMIT, True, 0), Line(f"{CALLOUT} returns permit", "rights: write", "permit")),
    (ev.CalloutFailed("drv", "classify", "ValueError: x", ()), Line("drv.classify failed", "ValueError: x", "error")),
    (ev.CalloutDefaulted(KEY, FILTER, BLOCK), Line(f"{CALLOUT} is not registered: block", "", "block")),
    (ev.FilterDecided(FILTER, BLOCK, True, False), Line(f"{NAMED} says block, hard", "", "block")),
    (ev.FilterDecided(FILTER, CONTINUE, False, False), Line(f"{NAMED} says continue")),
    (ev.SublayerDecided(KEY, PERMIT, FILTER), Line(f"{SUB} says permit", f"by {NAMED}", "permit")),
    (ev.SublayerDecided(KEY, CONTINUE, None), Line(f"{SUB} says continue", "no filter decided")),
    (ev.ActionArbitrated(KEY, PERMIT, False, BLOCK, True, "soft permit overridden", FILTER, None, True),
     Line("layer so far: block, hard", "soft permit overridden, veto", "block")),
    (ev.ClassifyEnded(57, (N0,), BLOCK, True, FILTER, True, False),
     Line("verdict at 57: absorb", f"by {NAMED}", "absorb")),
    (ev.ClassifyEnded(57, (N0,), PERMIT, False, None, False, False),
     Line("verdict at 57: permit", "default of the layer", "permit")),
    (ev.DropAudited(N0, FILTER, 57, None, None, None, None, 0, 6, 1, 0, 0x3901),
     Line("net event: 12.0 dropped at 57", f"by {NAMED}")),
    (ev.FrameAbsorbed(N0, 0), Line("12.0 is absorbed", "nobody holds it", "absorb")),
    (ev.FrameAbsorbed(N0, 2), Line("12.0 is absorbed", "held by 2", "absorb")),
    (ev.OriginalHeld(N0, 0, 1), Line("12.0 is held", "0 references, 1 clone", "pending")),
    (ev.OriginalReleased(N0), Line("12.0 is released", "its last holder is gone")),
    (ev.FrameDelivered((N0,), "protocols"), Line("12.0 reaches the protocols", "", "permit")),
    (ev.FrameDelivered((N0,), "wire"), Line("12.0 reaches the wire", "", "permit")),
    (ev.OriginalReturned(N0, 0), Line("12.0 returns to the miniport", "STATUS_SUCCESS")),
    (ev.OriginalCompleted(N0, 0xC0000001), Line("12.0 is completed to its sender", "STATUS_UNSUCCESSFUL", "error")),
    (ev.FrameFinished(12, "absorbed"), Line("frame 12 is done", "absorbed", "absorb")),
    (ev.StackCaptured("FwpsReferenceNetBufferList0", ("classify a.py:9", "keep a.py:12")),
     Line("on the way to FwpsReferenceNetBufferList0", "classify a.py:9 › keep a.py:12")),
    (ev.StateQueried(nbl=N0, handle="H1", state="FWPS_PACKET_NOT_INJECTED", context=None),
     Line("query injection state of 12.0", "N, not injected")),
    (ev.NblReferenced(nbl=N0, count=1, intend_to_modify=True), Line("reference 12.0", "count 1, to modify it")),
    (ev.NblDereferenced(nbl=N0, count=0), Line("dereference 12.0", "count 0")),
    (ev.NblCloned(parent=N0, clone=N1, status=0), Line("clone 12.0", "→ 12.1")),
    (ev.NblCloned(parent=N0, clone=None, status=0xC000009A),
     Line("clone 12.0", "STATUS_INSUFFICIENT_RESOURCES", "error")),
    (ev.NblAllocated(nbl=N1, status=0), Line("allocate an NBL", "→ 12.1")),
    (ev.NblFreed(nbl=N1, function="FwpsFreeCloneNetBufferList0"), Line("free 12.1", "free_clone_net_buffer_list")),
    (ev.MdlAllocated(mdl="12:3", memory=TAKEN, data=b"ab"), Line("allocate MDL 12:3", "2 bytes")),
    (ev.MdlFreed(mdl="12:3", memory=TAKEN), Line("free MDL 12:3")),
    (ev.PoolAllocated(pool="pool 1"), Line("allocate pool 1")),
    (ev.PoolFreed(pool="pool 1"), Line("free pool 1")),
    (ev.DataWritten(nbl=N1, memory=TAKEN, offset=0, old=b"abcdef", new=b"ghijkl", sharers=(N1,)),
     Line("write 12.1, bytes 0–5", "own memory")),
    (ev.DataWritten(nbl=None, memory=TAKEN, offset=4, old=b"a", new=b"b", sharers=(N0, N1)),
     Line("write memory, byte 4", "seen by 12.0, 12.1")),
    (ev.OffsetChanged(nbl=N0, delta=-14, status=0, new_mdl=None), Line("retreat 12.0 by 14 bytes", "STATUS_SUCCESS")),
    (ev.OffsetChanged(nbl=N0, delta=1, status=0, new_mdl="12:4"), Line("advance 12.0 by 1 byte", "new MDL 12:4")),
    (ev.MemberWritten(nbl=N0, member="Next", old="NULL", new="12.1"), Line("12.0.Next = 12.1", "was NULL")),
    (ev.InjectCalled(function="FwpsInjectMacSendAsync0", handle="H1", layer=57, interface=1, port=0, nbls=(N1,),
                     completion="done"),
     Line("inject_mac_send_async(57, 12.1)", "handle H1", "inject")),
    (ev.InjectRefused(function="FwpsInjectMacSendAsync0", layer=57, nbls=(N1,), status=0xC0220101),
     Line("refused: 12.1 at 57", "STATUS_FWP_INJECT_HANDLE_CLOSING", "error")),
    (ev.InjectAccepted(injection=7, function="FwpsInjectMacSendAsync0", layer=57, nbls=(N1,)),
     Line("accepted: injection 7", "STATUS_SUCCESS", "inject")),
    (ev.CompletionReturned(7, 1), Line("completion function returned", "injection 7, segment 1")),
    (ev.InjectionEnded(7, N1, "sent", 0), Line("fate of 12.1: sent", "injection 7, STATUS_SUCCESS", "permit")),
    (ev.InjectionEnded(7, N1, "failed", 0xC0000206),
     Line("fate of 12.1: failed", "injection 7, STATUS_INVALID_BUFFER_SIZE", "error")),
    (ev.WorkQueued(function="later", due_ns=1_500_000, is_timer=False), Line("queue work: later", "due at 1.500 ms")),
    (ev.WorkQueued(function="later", due_ns=1_500_000, is_timer=True),
     Line("set a timer for later", "due at 1.500 ms")),
    (ev.HandleCreated(handle="H1", flags=1, address_family=None, status=0), Line("create an injection handle", "H1")),
    (ev.HandleCreated(handle=None, flags=1, address_family=None, status=0xC000000D),
     Line("create an injection handle", "STATUS_INVALID_PARAMETER", "error")),
    (ev.HandleClosing(handle="H1", pending=2), Line("destroy injection handle H1", "2 pending")),
    (ev.HandleClosed("H1"), Line("injection handle H1 is closed")),
    (ev.Notified(KEY, "FWPS_CALLOUT_NOTIFY_ADD_FILTER", FILTER, 0),
     Line(f"{CALLOUT}.notify(add_filter, {NAMED})", "STATUS_SUCCESS")),
    (ev.CalloutRegistered(KEY, "drv", 0x80), Line(f"callout registered: {CALLOUT}", "drv, flags 0x80")),
    (ev.CalloutUnregistered(KEY, "drv"), Line(f"callout unregistered: {CALLOUT}", "drv")),
    (ev.FilterAdded(FILTER, KEY), Line(f"filter added: {NAMED}", "73507")),
    (ev.FilterDeleted(FILTER, KEY), Line(f"filter deleted: {NAMED}", "73507")),
    (ev.RuleBroken("M06", "E", "12.1 is freed in flight", line="drv.py:3"),
     Line("M06 12.1 is freed in flight", "drv.py:3", "error")),
    (ev.RuleBroken("M48", "W", "held too long"), Line("M48 held too long", "", "warn")),
    (ev.ForeignHandOver(N1, 7, "the miniport"),
     Line("12.1 reaches the miniport, which never owned it", "injection 7", "error")),
    (ev.FilterAdded(FILTER, KEY, "drv"), Line(f"filter added: {NAMED}", "73507, by drv")),
    (ev.FilterDeleted(FILTER, KEY, "drv"), Line(f"filter deleted: {NAMED}", "73507, by drv")),
    (ev.ModuleBypassed("native", 58, (N0,), "the module is Paused: unfiltered"),
     Line("12.0 goes past module native", "the module is Paused: unfiltered", "skipped")),
    (ev.ModulePausing("native", 3, 0, "drv: no handlers become tx handlers"),
     Line("module native of interface 3 is Pausing", "drv: no handlers become tx handlers", "pending")),
    (ev.ModulePausing("native", 3, 2, "why"),
     Line("module native of interface 3 is Pausing", "waits for 2 injected NBLs", "pending")),
    (ev.ModuleStateChanged("native", 3, "Running", True, True),
     Line("module native of interface 3 is Running", "tx and rx handlers")),
    (ev.ModuleStateChanged("native", 3, "Detached", False, False),
     Line("module native of interface 3 is Detached", "no handlers")),
    (ev.ModuleRefused("native", 3, 59, (N0,), "Paused", 0xC023002A),
     Line("module native is Paused and refuses 12.0", "STATUS_NDIS_PAUSED", "error")),
    (ev.CableOut(3, (N0,), 0xC023001F),
     Line("interface 3 cannot send 12.0", "STATUS_NDIS_MEDIA_DISCONNECTED", "error")),
    (ev.LinkChanged(3, False), Line("cable of interface 3 is out")),
    (ev.LinkChanged(3, True), Line("cable of interface 3 is back")),
    (ev.CompletionLost(7, N1), Line("completion of 12.1 is lost", "injection 7: its module has restarted", "error")),
    (ev.PowerChanged("leaving S0", 2), Line("the system is leaving S0", "2 NBLs held")),
    (ev.PowerChanged("S0", 0), Line("the system is back in S0", "nothing held")),
    (ev.HandleWaiting("H1", 2), Line("waits for handle H1", "2 pending", "pending")),
    (ev.UnloadBlocked("drv", "it waits"), Line("unload of drv is blocked", "it waits", "error")),
    (ev.DriverUnloaded("drv"), Line("driver drv is unloaded")),
    (ev.DriverEntryFailed("drv", 0xC000009A),
     Line("DriverEntry of drv fails: the driver is not loaded", "STATUS_INSUFFICIENT_RESOURCES", "error")),
    (ev.CallRefused("FwpmFilterAdd0", 0xC0220009, "there already"),
     Line("FwpmFilterAdd0 fails: there already", "STATUS_FWP_ALREADY_EXISTS", "error")),
    (ev.SessionOpened(2, True), Line("open engine session 2", "dynamic")),
    (ev.SessionOpened(2, False), Line("open engine session 2")),
    (ev.SessionClosed(2), Line("engine session 2 is closed")),
    (ev.TransactionCommitted("drv", 1, 2), Line("drv changes the policy", "1 added, 2 deleted")),
    (ev.ObjectAdded("sublayer", KEY, "mine", "drv"), Line("sublayer added: mine", "by drv")),
    (ev.ObjectDeleted("sublayer", KEY, "mine", "drv"), Line("sublayer deleted: mine", "by drv")),
    (ev.TimerCancelled("later", True), Line("cancel the timer for later")),
    (ev.TimerCancelled("later", False), Line("cancel the timer for later", "it was not set any more")),
    (ev.WaitBegan("drained"), Line("wait until drained", "the machine goes on", "pending")),
    (ev.WaitEnded(0), Line("the wait is over", "STATUS_SUCCESS")),
    (ev.WaitEnded(0x102), Line("the wait is over", "STATUS_TIMEOUT", "error")),
    (ev.BugCheckSimulated("0xC4", "double free"), Line("simulated stop 0xC4", "double free", "fatal")),
    (ev.LineExecuted("out.absorb()", **STEP), Line("out.absorb()", "line 41")),
    (ev.LineExecuted(**STEP), Line("drv.py:41", "line 41")),
    (ev.FunctionReturned("12", **STEP), Line("classify returns", "12")),
    (ev.FunctionReturned(None, "ValueError", **STEP), Line("classify raised", "ValueError", "error")),
    (ev.LinesLeftOut("drv", "drv.py:41", "classify", 1000),
     Line("further lines are not recorded", "1000 in one classify", "skipped")),
    (ev.StallDetected("inbound", 1, 64, {"drv": 63, "a": 1}, None, N1, 2_000_000),
     Line("inbound stalls on interface 1: 64 NBLs held", "by a 1, drv 63; 12.1 for 2.000 ms", "error")),
    (ev.LoopDetected(12, N1, 57, FILTER, KEY, 9),
     Line(f"frame 12 goes round: 12.1 meets {NAMED} again", "9 times at 57 OUTBOUND_MAC_FRAME_ETHERNET", "error")),
    (ev.DeepCopiedByEngine(N1, "why", {}), Line("the engine copies the data of 12.1", "why", "info")),
    (ev.DropAudited(N0, FilterId(0), 56, None, None, None, None, 0, 6, 1, 0, 0x3900, kept=False),
     Line("net event: 12.0 dropped at 56", "by the layer's default, not kept")),
    (ev.InlineBegan(7), Line("the frame goes its way inside of the call", "injection 7", "inject")),
    (ev.InlineEnded(7), Line("back in the injection call", "injection 7")),
    (ev.NblTagged(N1, 1, 7, 58, 0), Line("tag 12.1 with 1", "STATUS_SUCCESS")),
    (ev.TagRetrieved(N1, 1, 7, False, 0), Line("retrieve tag 1 of 12.1", "context 7")),
    (ev.TagRetrieved(N1, 1, None, True, 0xC0000225),
     Line("remove tag 1 of 12.1", "STATUS_NOT_FOUND", "error")),
    (ev.TagNotified(N1, 1, 7, "FWPS_NET_BUFFER_LIST_EXIT_NETIO", 58, "drv"),
     Line("tag 1 of 12.1: EXIT_NETIO", "drv is notified")),
]


@pytest.mark.parametrize(("event", "line"), LINES, ids=lambda value: type(value).__name__)
def test_an_event_reads_as_its_line(event, line):
    assert describe(event, Names()) == line


def test_no_kind_of_event_is_left_out():
    assert {type(event) for event, _ in LINES} == set(get_args(ev.TraceEvent))


def test_a_policy_gives_the_names_and_says_what_a_filter_saw():
    names = Names(a_policy())

    tested = describe(ev.FilterTested(FILTER, (0,), 6, 0x6014), names)
    entered = describe(ev.SublayerEntered(KEY, True), names)

    assert tested == Line("VLAN 20 quarantine", "no match, saw VLAN_ID 0x6014", "skipped")
    assert entered == Line("Contoso L2", "rights: write")


def test_a_line_reads_whole_as_text():
    assert [str(Line("clone 12.0", "→ 12.1")), str(Line("free MDL 12:3"))] == ["clone 12.0: → 12.1", "free MDL 12:3"]


def test_a_long_chain_is_counted():
    assert nbls_text([NblId(f"{n}.0") for n in range(1, 6)]) == "1.0, 2.0, 3.0 and 2 more"


def test_kernel_names_become_those_that_scripts_use():
    kernel = ["NdisFreeMdl", "FwpsInjectMacReceiveAsync0", "own_function"]
    assert [python_name(name) for name in kernel] == ["free_mdl", "inject_mac_receive_async", "own_function"]


def a_policy() -> Policy:
    condition = Condition(
        field="VLAN_ID", match=MatchType.FWP_MATCH_EQUAL, value=Value(type=DataType.FWP_UINT16, value=20), field_index=6
    )
    quarantine = Filter(
        name="VLAN 20 quarantine", layer=OUTBOUND_MAC_FRAME_ETHERNET.name, action=ActionType.FWP_ACTION_BLOCK, key=KEY,
        sublayer=KEY, id=FILTER, layer_id=57, effective_weight=1, lifetime=Lifetime.STATIC, conditions=(condition,),
    )  # fmt: skip
    sublayer = Sublayer(name="Contoso L2", key=KEY, requested_weight=1, lifetime=Lifetime.STATIC)
    return Policy(
        providers={}, sublayers=MappingProxyType({KEY: sublayer}), callouts={}, filters={KEY: quarantine},
        filter_by_id={FILTER: quarantine}, layers={},
    )  # fmt: skip
