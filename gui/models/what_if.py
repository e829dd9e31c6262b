"""What another policy would change, as rows: groups of frames that share their fates, and the frames of a group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.bulk.fates import Fate
from engine.bulk.whatif import Change
from engine.debugger.frames.row import FrameRow
from engine.debugger.session import DebugSession
from engine.frames.frame import Direction
from engine.report.describe.line import outcome_mark
from engine.wfp.layers import layer_by_name
from engine.wfp.policy import Policy
from gui.session_bridge.asking.comparing import Compared
from gui.widgets.cell import Cell
from gui.widgets.marks import MARK_WORDS
from gui.widgets.roles import Role, Tone
from gui.widgets.text import thousands

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
LONGEST_FILTER = 3_900
"""Characters of the frame numbers in a display filter."""
FRAMES_FETCHED = 500
"""Rows that are looked up at a time, as the user comes to them."""


def fate_text(fate: Fate, policy: Policy) -> str:
    """`Permit by LAN permit`, `Block by the layer's default`, `callout mirror decides`."""
    known = None if fate.filter is None else policy.filters.get(fate.filter)
    if not fate.is_settled:
        callout = None if fate.callout is None else policy.callouts.get(fate.callout)
        return "stepping decides" if callout is None else f"callout {callout.name} decides"
    word = MARK_WORDS[outcome_mark(fate.outcome)]
    return f"{word} by {known.name}" if known is not None else f"{word} by default"


def fate_cell(fate: Fate, policy: Policy) -> Cell:
    """A fate with its mark; the layer stands at the right."""
    layer = None if fate.layer is None else layer_by_name(fate.layer)
    mark = outcome_mark(fate.outcome) if fate.is_settled else "pending"
    return Cell(text=fate_text(fate, policy), mark=mark, secondary="" if layer is None else str(layer.id))


@dataclass(frozen=True, slots=True)
class Group:
    """A row of the summary."""

    title: str
    frames: int
    change: Change | None
    """None: all frames that change, or all that nothing is said of."""
    is_unsettled: bool = False


def groups_of(compared: Compared) -> list[Group]:
    """All that change, then each kind of change, outcomes before other deciders; last what only stepping knows."""
    difference = compared.difference
    changes = sorted(difference.changes, key=lambda one: (not one.is_outcome, -one.frames, one.exemplar))
    found = [Group("", change.frames, change) for change in changes]
    if len(found) > 1:
        found.insert(0, Group("All of these", sum(one.frames for one in changes), None))
    if difference.unsettled:
        found.append(Group("Reach a callout: nothing is said of them", difference.unsettled, None, True))
    return found


def display_filter(numbers: Iterator[Any]) -> str | None:
    """`frame.number in {4, 10..12}` for numbers in ascending pieces; None if they are too many for a display filter."""
    ranges: list[str] = []
    length = first = last = 0
    for number in (number for piece in numbers for number in piece.tolist()):
        if first and number == last + 1:
            last = number
            continue
        if first:
            ranges.append(_range(first, last))
            length += len(ranges[-1]) + 2
            if length > LONGEST_FILTER:
                return None
        first = last = number
    if first:
        ranges.append(_range(first, last))
    return f"frame.number in {{{', '.join(ranges)}}}" if ranges else None


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}..{last}"


class GroupsModel(QAbstractTableModel):
    """Frames, fate before, fate after."""

    COLUMNS = ("Frames", "As applied", "As edited")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._compared: Compared | None = None
        self._groups: list[Group] = []

    def show(self, compared: Compared | None) -> None:
        self.beginResetModel()
        self._compared = compared
        self._groups = [] if compared is None else groups_of(compared)
        self.endResetModel()

    def group(self, row: int) -> Group | None:
        return self._groups[row] if 0 <= row < len(self._groups) else None

    def row_of(self, group: Group | None) -> int:
        """The row of the group with the same fates; else that of the largest kind of change."""
        for row, one in enumerate(self._groups):
            if group is not None and (one.title, one.is_unsettled) == (group.title, group.is_unsettled) and _same(
                    one.change, group.change):
                return row
        return int(len(self._groups) > 1 and self._groups[0].change is None)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._groups)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self.COLUMNS[section] if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        group, compared = self.group(index.row()) if index.isValid() else None, self._compared
        if group is None or compared is None:
            return None
        if role in (Role.CELL, Qt.ItemDataRole.DisplayRole):
            cell = self._cell(group, compared, index.column())
            return cell if role == Role.CELL else cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            words = " → ".join(self._cell(group, compared, column).text for column in (1, 2)).removesuffix(" → ")
            return words if group.change is None else f"{words}\nfirst: frame {group.change.exemplar}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return " ".join(self._cell(group, compared, column).text for column in range(3))
        return None

    def _cell(self, group: Group, compared: Compared, column: int) -> Cell:
        if column == 0:
            return Cell(text=thousands(group.frames), number=True, tone=Tone.STRONG)
        if group.change is None:
            return Cell(text=group.title, tone=Tone.SECONDARY) if column == 1 else Cell()
        difference = compared.difference
        if column == 1:
            return fate_cell(group.change.old, difference.old.policy)
        return fate_cell(group.change.new, difference.new.policy)


def _same(one: Change | None, other: Change | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.old, one.new) == (other.old, other.new)


class Column(IntEnum):
    NUMBER = 0
    DIRECTION = 1
    REMOTE = 2
    TYPE = 3
    VLAN = 4
    BEFORE = 5
    AFTER = 6


TITLES = ("No.", "", "Remote", "Type", "VLAN", "As applied", "As edited")


class ChangedFramesModel(QAbstractTableModel):
    """The frames of one group, looked up as the user scrolls to them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session: DebugSession | None = None
        self._compared: Compared | None = None
        self._numbers: list[int] = []
        self._pieces: Iterator[Any] = iter(())
        self._left: list[int] = []
        self.total = 0

    def show(self, session: DebugSession | None, compared: Compared | None, group: Group | None) -> None:
        self.beginResetModel()
        self._session, self._compared = session, compared
        self._numbers, self._left, self._pieces, self.total = [], [], iter(()), 0
        if compared is not None and group is not None:
            difference = compared.difference
            self._pieces = difference.stepped_frames() if group.is_unsettled else difference.changed_frames(
                group.change)
            self.total = group.frames
            self._numbers = self._next()
        self.endResetModel()

    def number(self, row: int) -> int | None:
        return self._numbers[row] if 0 <= row < len(self._numbers) else None

    def row_of(self, number: int) -> int:
        """The row of a frame that was looked up already, or -1."""
        return self._numbers.index(number) if number in self._numbers else -1

    def _next(self) -> list[int]:
        while len(self._left) < FRAMES_FETCHED and (piece := next(self._pieces, None)) is not None:
            self._left += piece.tolist()
        found, self._left = self._left[:FRAMES_FETCHED], self._left[FRAMES_FETCHED:]
        return found

    # --- Qt --------------------------------------------------------------------------------------------------------

    def canFetchMore(self, parent: Index = ROOT) -> bool:
        return not parent.isValid() and len(self._numbers) < self.total

    def fetchMore(self, parent: Index = ROOT) -> None:
        more = self._next()
        if not more:
            self.total = len(self._numbers)
            return
        self.beginInsertRows(ROOT, len(self._numbers), len(self._numbers) + len(more) - 1)
        self._numbers += more
        self.endInsertRows()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._numbers)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return TITLES[section] if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        number = self.number(index.row()) if index.isValid() else None
        if number is None or self._compared is None:
            return None
        if role in (Role.CELL, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            cell = self._cell(number, self._compared, Column(index.column()))
            return cell if role == Role.CELL else cell.text
        return None

    def _cell(self, number: int, compared: Compared, column: Column) -> Cell:
        match column:
            case Column.NUMBER:
                return Cell(text=str(number), number=True)
            case Column.BEFORE:
                return fate_cell(compared.difference.fate(number)[0], compared.difference.old.policy)
            case Column.AFTER:
                return fate_cell(compared.difference.fate(number)[1], compared.difference.new.policy)
        frame = self._frame(number)
        if frame is None:
            return Cell()
        match column:
            case Column.DIRECTION:
                return Cell(text="↑" if frame.direction is Direction.INBOUND else "↓", tone=Tone.SECONDARY)
            case Column.REMOTE:
                return Cell(text=frame.remote or "", mono=True)
            case Column.TYPE:
                return Cell(text=frame.type_name)
            case _:
                return Cell(text=", ".join(map(str, frame.vlan)), number=True)

    def _frame(self, number: int) -> FrameRow | None:
        rows = () if self._session is None else self._session.rows
        place = number - rows[0].number if rows else -1
        return rows[place] if 0 <= place < len(rows) else None
