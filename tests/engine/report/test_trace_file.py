"""A trace goes into its file and comes back: every kind of event, every member."""

import json
from typing import get_args

import msgspec
import pytest

from engine.ndis.snapshot import (
    HistoryEntry,
    MdlSnapshot,
    MemoryId,
    NblId,
    NblKind,
    NblSnapshot,
    NblState,
    NetBufferSnapshot,
)  # fmt: skip
from engine.report.trace_file import TraceFileError, read_trace, trace_line
from engine.trace import events as ev
from engine.trace.trace import Record
from engine.wfp.types import FilterId, Guid

KEY, FILTER, N0, N1 = Guid("{00000000-0000-0000-0000-000000000001}"), FilterId(73507), NblId("12.0"), NblId("12.1")
PERMIT = "FWP_ACTION_PERMIT"
SNAPSHOT = NblSnapshot(
    N1, NblKind.CLONE, NblState.IN_FLIGHT, "engine", None, N0, 0, 1, None,
    (NetBufferSnapshot(66, 60, 0, 66, (MdlSnapshot("12:1", MemoryId("12:1"), 0, 126, "engine"),)),),
    0x6014, (HistoryEntry("H1", "drv", None, 57, 7),), "drv.py:3", "done")  # fmt: skip
CALL = {"driver": "drv", "line": "drv.py:9", "changed": (SNAPSHOT,)}

EVENTS = [
    ev.SessionBegan("0.1", 1, {"mtu": "9000"}),
    ev.FrameEntered(12, "outbound", 1, 0, 98, 1, 0, {MemoryId("12:1"): b"\0\xff{}"}, changed=(SNAPSHOT,)),
    ev.FrameSkipped(12, 'why "not"\n\u2028'),
    ev.FrameReentered(7, 57, (N1,)),
    ev.InjectCompleted(7, 1, (N1, N0), (0, 0xC0000206), 3, True, "done", "drv"),
    ev.WorkStarted("drv", "later", True),
    ev.DriverStarted("drv", "a/drv.py"),
    ev.DriverStopped("drv"),
    ev.AdversityStruck("restart_module native"),
    ev.AdversityEnded("delete_filter x", "there is no filter 'x'"),
    ev.TransactionBegan(2),
    ev.ModuleEntered("802.3", 57, (N0,)),
    ev.ModuleLeft("802.3", 57, ()),
    ev.ModuleBypassed("native", 59, (N0,)),
    ev.FrameConverted((N0,), "802.3", {MemoryId("12:3"): b"\x02\xff"}),
    ev.StayedAtNative(56, (N0,), "802.11 management frame (beacon)"),
    ev.ModuleRestarted("native", True, False),
    ev.ChainSplit(56, ((N0,), (N1,)), "VLAN differs"),
    ev.ChainRelinked(56, (N0, N1)),
    ev.ClassifyBegan(57, (N0,), (1, None, "02:00:00:00:00:01"), {"frameLength": 60}),
    ev.SublayerEntered(KEY, True),
    ev.FilterTested(FILTER),
    ev.CalloutEntered(KEY, "drv", FILTER, (N0,), PERMIT, True, "drv.py:1"),
    ev.CalloutReturned(KEY, PERMIT, False, 1),
    ev.CalloutFailed("drv", "classify", "ValueError: x", ("drv.py:3 in classify: x",)),
    ev.CalloutDefaulted(KEY, FILTER, PERMIT),
    ev.FilterDecided(FILTER, PERMIT, True, False),
    ev.SublayerDecided(KEY, PERMIT, FILTER),
    ev.ActionArbitrated(KEY, PERMIT, False, PERMIT, True, "first decision", FILTER, None, True),
    ev.ClassifyEnded(57, (N0,), PERMIT, True, None, False, False),
    ev.DropAudited(N0, FILTER, 57, None, "02:00:00:00:00:02", 0x0806, None, 0, 6, 1 << 24, 0, 0x3901),
    ev.FrameAbsorbed(N0, 2),
    ev.OriginalHeld(N0, 0, 1),
    ev.OriginalReleased(N0),
    ev.FrameDelivered((N0,), "wire"),
    ev.OriginalReturned(N0, 0),
    ev.OriginalCompleted(N0, 0xC0000001),
    ev.FrameFinished(12, "sent"),
    ev.StackCaptured("FwpsFreeMdl", ("classify drv.py:9", "give_back drv.py:12"), **CALL),
    ev.StateQueried(N0, "H1", "FWPS_PACKET_NOT_INJECTED", None, **CALL),
    ev.NblReferenced(N0, 1, False, **CALL),
    ev.NblDereferenced(N0, 0, **CALL),
    ev.NblCloned(N0, N1, 0, **CALL),
    ev.NblAllocated(None, 0xC000009A, **CALL),
    ev.NblFreed(N1, "FwpsFreeCloneNetBufferList0", **CALL),
    ev.MdlAllocated("12:2", MemoryId("12:2"), bytes(range(256)), **CALL),
    ev.MdlFreed("12:2", MemoryId("12:2"), **CALL),
    ev.PoolAllocated("P1", **CALL),
    ev.PoolFreed("P1", **CALL),
    ev.DataWritten(N1, MemoryId("12:2"), 4, b"\0", b"\1", (N0, N1), **CALL),
    ev.OffsetChanged(N1, -14, 0, None, **CALL),
    ev.MemberWritten(N1, "next", "None", "12.2", **CALL),
    ev.InjectCalled("FwpsInjectMacSendAsync0", "H1", 57, 1, 0, (N1,), "done", **CALL),
    ev.InjectRefused("FwpsInjectMacSendAsync0", 57, (N1,), 0xC000000D, **CALL),
    ev.InjectAccepted(7, "FwpsInjectMacSendAsync0", 57, (N1,), **CALL),
    ev.CompletionReturned(7, 1),
    ev.InjectionEnded(7, N1, "sent", 0),
    ev.WorkQueued("later", 5_000, False, **CALL),
    ev.HandleCreated(None, 16, 0, 0xC000009A, **CALL),
    ev.HandleClosing("H1", 2, **CALL),
    ev.HandleClosed("H1"),
    ev.Notified(KEY, "ADD_FILTER", FILTER, 0),
    ev.CalloutRegistered(KEY, "drv", 0x80),
    ev.CalloutUnregistered(KEY, "drv"),
    ev.FilterAdded(FILTER, KEY),
    ev.FilterDeleted(FILTER, KEY),
    ev.RuleBroken("M06", "F", "again and again", N1, "drv", "drv.py:3"),
    ev.ForeignHandOver(N1, 7, "the miniport"),
    ev.BugCheckSimulated("STOP", "reached a stranger"),
    ev.ModulePausing("native", 3, 2, "driver: no handlers become tx handlers"),
    ev.ModuleStateChanged("native", 3, "Running", True, False),
    ev.ModuleRefused("native", 3, 59, (N0,), "Paused", 0xC023002A, changed=(SNAPSHOT,)),
    ev.CableOut(3, (N0,), 0xC023001F),
    ev.LinkChanged(3, False),
    ev.CompletionLost(7, N1, changed=(SNAPSHOT,)),
    ev.PowerChanged("leaving S0", 2),
    ev.HandleWaiting("H1", 2, **CALL),
    ev.UnloadBlocked("drv", "waits for H1"),
    ev.DriverUnloaded("drv"),
    ev.DriverEntryFailed("drv", 0xC000009A),
    ev.CallRefused("FwpmFilterAdd0", 0xC0220009, "there already", **CALL),
    ev.SessionOpened(2, True, **CALL),
    ev.SessionClosed(2, **CALL),
    ev.TransactionCommitted("drv", 1, 0),
    ev.ObjectAdded("sublayer", KEY, "mine", "drv"),
    ev.ObjectDeleted("sublayer", KEY, "mine", "drv"),
    ev.TimerCancelled("later", True, **CALL),
    ev.WaitBegan("drained", **CALL),
    ev.WaitEnded(0x102, **CALL),
    ev.LineExecuted("status = 1", driver="drv", line="drv.py:9", function="classify", call=3, level=1,
                    locals={"a": "b'\\x00'"}),
    ev.FunctionReturned("None", driver="drv", line="drv.py:9", function="classify", call=3, level=0, locals={"a": ""}),
    ev.LinesLeftOut("drv", "drv.py:9", "classify", 1000),
    ev.StallDetected("inbound", 1, 64, {"drv": 64}, KEY, N1, 2_000_000),
    ev.LoopDetected(12, N1, 57, FILTER, KEY, 9),
    ev.DeepCopiedByEngine(N1, "why", {MemoryId("12:4"): b"data"}),
    ev.InlineBegan(7),
    ev.InlineEnded(7),
    ev.NblTagged(N1, 1, 7, 58, 0, **CALL),
    ev.TagRetrieved(N1, 1, 7, False, 0, **CALL),
    ev.TagNotified(N1, 1, 7, "FWPS_NET_BUFFER_LIST_EXIT_NETIO", 58, "drv"),
]


def records():
    return [Record(seq, 12, seq * 1_000, 2, seq % 5, event) for seq, event in enumerate(EVENTS)]


def test_every_kind_of_event_is_tried():
    assert {type(event) for event in EVENTS} == set(get_args(ev.TraceEvent))


def test_what_is_written_is_read_again():
    assert list(read_trace(map(trace_line, records()))) == records()


@pytest.mark.parametrize("record", records(), ids=lambda record: type(record.event).__name__)
def test_the_envelope_is_around_the_event_and_shares_no_member_with_it(record):
    line = trace_line(record)
    members = [name for name, _ in json.loads(line, object_pairs_hook=list)]

    own = list(type(record.event).__struct_fields__)
    assert members == ["seq", "frame", "time_ns", "kind", *own, "irql", "depth"]
    assert len(set(members)) == len(members)
    assert b"\n" not in line
    assert json.loads(line)["kind"] == type(record.event).__name__


def test_blank_lines_are_passed_over():
    assert list(read_trace([b"\n", trace_line(records()[1]) + b"\r\n", b"  "])) == [records()[1]]


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b'{"seq":1}', b"\xff", b'{"seq":1,"frame":1,"time_ns":1,"irql":0,"depth":0,"kind":"Nothing"}',
     b'{"seq":1,"frame":1,"time_ns":1,"irql":0,"depth":0,"kind":"HandleClosed","handle":5}', b"[" * 100_000],
)  # fmt: skip
def test_a_line_that_is_none_is_told_with_its_number(line):
    with pytest.raises(TraceFileError) as error:
        list(read_trace([trace_line(records()[0]), line], "a.jsonl"))

    assert str(error.value).startswith("a.jsonl, line 2: ")
    assert "\n" not in str(error.value)


def test_the_encoder_is_the_one_that_tags_events():
    assert msgspec.json.decode(trace_line(records()[7]), type=ev.TraceEvent) == EVENTS[7]
