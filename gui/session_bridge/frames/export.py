"""Frames written to files by the engine's thread, whole or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from engine.errors import EngineError
from engine.frames.rewrite import Rewritten
from engine.report.annotated import Comments, SessionComments, write_capture

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

TASK = "Exporting frames"
LINES_AT_ONCE = 500
SLICE_S = 0.05
"""The engine's thread is asked for so much at a time: a step waits no longer, nor does Cancel."""


class ExportError(EngineError):
    """A file cannot be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path}: {error.strerror or error}; choose another place")


async def write_lines(bridge: SessionBridge, path: Path, lines: Iterable[str], count: int) -> None:
    """Write lines that the window makes, some at a time, so that it stays usable."""
    source, part, done = iter(lines), _part_of(path), 0
    try:
        file = await bridge.worker.call(_opened, path, part)
        try:
            while (some := list(_next(source))) and not bridge.turns.is_cancelled:
                await bridge.worker.call(file.write, "".join(some))
                done += len(some)
                bridge.progress.emit(TASK, done, max(count, done) + 1)
        finally:
            await bridge.worker.call(file.close)
        if bridge.turns.is_cancelled:
            bridge.message.emit("info", f"{path.name} was not written: cancelled.")
            return
        await bridge.worker.call(os.replace, part, path)
        bridge.message.emit("info", f"{path.name} has {done - 1} rows.")
    except OSError as error:
        raise ExportError(path, error) from None
    finally:
        part.unlink(missing_ok=True)
        bridge.progress.emit(TASK, 1, 1)


async def write_frames(bridge: SessionBridge, path: Path, wanted: Callable[[int], bool] | None, *,
                       annotated: bool = False) -> None:
    """Write packets of the capture as pcapng, with everything that was read still in it: all, or those `wanted`.

    They are asked for by number.

    With `annotated` each says what became of it, as a comment.
    """
    capture, session = bridge.capture, bridge.session
    if capture is None or session is None:
        return
    call, total = bridge.worker.call, len(session.rows)
    said = {number: (text,) for number, text in bridge.frame_notes.notes.comments.items()}
    comments: Comments = SessionComments(session, said) if annotated else said
    work = write_capture(capture, str(path), is_wanted=wanted, comments=comments)
    bridge.progress.emit(TASK, 0, 0)
    try:
        done: int | Rewritten = 0
        while isinstance(done, int) and not bridge.turns.is_cancelled:
            done = await call(_slice, work)
            if isinstance(done, int):
                bridge.progress.emit(TASK, done, max(total, done) + 1)
    finally:
        await call(work.close)
        bridge.progress.emit(TASK, 1, 1)
    if isinstance(done, int):
        bridge.message.emit("info", f"{path.name} was not written: cancelled.")
    else:
        bridge.message.emit("info", f"{path.name} has {done.written} frames.")


def _slice(work: Generator[int, None, Rewritten]) -> int | Rewritten:
    """Go on for a slice of time: packets read so far, or the result."""
    until = time.monotonic() + SLICE_S
    try:
        while True:
            read = next(work)
            if time.monotonic() >= until:
                return read
    except StopIteration as end:
        result: Rewritten = end.value
        return result


def _next(source: Iterator[str]) -> Iterator[str]:
    return islice(source, LINES_AT_ONCE)


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _opened(path: Path, part: Path) -> TextIO:
    try:
        return part.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise ExportError(path, error) from None
