"""Broken rules by rule, each place where it was broken, and below what the rule says and how to keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHeaderView, QMenu, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from engine.report.explain_machine import rule_source, rule_text
from engine.report.explanation import Evidence
from gui.models.findings import FindingsModel, RuleGroup
from gui.theme import keep_icon, theme
from gui.views.refresher import Refresher
from gui.widgets.controls import make_label
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import Chip
from gui.widgets.rows import RowTree
from gui.widgets.text import text_width

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge


class FindingsView(QWidget):
    """Shows what was found up to the cursor. A double click or Enter goes there."""

    title = "Findings"
    icon = "warning"

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.model = FindingsModel(self)
        self.tree = self._make_tree()
        self.remedy = RulePart()
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tree, 1)
        column.addWidget(self.remedy)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(EmptyState(
            "warning", "No rule was broken so far", "What a callout does wrong is named here, with rule and remedy."))
        self._pages.addWidget(page)
        self.setFocusProxy(self.tree)
        self._refresher = Refresher(self, self._refresh)
        bridge.session_changed.connect(self._refresher.ask)
        bridge.cursor_moved.connect(self._refresher.ask)
        self.tree.activated.connect(self._go)
        self.tree.selectionModel().currentChanged.connect(self._show_rule)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        self.model.rowsInserted.connect(self._open_groups)
        self.model.modelReset.connect(self.tree.expandAll)
        self._refresher.ask()

    def _make_tree(self) -> RowTree:
        tree = RowTree(self)
        tree.setModel(self.model)
        tree.setIndentation(13)
        tree.setAccessibleName("Findings")
        tree.setExpandsOnDoubleClick(False)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = tree.header()
        header.hide()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        font = theme().fonts["table"]
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(1, round(text_width(font, "frame 40031 · 40031")) + 16)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(2, round(text_width(font, "#100000")) + 14)
        return tree

    def _refresh(self) -> None:
        self.model.show(self._bridge.world.findings)
        self._pages.setCurrentIndex(int(len(self.model) > 0))
        if len(self.model) and not self.tree.currentIndex().isValid():
            self.tree.setCurrentIndex(self.model.index(0, 0))

    @Slot(QModelIndex)
    def _go(self, index: QModelIndex) -> None:
        finding = self.model.finding(index)
        if finding is not None:
            self._bridge.go_to(finding.seq)
        else:
            self.tree.setExpanded(index.siblingAtColumn(0), not self.tree.isExpanded(index.siblingAtColumn(0)))

    @Slot(QModelIndex, QModelIndex)
    def _show_rule(self, current: QModelIndex, _: QModelIndex) -> None:
        self.remedy.show_group(self.model.group(current))

    @Slot(QModelIndex, int, int)
    def _open_groups(self, parent: QModelIndex, first: int, last: int) -> None:
        if parent.isValid():
            self.tree.expand(parent)

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        index = self.tree.indexAt(place)
        group, finding = self.model.group(index), self.model.finding(index)
        if group is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if finding is not None:
            go = menu.addAction("Go to this step")
            keep_icon(go, "run_to_here")
            go.triggered.connect(lambda: self._bridge.go_to(finding.seq))
        copied = self.remedy.text_of(group) if finding is None else f"{group.id}: {finding.event.detail}"
        copy = menu.addAction("Copy")
        keep_icon(copy, "copy")
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(copied))
        menu.popup(self.tree.viewport().mapToGlobal(place))


class RulePart(QWidget):
    """The rule of the row in focus: what it says, the remedy, the source."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rule = make_label("", "table")
        self._remedy = make_label("", "table")
        self._source = make_label("", "small", "secondary")
        self._chip = Chip("DOCUMENTED", "documented")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        layout.setSpacing(4)
        for label in (self._rule, self._remedy, self._source):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            if label is self._source:
                layout.addWidget(self._chip)
            layout.addWidget(label)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_group(self, group: RuleGroup | None) -> None:
        rule = None if group is None else group.rule
        self.setVisible(rule is not None)
        if group is not None and rule is not None:
            self._rule.setText(rule_text(rule))
            self._remedy.setText(f"Remedy: {rule.remedy}")
            source = rule_source(rule)
            self._source.setText(source.text)
            self._chip.set_text(source.chip)
            self._chip.set_kind("documented" if source.evidence is Evidence.DOCUMENTED else "chosen")
            self.setAccessibleName(self.text_of(group))

    @staticmethod
    def text_of(group: RuleGroup) -> str:
        rule = group.rule
        if rule is None:
            return group.id
        return f"{rule.id} {rule.title}\n{rule_text(rule)}\nRemedy: {rule.remedy}\nSource: {rule.source}"
