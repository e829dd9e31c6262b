"""Values of a field that occur among the first frames, for the completion of display filters."""

from __future__ import annotations

from engine.debugger.frames.values import FrameMoment, FrameReader
from engine.debugger.session import DebugSession
from engine.display.fields import Field
from engine.display.notes import FrameNotes
from engine.display.one import Value
from engine.errors import EngineError

FRAMES_ASKED = 300
MOST = 40
_OF_EVERY_FRAME = frozenset({"frame.number", "frame.time", "frame.time_epoch", "frame.time_relative",
                             "frame.time_delta"})  # fmt: skip


def values_seen(session: DebugSession | None, notes: FrameNotes, field: Field) -> list[Value]:
    """The different ones, as they are met; none of those that every frame has anew."""
    if session is None or field.name in _OF_EVERY_FRAME or not len(session.rows):
        return []
    first = session.rows[0].number
    reader = FrameReader(session)
    found: dict[Value, None] = {}
    try:
        for number in range(first, first + min(len(session.rows), FRAMES_ASKED)):
            found |= dict.fromkeys(FrameMoment(reader, number, notes).values(field))
        if field.name in ("filter.id", "filter.name"):
            for id_, one in session.policy.filter_by_id.items():
                found[id_ if field.is_numeric else one.name] = None
    except EngineError:
        pass  # a file that cannot be read any more says so where its frames are shown
    return list(found)[:MOST]
