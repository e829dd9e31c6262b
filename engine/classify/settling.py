"""Frames come to their end when nothing of their lineage is under way any more."""

from __future__ import annotations

from engine.classify.host import Host, Steps
from engine.ndis.snapshot import NblId
from engine.trace import events as ev


def settle(host: Host) -> Steps[None]:
    """Frames that were touched, and of which nothing is under way any more, have come to their end."""
    current = host.frame
    for frame in sorted(host.touched) if len(host.touched) > 1 else tuple(host.touched):
        lineage = host.lineages.get(frame)
        if not frame or lineage is None or lineage.finished or lineage.live or lineage.tasks or not lineage.outcome:
            continue
        host.frame = frame
        lineage.finished = True
        yield ev.FrameFinished(frame, lineage.outcome)
        for rider in lineage.riders:
            host.frame = rider
            yield ev.FrameFinished(rider, lineage.outcome)
            _forget(host, rider, 0)
        _forget(host, frame, lineage.next_copy)
    host.touched.clear()
    host.frame = current


def finish_all(host: Host) -> Steps[None]:
    """The run is over, and with it every frame."""
    for lineage in list(host.lineages.values()):
        if lineage.frame and not lineage.finished:
            host.frame = lineage.frame
            leader = host.lineages[lineage.rides_with] if lineage.rides_with else lineage
            yield ev.FrameFinished(lineage.frame, leader.outcome or "skipped")
    host.frame = 0


def _forget(host: Host, frame: int, copies: int) -> None:
    del host.lineages[frame]
    host.ledger.forget(frame, copies)
    if host.radio.templates:
        host.radio.templates.pop(frame, None)
    for copy in range(copies):
        host.nbls.pop(NblId(f"{frame}.{copy}"), None)
