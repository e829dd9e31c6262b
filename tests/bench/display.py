"""Display filters over frames in memory by class, as the frames table asks them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from time import perf_counter

from engine.debugger.frames.class_columns import ClassColumns
from engine.debugger.frames.facts import matching_blocks
from engine.debugger.session import DebugSession
from engine.display.notes import FrameNotes
from engine.display.parse import parse_filter
from tests.bench.changes import KINDS, Row, made

RUNS = 5
GOAL_S = 0.3
FILTERS = ("eth.type == 0x0806", "eth.addr == 02:00:00:00:00:01 or (ip and not vlan)", "frame.number in {1000..2000}")


def measure(frames: int = 10_000_000) -> Iterator[Row]:
    """The rows: what, figure, note."""
    for what, kinds in (("mixed headers", KINDS), ("no two of 1,000,000 headers alike", 1_000_000)):
        source = made(frames, kinds)
        columns = ClassColumns(source, source.classes.interfaces)
        for text in FILTERS if kinds == KINDS else FILTERS[:1]:
            seconds = min(_seconds(partial(_ask, text, columns, frames)) for _ in range(RUNS))
            note = f"goal {GOAL_S} s: {'reached' if seconds <= GOAL_S else 'not reached'}"
            yield (f"display filter `{text}`, {frames:,} frames, {what}", f"{seconds * 1000:.0f} ms", note)


def _ask(text: str, columns: ClassColumns, frames: int) -> int:
    session = DebugSession.open(None)
    blocks = matching_blocks(parse_filter(text), session, FrameNotes(), last=frames, classes=columns)
    return sum(int(mask.sum()) for _, mask in blocks if mask is not None)


def _seconds(work: partial[int]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began
