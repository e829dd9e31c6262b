"""Broken rules as a tree: one row for each rule, below it every place where it was broken."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

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

    def __init__(self, id_: str, severity: str) -> None:
        self.id, self.severity = id_, severity
        self.findings: list[Finding] = []

    @property
    def rule(self) -> Rule | None:
        """None for an id that the catalogue does not have."""
        return rules().get(self.id)

    @property
    def order(self) -> tuple[int, str]:
        """Worst first, then by id."""
        return SEVERITIES.find(self.severity), self.id


class FindingsModel(QAbstractItemModel):
    """Shows the findings of a world. They come and go at the end of the list only, as the cursor moves."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: list[RuleGroup] = []
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

    def __len__(self) -> int:
        return len(self._shown)

    def group(self, index: Index) -> RuleGroup | None:
        """The rule of a row, or of the row above it."""
        if not index.isValid():
            return None
        inner = index.internalPointer()
        return inner if isinstance(inner, RuleGroup) else self._groups[index.row()]

    def finding(self, index: Index) -> Finding | None:
        """The finding of a row; None for a rule's row."""
        inner = index.internalPointer() if index.isValid() else None
        return inner.findings[index.row()] if isinstance(inner, RuleGroup) else None

    # --- Qt -------------------------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, self._groups[parent.row()] if parent.isValid() else None)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # QObject.parent() is the other overload
        inner = index.internalPointer() if index.isValid() else None
        return self.createIndex(self._groups.index(inner), 0, None) if isinstance(inner, RuleGroup) else QModelIndex()

    def rowCount(self, parent: Index = ROOT) -> int:
        if not parent.isValid():
            return len(self._groups)
        is_group = parent.column() == 0 and not isinstance(parent.internalPointer(), RuleGroup)
        return len(self._groups[parent.row()].findings) if is_group else 0

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Role.CELL, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) or not index.isValid():
            return None
        finding = self.finding(index)
        cell = (
            _group_cell(self._groups[index.row()], index.column())
            if finding is None
            else _finding_cell(finding, index.column())
        )
        return cell if role == Role.CELL else cell.text

    # --- changes --------------------------------------------------------------------------------------------------

    def _start_anew(self, findings: Sequence[Finding]) -> None:
        self.beginResetModel()
        self._shown = list(findings)
        by_rule: dict[str, RuleGroup] = {}
        for finding in findings:
            event = finding.event
            by_rule.setdefault(event.rule, RuleGroup(event.rule, event.severity)).findings.append(finding)
        self._groups = sorted(by_rule.values(), key=lambda group: group.order)
        self.endResetModel()

    def _add(self, finding: Finding) -> None:
        self._shown.append(finding)
        group = self._group_of(finding)
        if group is None:
            group = RuleGroup(finding.event.rule, finding.event.severity)
            row = sum(other.order < group.order for other in self._groups)
            self.beginInsertRows(ROOT, row, row)
            insort(self._groups, group, key=lambda one: one.order)
            self.endInsertRows()
        parent = self.createIndex(self._groups.index(group), 0, None)
        self.beginInsertRows(parent, len(group.findings), len(group.findings))
        group.findings.append(finding)
        self.endInsertRows()
        self._count_changed(group)

    def _remove_last(self) -> None:
        finding = self._shown.pop()
        group = self._group_of(finding)
        assert group is not None
        row, last = self._groups.index(group), len(group.findings) - 1
        if last == 0:
            self.beginRemoveRows(ROOT, row, row)
            del self._groups[row]
            self.endRemoveRows()
            return
        self.beginRemoveRows(self.createIndex(row, 0, None), last, last)
        group.findings.pop()
        self.endRemoveRows()
        self._count_changed(group)

    def _count_changed(self, group: RuleGroup) -> None:
        row = self._groups.index(group)
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def _group_of(self, finding: Finding) -> RuleGroup | None:
        return next((group for group in self._groups if group.id == finding.event.rule), None)


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
            return Cell(text=str(len(group.findings)), number=True, tone=Tone.STRONG)


def _frames(group: RuleGroup) -> str:
    """`frames 12, 13 and 4 more`."""
    frames = sorted({finding.frame for finding in group.findings if finding.frame})
    if not frames:
        return "outside of any frame"
    more = f" and {len(frames) - 3} more" if len(frames) > 3 else ""
    return f"frame{'s' * (len(frames) > 1)} {', '.join(map(str, frames[:3]))}{more}"


def _finding_cell(finding: Finding, column: int) -> Cell:
    event = finding.event
    match column:
        case 0:
            return Cell(text=event.detail)
        case 1:
            where = [f"frame {finding.frame}" if finding.frame else "", event.nbl or "", event.line or ""]
            return Cell(text=" · ".join(part for part in where if part), tone=Tone.SECONDARY)
        case _:
            return Cell(text=f"#{finding.seq}", number=True, tone=Tone.SECONDARY)
