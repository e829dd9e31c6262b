"""Texts of what watchdogs notice, of the engine's own copies, and of packet tags."""

from __future__ import annotations

from typing import assert_never

from engine.ndis.status import status_name
from engine.report.describe.line import Line, count_text, layer_text, millis_text, nbls_text, status_mark
from engine.report.names import Names
from engine.trace import events as ev

WatchEvent = (
    ev.StallDetected | ev.LoopDetected | ev.DeepCopiedByEngine | ev.NblTagged | ev.TagRetrieved | ev.TagNotified
    | ev.InlineBegan | ev.InlineEnded
)


def describe_watch(event: WatchEvent, names: Names) -> Line:
    match event:
        case ev.StallDetected():
            by = ", ".join(f"{name} {held}" for name, held in sorted(event.holders.items()))
            held = count_text(event.held, "NBL")
            return Line(f"{event.direction} stalls on interface {event.interface}: {held} held",
                        f"by {by or 'nobody in sight'}; {event.oldest} for {millis_text(event.age_ns)}", "error")
        case ev.LoopDetected():
            return Line(f"frame {event.lineage} goes round: {event.nbl} meets {names.filter(event.filter)} again",
                        f"{event.times} times at {layer_text(event.layer)}", "error")
        case ev.DeepCopiedByEngine(nbl=nbl, reason=reason, changed=changed):
            shown = nbls_text([one.id for one in changed] or [nbl])
            return Line(f"the engine copies the data of {shown}", reason, "info")
        case ev.NblTagged(nbl=nbl, tag=tag, status=status):
            return Line(f"tag {nbl} with {tag}", status_name(status), status_mark(status))
        case ev.TagRetrieved(nbl=nbl, tag=tag, context=context, removed=removed, status=status):
            verb = "remove" if removed else "retrieve"
            note = status_name(status) if context is None else f"context {context}"
            return Line(f"{verb} tag {tag} of {nbl}", note, status_mark(status))
        case ev.TagNotified(nbl=nbl, tag=tag, event=what, driver=driver):
            short = what.removeprefix("FWPS_NET_BUFFER_LIST_")
            return Line(f"tag {tag} of {nbl or 'no NBL'}: {short}", f"{driver} is notified")
        case ev.InlineBegan(injection=injection):
            return Line("the frame goes its way inside of the call", f"injection {injection}", "inject")
        case ev.InlineEnded(injection=injection):
            return Line("back in the injection call", f"injection {injection}")
        case _:
            assert_never(event)
