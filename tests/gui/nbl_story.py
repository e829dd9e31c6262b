"""Two stories by hand: frame 12 is absorbed, cloned and reinjected; frames 21-23 go out as a chain in two segments."""

from typing import Any

import msgspec

from engine.ndis.snapshot import (
    HistoryEntry,
    MdlSnapshot,
    MemoryId,
    NblId,
    NblKind,
    NblSnapshot,
    NblState,
    NetBufferSnapshot,
)
from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.wfp.types import FilterId, Guid

CALLOUT = Guid("{00000000-0000-0000-0000-0000000000c1}")
SCRIPT = "mac_rewrite.py"
HEADER = bytes.fromhex("020000000001020000000c070800")
OWN = bytes.fromhex("0200000000fe020000000c070800")
ORIGINAL, CLONE = NblId("12.0"), NblId("12.1")
CALL: dict[str, Any] = {"driver": "mac_rewrite"}


def changed(snapshot, **members):
    return msgspec.structs.replace(snapshot, **members)


def a_mdl(memory, start, count, owner="engine"):
    return MdlSnapshot(f"{memory}@{start}", MemoryId(memory), start, count, owner)


def a_buffer(offset, length, *mdls):
    return NetBufferSnapshot(offset, length, 0, offset, mdls)


def an_nbl(id_, kind=NblKind.ORIGINAL, **members):
    defaults = {
        "state": NblState.INDICATED if kind is NblKind.ORIGINAL else NblState.ALLOCATED, "owner": "engine",
        "next": None, "parent": None, "child_ref_count": 0, "references": 0, "status": None, "net_buffers": (),
        "vlan": None, "history": (), "origin": None, "completion": None,
    }  # fmt: skip
    return NblSnapshot(id=NblId(id_), kind=kind, **(defaults | members))


FRESH = an_nbl("12.0", vlan=0x6014,
               net_buffers=(a_buffer(66, 98, a_mdl("12:1", 0, 80), a_mdl("12:2", 0, 96)),))
HELD = changed(FRESH, child_ref_count=1)
CLONED = an_nbl("12.1", NblKind.CLONE, parent=ORIGINAL, owner="mac_rewrite", origin=f"{SCRIPT}:34",
                net_buffers=(a_buffer(0, 98, a_mdl("12:1", 66, 14), a_mdl("12:2", 0, 84)),))
REWRITTEN = changed(CLONED, net_buffers=(a_buffer(0, 98, a_mdl("12:3", 0, 14, "mac_rewrite"), a_mdl("12:2", 0, 84)),))
FLYING = changed(REWRITTEN, state=NblState.IN_FLIGHT, owner="engine", completion="mac_done",
                 history=(HistoryEntry("H1", "mac_rewrite", None, 57, 7),))
DONE = changed(FLYING, state=NblState.COMPLETED, owner="mac_rewrite", status=0, completion=None)
FREED = changed(DONE, state=NblState.FREED)
MEMORIES = {MemoryId("12:1"): bytes(66) + HEADER, MemoryId("12:2"): bytes(96)}

REWRITE: tuple[ev.TraceEvent, ...] = (
    ev.FrameEntered(12, "outbound", 7, 0, 98, 1, 0, MEMORIES, changed=(FRESH,)),
    ev.ClassifyBegan(57, (ORIGINAL,), (), {}),
    ev.FilterTested(FilterId(7)),
    ev.CalloutEntered(CALLOUT, "mac_rewrite", FilterId(7), (ORIGINAL,), "FWP_ACTION_CONTINUE", True, f"{SCRIPT}:30"),
    ev.NblCloned(ORIGINAL, CLONE, 0, line=f"{SCRIPT}:34", changed=(HELD, CLONED), **CALL),
    ev.MdlAllocated("12:3", MemoryId("12:3"), HEADER, line=f"{SCRIPT}:35", **CALL),
    ev.MemberWritten(CLONE, "MdlChain", "12:1", "12:3", line=f"{SCRIPT}:37", changed=(REWRITTEN,), **CALL),
    ev.DataWritten(CLONE, MemoryId("12:3"), 0, HEADER[:6], OWN[:6], (CLONE,), line=f"{SCRIPT}:36", **CALL),
    ev.InjectAccepted(7, "FwpsInjectMacSendAsync0", 57, (CLONE,), line=f"{SCRIPT}:41", changed=(FLYING,), **CALL),
    ev.CalloutReturned(CALLOUT, "FWP_ACTION_BLOCK", False, 1),
    ev.ClassifyEnded(57, (ORIGINAL,), "FWP_ACTION_BLOCK", True, FilterId(7), True, False),
    ev.FrameReentered(7, 57, (CLONE,)),
    ev.ClassifyBegan(57, (CLONE,), (), {}),
    ev.ClassifyEnded(57, (CLONE,), "FWP_ACTION_PERMIT", False, FilterId(7), False, False),
    ev.ModuleBypassed("native", 59, (CLONE,)),
    ev.FrameDelivered((CLONE,), "wire"),
    ev.InjectionEnded(7, CLONE, "sent", 0),
    ev.InjectCompleted(7, 1, (CLONE,), (0,), 0, True, "mac_done", "mac_rewrite", changed=(DONE,)),
    ev.NblFreed(CLONE, "FwpsFreeCloneNetBufferList0", line=f"{SCRIPT}:52",
                changed=(FREED, changed(HELD, child_ref_count=0)), **CALL),
    ev.CompletionReturned(7, 1),
    ev.FrameFinished(12, "absorbed"),
)
ACCEPTED = 9
"""Records after which the clone is in flight: the picture of the look."""


def a_trace(*parts):
    """A trace of (frame, events); one record a millisecond."""
    trace = Trace()
    for frame, events in parts:
        for event in events:
            trace.append(event, frame, len(trace) * 1_000_000, 0)
    return trace


def rewrite_trace():
    return a_trace((12, REWRITE))


def _sent(number, following, **members):
    history = (HistoryEntry("H1", "chain_sender", None, 57, 9),)
    return an_nbl(f"{number}.1", NblKind.NEW, state=NblState.IN_FLIGHT, next=following, history=history,
                  completion="sent", net_buffers=(a_buffer(0, 60, a_mdl(f"{number}:9", 0, 64, "chain_sender")),),
                  **members)


A, B, C = (NblId(f"{number}.1") for number in (21, 22, 23))
CHAIN = (_sent(21, B), _sent(22, C), _sent(23, None))
_DONE_B = changed(CHAIN[1], state=NblState.COMPLETED, owner="chain_sender", status=0)
_DONE_C = changed(CHAIN[2], state=NblState.COMPLETED, owner="chain_sender", status=0xC0000206)


def chain_trace(until=None):
    """Frame 23's classify injects 21.1 → 22.1 → 23.1; segment 1 has 22.1 and 23.1, segment 2 has 21.1."""
    parts = (
        (21, (ev.FrameEntered(21, "outbound", 7, 0, 60, 1, 0, {}, changed=(an_nbl("21.0"),)),)),
        (23, (ev.InjectAccepted(9, "FwpsInjectMacSendAsync0", 57, (A, B, C), line="sender.py:58", changed=CHAIN),)),
        (21, (ev.ClassifyBegan(57, (A, B, C), (), {}), ev.FrameDelivered((A, B, C), "wire"))),
        (22, (ev.InjectCompleted(9, 1, (B, C), (0, 0xC0000206), 1, True, "sent", "chain_sender",
                                 changed=(_DONE_B, _DONE_C, changed(CHAIN[0], next=None))),)),
        (21, (ev.InjectCompleted(9, 2, (A,), (0x40000000,), 0, True, "sent", "chain_sender"),)),
    )
    return a_trace(*parts[:until])
