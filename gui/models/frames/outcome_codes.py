"""What became of many frames at once, for the minimap."""

from __future__ import annotations

import numpy as np

from engine.debugger.session import DebugSession
from engine.report.describe.line import outcome_mark
from gui.widgets.minimap import CODES, Codes


def outcome_codes(session: DebugSession, first: int, end: int) -> Codes:
    """The codes (gui.widgets.minimap) of the rows `first` to `end` - 1 of a session; 0 where nothing is known."""
    rows = session.rows
    begin = rows[0].number if len(rows) else 1
    places, states = session.states_of(first + begin, end + begin)
    codes = np.array([0 if state is None else CODES[outcome_mark(state.outcome)] for state in states], np.uint8)
    found: Codes = codes[places]
    if isinstance(rows, list):
        for row in np.flatnonzero(found == 0).tolist():
            if rows[first + row].skip_reason is not None:
                found[row] = CODES["skipped"]
    return found
