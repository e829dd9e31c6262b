"""Which script a driver's code is in, which line runs, and which lines made steps of a frame's story."""

from __future__ import annotations

import io
import keyword
import token
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.callouts.loader import SIZE_LIMIT_BYTES
from engine.errors import PolicyError
from engine.trace import events as ev
from engine.trace.script_state import step_at
from engine.trace.trace import Trace
from engine.wfp.document import PolicyDocument
from engine.wfp.objects import CalloutSpec
from engine.wfp.scripts import script_path
from engine.wfp.types import Guid
from engine.wfp.validation import key_of

LOOKED_BACK = 2000
"""Records that are searched for the line that runs."""

CodeKind = Literal["keyword", "string", "number", "comment", "name"]
_KINDS: dict[int, CodeKind] = {token.STRING: "string", token.NUMBER: "number", token.COMMENT: "comment"}
_STRING_PARTS = ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
_DEFINES = frozenset({"def", "class"})

_AFTER_CODE = (ev.CalloutReturned, ev.CompletionReturned, ev.FilterTested, ev.ClassifyEnded, ev.ClassifyBegan,
               ev.SublayerEntered, ev.FilterDecided, ev.ModuleEntered, ev.ModuleLeft, ev.FrameEntered, ev.FrameFinished)
"""Behind one of these no script runs."""


@dataclass(frozen=True, slots=True)
class CodePlace:
    """A line of a driver's script; `line` is 0 where only the file is known."""

    file: str
    """Name without folder, as events show it."""
    line: int
    callout: Guid | None = None
    """Set where the callout is known too."""


@dataclass(frozen=True, slots=True)
class Script:
    """The text of a script, or why there is none."""

    path: Path | None
    text: str
    problem: str = ""

    @property
    def file(self) -> str:
        return self.path.name if self.path is not None else ""


def parse_line(text: str) -> CodePlace | None:
    """`reflect.py:16` taken apart; None if it is nothing like that."""
    file, _, number = text.rpartition(":")
    return CodePlace(file, int(number)) if file and number.isdecimal() else None


def running_place(trace: Trace, cursor: int) -> CodePlace | None:
    """The line that a script had reached after the first `cursor` records; None when no script runs there."""
    step = step_at(trace, cursor)
    if step is not None:
        return parse_line(getattr(trace[cursor - 1].event, "line", "") or getattr(trace[step].event, "line", ""))
    for seq in range(cursor - 1, max(cursor - 1 - LOOKED_BACK, -1), -1):
        match trace[seq].event:
            case ev.CalloutEntered(callout=callout, line=line):
                place = parse_line(line)
                return None if place is None else CodePlace(place.file, place.line, callout)
            case ev.CalloutFailed(traceback=(*_, last)):
                return parse_line(last.partition(" in ")[0])
            case ev.FunctionReturned(level=0):
                return None
            case ev.Call(line=line) | ev.RuleBroken(line=str(line)) if line:
                return parse_line(line)
            case event if isinstance(event, (*_AFTER_CODE, ev.InjectCompleted, ev.WorkStarted)):
                return None
            case _:
                pass
    return None


def callout_of(document: PolicyDocument, place: CodePlace) -> CalloutSpec | None:
    """The callout whose script a place is in."""
    by_key = (one for one in document.callouts if place.callout is not None and key_of(one) == place.callout)
    by_file = (one for one in document.callouts if one.script and Path(one.script).name == place.file)
    return next(by_key, None) or next(by_file, None)


def read_script(document: PolicyDocument, callout: CalloutSpec) -> Script:
    """Read a callout's script from beside the policy."""
    if not callout.script:
        return Script(None, "", f"{callout.name} has no script: its filters get the default action.")
    try:
        path = script_path(document, callout)
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT_BYTES + 1)
    except (PolicyError, OSError) as error:
        return Script(None, "", str(error))
    if len(data) > SIZE_LIMIT_BYTES:
        return Script(path, "", f"{path.name} is larger than a script may be (4 MiB).")
    # Lines are counted as Python counts them.
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    return Script(path, text)


class LineCalls:
    """Which lines made steps of one frame's story. The trace only grows, so each record is read once."""

    def __init__(self, trace: Trace, frame: int) -> None:
        self._trace, self.frame = trace, frame
        self._read = 0
        self._seqs: dict[str, list[int]] = {}

    def catch_up(self) -> bool:
        """Take in what the story has got since; say whether that was anything."""
        seqs = self._trace.of_frame(self.frame)
        end = len(seqs)
        has_more = end > self._read
        for place in range(self._read, end):
            event = self._trace[seqs[place]].event
            line = getattr(event, "line", None)
            if line:
                self._seqs.setdefault(line, []).append(seqs[place])
        self._read = end
        return has_more

    def lines(self, file: str) -> dict[int, int]:
        """Line numbers of a script with how many steps each made."""
        places = ((parse_line(line), len(seqs)) for line, seqs in self._seqs.items())
        return {place.line: count for place, count in places if place is not None and place.file == file}

    def next_after(self, file: str, line: int, cursor: int) -> int | None:
        """The next step that a line made behind the cursor, else its first one."""
        seqs = self._seqs.get(f"{file}:{line}", [])
        return next((seq for seq in seqs if seq >= cursor), seqs[0] if seqs else None)


def code_spans(text: str) -> dict[int, list[tuple[int, int, CodeKind]]]:
    """(start, end, kind) in each line of Python text, lines from 0 on. Broken text is coloured as far as it goes."""
    spans: dict[int, list[tuple[int, int, CodeKind]]] = {}
    lines = text.split("\n")
    after = ""
    try:
        for one in tokenize.generate_tokens(io.StringIO(text).readline):
            kind = _kind_of(one, after)
            if one.type == token.NAME:
                after = one.string
            if kind is not None:
                _add(spans, lines, one, kind)
    except (tokenize.TokenError, SyntaxError):
        pass  # the loader tells what is wrong with it; here the rest stays plain
    return spans


def _kind_of(one: tokenize.TokenInfo, after: str) -> CodeKind | None:
    if one.type == token.NAME:
        if keyword.iskeyword(one.string):
            return "keyword"
        return "name" if after in _DEFINES else None
    if token.tok_name.get(one.type) in _STRING_PARTS:
        return "string"
    return _KINDS.get(one.type)


def _add(
    spans: dict[int, list[tuple[int, int, CodeKind]]], lines: list[str], one: tokenize.TokenInfo, kind: CodeKind
) -> None:
    """A token may go over several lines."""
    (first, start), (last, end) = one.start, one.end
    for number in range(first, min(last, len(lines)) + 1):
        left = start if number == first else 0
        right = end if number == last else len(lines[number - 1])
        spans.setdefault(number - 1, []).append((left, right, kind))
