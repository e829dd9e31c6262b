"""Explanations of what watchdogs notice, of the engine's own copies, and of packet tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.report.explain.explanation import Explanation, Scene, chosen, documented, escape
from engine.trace import events as ev


def stall_detected(_: Scene, event: ev.StallDetected) -> Explanation:
    what = "receive ring" if event.direction == "inbound" else "send window"
    age = event.age_ns / 1e6
    return Explanation(
        f"{event.direction} stalls on interface {event.interface}",
        ((f"The {what} is full: {event.held} NBLs are held by callouts, the oldest, {event.oldest}, for {age:g} ms. "
          "Nothing more arrives until somebody gives one back."),),
        (documented("callouts that mishandle reference counts stop sending and receiving"),
         chosen("2.5", "the size of the ring and of the window: `rx_ring_size`, `tx_window`")))


def loop_detected(_: Scene, event: ev.LoopDetected) -> Explanation:
    return Explanation(
        f"Frame {event.lineage} is inspected again and again",
        ((f"{event.nbl} descends from frame {event.lineage}, and its lineage meets this filter for the "
          f"{event.times}th time. The engine lets it pass here, so that the run can go on."),),
        (documented("injected frames may be classified again: query the injection state first"),
         chosen("M06", "`loop_limit`")))


def deep_copied(_: Scene, event: ev.DeepCopiedByEngine) -> Explanation:
    size = sum(len(data) for data in event.memories.values())
    return Explanation(
        f"The engine copies the data of {event.nbl}",
        (f"{escape(event.reason)}. {size} bytes are copied, and what is written from now on has no other reader.",),
        (chosen("CH-07, CH-35", "when the engine makes copies of its own"),))


def nbl_tagged(_: Scene, event: ev.NblTagged) -> Explanation:
    return Explanation(
        f"{event.nbl} is tagged with {event.tag}",
        ("The driver's notify function is called when something happens to the tagged NBL.",),
        (documented("packet tagging: FwpsNetBufferListAssociateContext1"),))


def tag_retrieved(_: Scene, event: ev.TagRetrieved) -> Explanation:
    what = "and removed" if event.removed else "and left in place"
    heading = f"Context of tag {event.tag} is asked for"
    text = f"{event.nbl} has no such tag." if event.context is None else f"It is {event.context}, {what}."
    return Explanation(heading, (text,), (documented("packet tagging: FwpsNetBufferListRetrieveContext0"),))


def tag_notified(_: Scene, event: ev.TagNotified) -> Explanation:
    return Explanation(
        f"The notify function of tag {event.tag} is called", (f"{escape(event.event)} at layer {event.layer}.",),
        (documented("FWPS_NET_BUFFER_LIST_EVENT_TYPE0"),))


def inline_began(_: Scene, event: ev.InlineBegan) -> Explanation:
    return Explanation(
        f"Injection {event.injection} goes its way inside of the call",
        ("The frame is classified, leaves, and is completed before the injection function returns: callouts recurse.",),
        (chosen("CH-25", "`reenter_inline`; by default the way is queued"),))


def inline_ended(_: Scene, event: ev.InlineEnded) -> Explanation:
    return Explanation(
        f"Injection {event.injection} is over, and its call returns",
        (("Its frame has gone its whole way meanwhile. The callout that injected goes on, and may still give its "
          "verdict."),),
        (chosen("CH-25", "`reenter_inline`"),))


EXPLAINERS: dict[type[Any], Callable[[Scene, Any], Explanation]] = {
    ev.StallDetected: stall_detected,
    ev.LoopDetected: loop_detected,
    ev.DeepCopiedByEngine: deep_copied,
    ev.NblTagged: nbl_tagged,
    ev.TagRetrieved: tag_retrieved,
    ev.TagNotified: tag_notified,
    ev.InlineBegan: inline_began,
    ev.InlineEnded: inline_ended,
}
