"""Frames in the order of what is said of them: the table's sorting, for ten million rows as for ten."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from enum import StrEnum
from typing import Any

import numpy as np

from engine.debugger.frames.row import FrameRow, FrameState
from engine.debugger.session import DebugSession
from engine.errors import EngineError
from engine.frames.frame import Direction

Ranks = np.ndarray[Any, np.dtype[Any]]
"""For each frame a number; frames with the same are as good as each other."""
Places = np.ndarray[Any, np.dtype[np.uint32]]


class OrderKey(StrEnum):
    """By what frames can be sorted. What a frame does not have comes first."""

    NUMBER = "number"
    TIME = "time"
    DIRECTION = "direction"
    REMOTE = "remote"
    TYPE = "type"
    VLAN = "vlan"
    LENGTH = "length"
    OUTCOME = "outcome"
    TAG = "tag"
    DECIDED_BY = "decided by"
    FINDINGS = "findings"


class OrderError(EngineError):
    """Frames cannot be sorted by this."""


def frame_order(session: DebugSession, key: OrderKey, *, descending: bool = False,
                places: Places | None = None) -> Places:
    """Places in `session.rows`, sorted; of `places` only, where they are given. Equal ones keep their order.

    Some 100 ns a frame. Raises OrderError where rows would have to be read one by one.
    """
    if key is OrderKey.NUMBER:
        known = np.arange(len(session.rows), dtype=np.uint32) if places is None else np.sort(places)
        return known[::-1] if descending else known
    ranks = _ranks(session, key, len(session.rows))
    if places is not None:
        ranks = ranks[places]
    if len(ranks) and int(ranks.max()) < 1 << 16 and int(ranks.min()) >= 0:
        ranks = ranks.astype(np.uint16)  # sorted by counting
    order = np.argsort(~ranks if descending else ranks, kind="stable")
    found: Places = order.astype(np.uint32) if places is None else places[order]
    return found


def _ranks(session: DebugSession, key: OrderKey, count: int) -> Ranks:
    if key in _OF_STATE:
        first = session.rows[0].number if count and isinstance(session.rows, list) else 1
        numbers, states = session.states_of(first, first + count)
        named = session.policy.filter_by_id
        names = {id_: one.name for id_, one in named.items()}
        said = [None if state is None else _OF_STATE[key](state, names) for state in states]
        return _ranked(said)[numbers]
    if isinstance(session.rows, list):
        return _ranked([_OF_ROW[key](row) for row in session.rows[:count]])
    if session.reading is None or session.reading.frames is None:
        reason, remedy = (
            ("all of it must be read first", "wait until it is") if not _is_read(session)
            else ("only by frame number and outcome can such a capture be sorted", "save its frames to another file"))
        raise OrderError(f"{session.source_name}: {reason}; {remedy}")
    from engine.debugger.frames.column_ranks import column_ranks  # compiled kernels take a moment to load

    return column_ranks(session.reading.frames, key)[:count]


def _is_read(session: DebugSession) -> bool:
    return session.reading is None or session.reading.is_complete


def _ranked(values: list[Any]) -> Ranks:
    """Places of values among the different ones, sorted; 0 is None."""
    known: dict[Hashable, int] = {None: 0}
    known |= {value: rank for rank, value in enumerate(sorted({one for one in values if one is not None}), 1)}
    return np.array([known[value] for value in values], np.int64)


_OF_STATE: dict[OrderKey, Callable[[FrameState, dict[Any, str]], Hashable]] = {
    OrderKey.OUTCOME: lambda state, _: state.outcome,
    OrderKey.TAG: lambda state, _: state.badge,
    OrderKey.DECIDED_BY: lambda state, names: None if state.decided_by is None else names.get(state.decided_by, ""),
    OrderKey.FINDINGS: lambda state, _: state.findings or None,
}
_OF_ROW: dict[OrderKey, Callable[[FrameRow], Hashable]] = {
    OrderKey.TIME: lambda row: row.time_ns,
    OrderKey.DIRECTION: lambda row: row.direction is Direction.OUTBOUND,
    OrderKey.REMOTE: lambda row: row.remote,
    OrderKey.TYPE: lambda row: row.ether_type,
    OrderKey.VLAN: lambda row: row.vlan[0] if row.vlan else None,
    OrderKey.LENGTH: lambda row: row.length_bytes,
}
