"""Frames as text to paste elsewhere: the row, CSV, all fields as JSON, bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from engine.errors import EngineError
from engine.frames.frame import Frame
from engine.report.fields.of_frame import frame_fields
from gui.models.frames.table import FramesModel

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def as_rows(model: FramesModel, rows: Iterable[int], columns: Sequence[int]) -> str:
    """What the columns say, with tabs between."""
    return "\n".join("\t".join(text for text, _ in model.texts(row, columns)) for row in rows)


def csv_lines(model: FramesModel, rows: Iterable[int], columns: Sequence[int]) -> Iterable[str]:
    """A line of titles, then one for each row. A text that a spreadsheet would take for a formula gets a `'`."""
    yield csv_line([model.title(column) for column in columns])
    for row in rows:
        yield csv_line([text if is_number else guarded(text) for text, is_number in model.texts(row, columns)])


def csv_line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def guarded(text: str) -> str:
    """A text that no spreadsheet runs."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def as_json(model: FramesModel, numbers: Iterable[int]) -> str:
    """The fields of frames, as `l2scope fields` prints them, a line for each."""
    lines = []
    for number in numbers:
        frame = _frame(model, number)
        if frame is not None:
            lines.append(json.dumps(frame_fields(frame), ensure_ascii=False))
    return "\n".join(lines)


def bytes_of(model: FramesModel, number: int) -> bytes:
    """As captured; empty where they are no longer held."""
    frame = _frame(model, number)
    return b"" if frame is None else frame.data


def _frame(model: FramesModel, number: int) -> Frame | None:
    session = model.session
    try:
        return None if session is None else session.frame(number)
    except (IndexError, EngineError):
        return None
