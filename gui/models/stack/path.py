"""The path of a frame through the stack: the layers that its NBLs have met, with what each layer said."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.trace.world import PERMIT
from gui.theme import OutcomeKind

LONGEST = 400
"""Visits kept of one frame: a frame that goes round for ever needs no more to show it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An NBL at a layer, or at an end of the stack."""

    seq: int
    layer: int | None
    """None at an end of the stack."""
    copy: int
    """0 the frame as it came, else its clone or copy."""
    said: OutcomeKind | None = None
    """What the layer said; None while it has not."""
    end: str = ""
    """`protocols` or `wire`, where it came from or has gone."""


class FramePath:
    """The visits of one frame's story, read as its trace grows."""

    def __init__(self, trace: Trace, frame: int) -> None:
        self.frame = frame
        self._trace = trace
        self._read = 0
        self._visits: list[Visit] = []

    def until(self, cursor: int) -> list[Visit]:
        """The visits among the first `cursor` records; a layer that is still classifying has said nothing yet."""
        self._catch_up()
        shown = self._visits[: bisect_left(self._visits, cursor, key=lambda one: one.seq)]
        # A verdict takes the place of the visit that it ends.
        said = {(one.layer, one.copy) for one in shown if one.said is not None}
        return [one for one in shown if one.end or one.said is not None or (one.layer, one.copy) not in said]

    def _catch_up(self) -> None:
        seqs = self._trace.of_frame(self.frame)
        for seq in seqs[self._read :]:
            if len(self._visits) >= LONGEST:
                break
            self._take(seq, self._trace[seq].event)
        self._read = len(seqs)

    def _take(self, seq: int, event: ev.TraceEvent) -> None:
        add = self._visits.append
        match event:
            case ev.FrameEntered(direction=direction):
                add(Visit(seq, None, 0, end="wire" if direction == "inbound" else "protocols"))
            case ev.ClassifyBegan(layer=layer, nbls=nbls):
                for copy in _copies(nbls, self.frame):
                    add(Visit(seq, layer, copy))
            case ev.ClassifyEnded(layer=layer, nbls=nbls, action=action, absorb=absorb):
                kind: OutcomeKind = "permit" if action == PERMIT else "absorb" if absorb else "block"
                for copy in _copies(nbls, self.frame):
                    add(Visit(seq, layer, copy, kind))
            case ev.ModuleBypassed(layer=layer, nbls=nbls):
                for copy in _copies(nbls, self.frame):
                    add(Visit(seq, layer, copy, "skipped"))
            case ev.FrameReentered(layer=layer, nbls=nbls):
                for copy in _copies(nbls, self.frame):
                    add(Visit(seq, layer, copy, "inject"))
            case ev.FrameDelivered(nbls=nbls, to=to):
                for copy in _copies(nbls, self.frame):
                    add(Visit(seq, None, copy, end=to))
            case _:
                pass


def _copies(nbls: tuple[str, ...], frame: int) -> list[int]:
    numbers = (nbl.partition(".") for nbl in nbls)
    return [int(copy) for number, _, copy in numbers if int(number) == frame]


def path_words(visits: list[Visit]) -> str:
    """`from the wire, 58 permit, 56 block`: the path for a screen reader."""
    words: list[str] = []
    for one in visits:
        who = f"copy {one.copy} " if one.copy else ""
        if one.end:
            words.append(f"{who}{'to' if words else 'from'} the {one.end}")
        else:
            words.append(f"{who}{one.layer} {one.said or 'now'}")
    return ", ".join(words)
