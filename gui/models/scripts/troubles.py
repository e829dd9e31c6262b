"""Which lines of a script went wrong in a frame's story: broken rules and what the script raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.trace import events as ev
from engine.trace.trace import Trace
from gui.models.scripts.callout_source import parse_line

Severity = Literal["warn", "error"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line that went wrong."""

    seq: int
    line: int
    severity: Severity
    text: str
    """`M16 12.1 is freed already`."""


class LineTroubles:
    """The troubles of one frame's story. The trace only grows, so each record is read once."""

    def __init__(self, trace: Trace, frame: int) -> None:
        self._trace, self.frame = trace, frame
        self._read = 0
        self._found: dict[str, list[Trouble]] = {}

    def before(self, file: str, cursor: int) -> dict[int, Trouble]:
        """By line of a script, the worst among the first `cursor` records, the latest of several as bad."""
        self._catch_up()
        worst: dict[int, Trouble] = {}
        for trouble in self._found.get(file, ()):
            before = worst.get(trouble.line)
            if trouble.seq < cursor and (before is None or before.severity == "warn" or trouble.severity == "error"):
                worst[trouble.line] = trouble
        return worst

    def _catch_up(self) -> None:
        seqs = self._trace.of_frame(self.frame)
        for place in range(self._read, len(seqs)):
            match self._trace[seqs[place]].event:
                case ev.RuleBroken(line=str(line), rule=rule, detail=detail, severity=severity):
                    self._add(seqs[place], line, "warn" if severity in {"W", "I"} else "error", f"{rule} {detail}")
                case ev.CalloutFailed(traceback=(*_, last), error=error):
                    self._add(seqs[place], last.partition(" in ")[0], "error", error)
        self._read = len(seqs)

    def _add(self, seq: int, line: str, severity: Severity, text: str) -> None:
        place = parse_line(line)
        if place is not None:
            self._found.setdefault(place.file, []).append(Trouble(seq, place.line, severity, text))
