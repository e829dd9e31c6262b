"""Broken rules as a tree: a row for each rule, below it every place where it was broken, and below that how it came.

The rows of a place are the events that led there (`RuleBroken.evidence`), in their order.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.trace.events import Clue
from engine.trace.rules import Rule, rules
from engine.trace.world import Finding
from gui.widgets.cell import Cell
from gui.widgets.marks import MarkKind
from gui.widgets.roles import Role, Tone

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()

COLUMNS = ("Rule", "Where", "Count")
SEVERITIES = "FEWI"
SEVERITY_MARKS: dict[str, MarkKind] = {"F": "fatal", "E": "error", "W": "warn", "I": "info"}


class RuleGroup:
    """One rule and its findings in the order of the trace."""

    def __init__(self, id_: str) -> None:
        self.id = id_
        self.places: list[Place] = []
        self._severities: Counter[str] = Counter()

    def add(self, finding: Finding) -> None:
        self.places.append(Place(self, len(self.places), finding))
        self._severities[finding.event.severity] += 1

    def remove_last(self) -> None:
        self._severities[self.places.pop().finding.event.severity] -= 1

    @property
    def severity(self) -> str:
        """The worst of its findings'."""
        return min((one for one, count in self._severities.items() if count), key=SEVERITIES.find)

    @property
    def rule(self) -> Rule | None:
        """None for an id that the catalogue does not have."""
        return rules().get(self.id)

    @property
    def order(self) -> tuple[int, str]:
        """Worst first, then by id."""
        return SEVERITIES.find(self.severity), self.id


class Place:
    """One finding, and where it stands in its group."""

    __slots__ = ("finding", "group", "row")

    def __init__(self, group: RuleGroup, row: int, finding: Finding) -> None:
        self.group, self.row, self.finding = group, row, finding

    @property
    def clues(self) -> tuple[Clue, ...]:
        return self.finding.event.evidence


class FindingsModel(QAbstractItemModel):
    """Shows the findings of a world. They come and go at the end of the list only, as the cursor moves."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: list[RuleGroup] = []
        self._by_id: dict[str, RuleGroup] = {}
        self._shown: list[Finding] = []

    def show(self, findings: Sequence[Finding]) -> None:
        """Take over the findings of another step of the same run, or of another run."""
        kept = min(len(findings), len(self._shown))
        if kept and findings[kept - 1] is not self._shown[kept - 1] and findings[kept - 1] != self._shown[kept - 1]:
            self._start_anew(findings)
            return
        while len(self._shown) > len(findings):
            self._remove_last()
        for finding in findings[len(self._shown) :]:
            self._add(finding)
        if any(one.order > other.order for one, other in zip(self._groups, self._groups[1:], strict=False)):
            self._start_anew(findings)  # one has become worse than it was, or better

    def __len__(self) -> int:
        return len(self._shown)

    def group(self, index: Index) -> RuleGroup | None:
        """The rule of a row, or of the row above it."""
        if not index.isValid():
            return None
        match index.internalPointer():
            case RuleGroup() as group:
                return group
            case Place() as place:
                return place.group
        return self._groups[index.row()]

    def finding(self, index: Index) -> Finding | None:
        """The finding of a row, or of the row above it; None for a rule's row."""
        match index.internalPointer() if index.isValid() else None:
            case RuleGroup() as group:
                return group.places[index.row()].finding
            case Place() as place:
                return place.finding
        return None

    def clue(self, index: Index) -> Clue | None:
        """The earlier event of a row; None for rules and findings."""
        place = index.internalPointer() if index.isValid() else None
        return place.clues[index.row()] if isinstance(place, Place) else None

    # --- Qt -------------------------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        if not parent.isValid():
            return self.createIndex(row, column, None)
        above = parent.internalPointer()
        inner = above.places[parent.row()] if isinstance(above, RuleGroup) else self._groups[parent.row()]
        return self.createIndex(row, column, inner)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # QObject.parent() is the other overload
        match index.internalPointer() if index.isValid() else None:
            case RuleGroup() as group:
                return self.createIndex(self._groups.index(group), 0, None)
            case Place() as place:
                return self.createIndex(place.row, 0, place.group)
        return QModelIndex()

    def rowCount(self, parent: Index = ROOT) -> int:
        if not parent.isValid():
            return len(self._groups)
        if parent.column() != 0:
            return 0
        match parent.internalPointer():
            case RuleGroup() as group:
                return len(group.places[parent.row()].clues)
            case Place():
                return 0
        return len(self._groups[parent.row()].places)

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Role.CELL, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) or not index.isValid():
            return None
        clue, finding = self.clue(index), self.finding(index)
        if clue is not None:
            cell = _clue_cell(clue, index.column())
        elif finding is not None:
            cell = _finding_cell(finding, index.column())
        else:
            cell = _group_cell(self._groups[index.row()], index.column())
        return cell if role == Role.CELL else cell.text

    # --- changes --------------------------------------------------------------------------------------------------

    def _start_anew(self, findings: Sequence[Finding]) -> None:
        self.beginResetModel()
        self._shown = list(findings)
        self._by_id = {}
        for finding in findings:
            rule = finding.event.rule
            self._by_id.setdefault(rule, RuleGroup(rule)).add(finding)
        self._groups = sorted(self._by_id.values(), key=lambda group: group.order)
        self.endResetModel()

    def _add(self, finding: Finding) -> None:
        self._shown.append(finding)
        group = self._by_id.get(finding.event.rule)
        if group is None:
            group = self._by_id[finding.event.rule] = RuleGroup(finding.event.rule)
            group.add(finding)
            row = sum(other.order < group.order for other in self._groups)
            self.beginInsertRows(ROOT, row, row)
            insort(self._groups, group, key=lambda one: one.order)
            self.endInsertRows()
            return
        self.beginInsertRows(self.createIndex(self._groups.index(group), 0, None), len(group.places), len(group.places))
        group.add(finding)
        self.endInsertRows()
        self._count_changed(group)

    def _remove_last(self) -> None:
        group = self._by_id[self._shown.pop().event.rule]
        row, last = self._groups.index(group), len(group.places) - 1
        if last == 0:
            self.beginRemoveRows(ROOT, row, row)
            del self._groups[row], self._by_id[group.id]
            self.endRemoveRows()
            return
        self.beginRemoveRows(self.createIndex(row, 0, None), last, last)
        group.remove_last()
        self.endRemoveRows()
        self._count_changed(group)

    def _count_changed(self, group: RuleGroup) -> None:
        row = self._groups.index(group)
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))


def _group_cell(group: RuleGroup, column: int) -> Cell:
    rule = group.rule
    match column:
        case 0:
            title = rule.title if rule is not None else ""
            return Cell(
                text=f"{group.id} {title}".rstrip(), mark=SEVERITY_MARKS.get(group.severity, "error"), tone=Tone.STRONG
            )
        case 1:
            return Cell(text=_frames(group), tone=Tone.SECONDARY)
        case _:
            return Cell(text=str(len(group.places)), number=True, tone=Tone.STRONG)


def _frames(group: RuleGroup) -> str:
    """`frames 12, 13 and 4 more`."""
    frames = sorted({place.finding.frame for place in group.places if place.finding.frame})
    if not frames:
        return "outside of any frame"
    more = f" and {len(frames) - 3} more" if len(frames) > 3 else ""
    return f"frame{'s' * (len(frames) > 1)} {', '.join(map(str, frames[:3]))}{more}"


def _finding_cell(finding: Finding, column: int) -> Cell:
    event = finding.event
    match column:
        case 0:
            return Cell(text=event.detail, mark=SEVERITY_MARKS.get(event.severity, "error"))
        case 1:
            where = [f"frame {finding.frame}" if finding.frame else "", event.nbl or "", event.line or ""]
            return Cell(text=" · ".join(part for part in where if part), tone=Tone.SECONDARY)
        case _:
            return Cell(text=f"#{finding.seq}", number=True, tone=Tone.SECONDARY)


def _clue_cell(clue: Clue, column: int) -> Cell:
    match column:
        case 0:
            return Cell(text=clue.text, tone=Tone.SECONDARY)
        case 1:
            where = [f"frame {clue.frame}" if clue.frame else "", clue.line or ""]
            return Cell(text=" · ".join(part for part in where if part), tone=Tone.DIM)
        case _:
            return Cell(text=f"#{clue.seq}", number=True, tone=Tone.DIM)
