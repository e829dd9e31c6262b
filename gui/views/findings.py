"""Broken rules by rule: each place where it was broken, how it came about, what the rule says and how to keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QScrollArea, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from engine.report.explain.machine import rule_source, rule_text
from engine.report.finding_text import finding_markdown
from engine.report.source_words import source_words
from engine.trace.world import Finding
from gui.models.findings import FindingsModel, RuleGroup
from gui.theme import theme
from gui.views.explain import CHIPS
from gui.views.refresher import Refresher
from gui.views.thing_menu import Thing, add_thing_entries, make_menu
from gui.widgets.controls import make_label
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import Chip
from gui.widgets.rows import RowTree
from gui.widgets.text import text_width

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge


class FindingsView(QWidget):
    """Shows what was found up to the cursor. A double click or Enter goes there, or to what led there."""

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
        self._below = QScrollArea()
        self._below.setAccessibleName("The rule of the finding")
        self._below.setFrameShape(QFrame.Shape.NoFrame)
        self._below.setWidgetResizable(True)
        self._below.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._below.setWidget(self.remedy)
        column.addWidget(self._below)
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
        self.model.modelReset.connect(lambda: self.tree.expandToDepth(0))
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
        clue, finding = self.model.clue(index), self.model.finding(index)
        if clue is not None:
            self._bridge.go_to(clue.seq)
        elif finding is not None:
            self._bridge.go_to(finding.seq)
        else:
            self.tree.setExpanded(index.siblingAtColumn(0), not self.tree.isExpanded(index.siblingAtColumn(0)))

    @Slot(QModelIndex, QModelIndex)
    def _show_rule(self, current: QModelIndex, _: QModelIndex) -> None:
        self.remedy.show_place(self.model.group(current), self.model.finding(current))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As much room for the rule as it needs, and never more than the list has."""
        self._below.setVisible(self.remedy.is_told)
        if self.remedy.is_told:
            self._below.setFixedHeight(min(self.remedy.heightForWidth(self.width()), self.height() // 2))

    @Slot(QModelIndex, int, int)
    def _open_groups(self, parent: QModelIndex, first: int, last: int) -> None:
        for row in range(first, last + 1) if not parent.isValid() else ():
            self.tree.expand(self.model.index(row, 0))

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        index = self.tree.indexAt(place)
        group, finding, clue = self.model.group(index), self.model.finding(index), self.model.clue(index)
        if group is None:
            return
        seq = clue.seq if clue is not None else finding.seq if finding is not None else None
        menu = make_menu(self)
        add_thing_entries(menu, self._bridge, Thing(
            seq=seq, frame=None if finding is None else finding.frame or None, rule=group.id,
            nbl=None if finding is None else finding.event.nbl,
            texts=(("Text", self.text_of(index)), ("Markdown", self.markdown_of(index)))))
        menu.popup(self.tree.viewport().mapToGlobal(place))

    def text_of(self, index: QModelIndex) -> str:
        """A row in one line; a rule with what it says."""
        group, finding, clue = self.model.group(index), self.model.finding(index), self.model.clue(index)
        if clue is not None:
            return f"#{clue.seq} {clue.text}" + (f" ({clue.line})" if clue.line else "")
        if group is not None and finding is not None:
            return f"{group.id}: {finding.event.detail}"
        return self.remedy.text_of(group) if group is not None else ""

    def markdown_of(self, index: QModelIndex) -> str:
        """The finding of a row with all that is known of it; of a rule's row, all of its findings."""
        group, finding = self.model.group(index), self.model.finding(index)
        findings = [finding] if finding is not None else [place.finding for place in group.places] if group else []
        return "\n".join(finding_markdown(one.event, one.seq, one.frame) for one in findings)


class RulePart(QWidget):
    """The row in focus: the finding as a whole; what the rule says, the remedy, the source."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_told = False
        self._finding = make_label("", "label")
        self._rule = make_label("", "table")
        self._remedy = make_label("", "table")
        self._source = make_label("", "small", "secondary")
        self._chip = Chip("DOCUMENTED", "documented")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        layout.setSpacing(4)
        for label in (self._finding, self._rule, self._remedy, self._source):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            if label is self._source:
                layout.addWidget(self._chip)
            layout.addWidget(label)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def minimumSizeHint(self) -> QSize:
        # Labels that wrap ask for the height of a narrow column; how high the part is follows from its width.
        return QSize(0, 0)

    def show_place(self, group: RuleGroup | None, finding: Finding | None) -> None:
        rule = None if group is None else group.rule
        self.is_told = rule is not None
        self._finding.setVisible(finding is not None)
        if finding is not None:
            at = f" ({finding.event.line})" if finding.event.line else ""
            self._finding.setText(f"{finding.event.detail}{at}")
        if group is not None and rule is not None:
            self._rule.setText(rule_text(rule))
            self._remedy.setText(f"Remedy: {rule.remedy}")
            source = rule_source(rule)
            self._source.setText(source.text)
            self._chip.set_text(source.chip)
            self._chip.set_kind(CHIPS[source.evidence])
            self.setAccessibleName(self.text_of(group))

    @staticmethod
    def text_of(group: RuleGroup) -> str:
        rule = group.rule
        if rule is None:
            return group.id
        return f"{rule.id} {rule.title}\n{rule_text(rule)}\nRemedy: {rule.remedy}\nSource: {source_words(rule.source)}"
