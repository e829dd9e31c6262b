"""The page that explores a policy: many runs under adversity, and the least that shows each distinct finding."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QProgressBar,
    QSpinBox,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from engine.explore.discovery import Discovery
from engine.explore.reproduction import rule_text
from gui.models.explore import ExploreModel
from gui.session_bridge import SessionBridge
from gui.theme import keep_icon
from gui.views.refresher import Refresher
from gui.widgets.controls import make_button, make_label
from gui.widgets.empty_state import EmptyState
from gui.widgets.rows import RowTable

RUNS, MOST_RUNS = 100, 100_000
WORDS = (
    "Runs the capture under many seeds, chains, failing calls, late completions and restarting modules. Each distinct "
    "finding is made as small as it gets; a double click loads it."
)
UNEXPLORED = "Nothing explored yet"
LISTED = "What breaks a rule under adversity is listed here, with the least that shows it."


class ExploreView(QWidget):
    """Starts, follows and cancels an exploration."""

    title = "Explore"
    icon = "adversity"

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._explorer = bridge, bridge.explorer
        self.model = ExploreModel(self)
        self.runs = QSpinBox()
        self.runs.setRange(1, MOST_RUNS)
        self.runs.setValue(RUNS)
        self.runs.setFixedWidth(96)
        self.runs.setAccessibleName("Runs")
        self.exhaustive = QCheckBox("Exhaustive")
        self.exhaustive.setToolTip("Fail each allocation, injection and completion in turn, until no new one appears")
        self.exhaustive.toggled.connect(self.runs.setDisabled)
        self.start = make_button("Explore", "primary", "adversity")
        self.start.clicked.connect(self._start)
        self.cancel = make_button("Cancel", "outline")
        self.cancel.clicked.connect(self._explorer.cancel)
        self._told = make_label("", "table", "secondary")
        self._told.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._bar.setAccessibleName("Progress")
        self.table = self._make_table()
        self.detail = DetailPart()
        self.detail.load.clicked.connect(lambda: self._load(self.table.currentIndex()))
        self.detail.copy.clicked.connect(self._copy_current)
        self._pages = QStackedLayout()
        self._empty = EmptyState("adversity", UNEXPLORED, "")
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.table)
        self._lay_out()
        self.setFocusProxy(self.start)
        self._refresher = Refresher(self, self._refresh)
        for fact in (self._explorer.changed, bridge.session_changed):
            fact.connect(self._refresher.ask)
        self._refresher.ask()

    def subtitle(self) -> str:
        return "the session stays as it is until a finding is loaded"

    def _make_table(self) -> RowTable:
        table = RowTable(self)
        table.setModel(self.model)
        table.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        table.setAccessibleName("Distinct findings")
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.activated.connect(self._load)
        table.selectionModel().currentRowChanged.connect(self._show_detail)
        table.customContextMenuRequested.connect(self._open_menu)
        return table

    def _lay_out(self) -> None:
        words = make_label(WORDS, "table", "secondary")
        words.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(make_label("Runs", "label", "secondary"))
        row.addWidget(self.runs)
        row.addSpacing(8)
        row.addWidget(self.exhaustive)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.start)
        head = QVBoxLayout()
        head.setContentsMargins(16, 12, 16, 12)
        head.setSpacing(8)
        head.addWidget(words)
        head.addLayout(row)
        head.addWidget(self._told)
        head.addWidget(self._bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(self._pages, 1)
        column.addWidget(self.detail)

    # --- facts in --------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        explorer = self._explorer
        self.model.show(explorer.discoveries)
        self._pages.setCurrentIndex(int(self.model.rowCount() > 0))
        if self.model.rowCount() and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        hindrance = explorer.hindrance
        self._tell_empty()
        self._show_buttons(can_start=not explorer.is_running and not hindrance)
        self.start.setToolTip(hindrance)
        progress = explorer.progress
        self._bar.setVisible(explorer.is_running)
        self._bar.setRange(0, progress.of if progress is not None else 0)
        self._bar.setValue(progress.done if progress is not None else 0)
        self._told.setText(self._state_text() or hindrance)
        self._told.setVisible(bool(self._told.text()))
        self._show_detail()

    def _tell_empty(self) -> None:
        explorer = self._explorer
        if explorer.is_running:
            self._empty.say("Nothing found so far", LISTED)
        elif explorer.ended is not None:
            self._empty.say("No rule was broken", "These runs showed nothing; more of them, or Exhaustive, may.")
        else:
            self._empty.say(UNEXPLORED, LISTED)

    def _show_buttons(self, *, can_start: bool) -> None:
        """Of the two buttons the one that can be pressed has the keyboard, if one of them had it."""
        running = self._explorer.is_running
        had_focus = self.start.hasFocus() or self.cancel.hasFocus()
        if running:
            self.cancel.show()
        else:
            self.start.setEnabled(can_start)
        if had_focus:
            (self.cancel if running else self.start).setFocus()
        if running:
            self.start.setEnabled(False)
        else:
            self.cancel.hide()

    def _state_text(self) -> str:
        explorer, progress = self._explorer, self._explorer.progress
        if progress is None:
            return "reading the frames…" if explorer.is_running else ""
        found = f"{len(explorer.discoveries)} distinct finding{'s' * (len(explorer.discoveries) != 1)}"
        if explorer.is_running:
            what = "" if progress.what == "run" else f", {progress.what}"
            return f"{progress.done} of {progress.of} runs{what}, {found}"
        ended = explorer.ended
        if ended is None:
            return f"cancelled after {progress.done} of {progress.of} runs, {found}"
        sites = f", {ended.sites} call paths met" if ended.sites else ""
        return f"{ended.runs} runs{sites}, {found}"

    @Slot()
    def _show_detail(self) -> None:
        found = self._current()
        self.detail.show_discovery(found, "" if found is None else self._explorer.command(found))

    # --- wishes out ------------------------------------------------------------------------------------------------

    def _current(self) -> Discovery | None:
        return self.model.discovery(self.table.currentIndex().row())

    @Slot()
    def _start(self) -> None:
        self._explorer.start(self.runs.value(), exhaustive=self.exhaustive.isChecked())

    @Slot(QModelIndex)
    def _load(self, index: QModelIndex) -> None:
        found = self.model.discovery(index.row())
        if found is not None:
            self._explorer.reproduce(found)

    @Slot()
    def _copy_current(self) -> None:
        found = self._current()
        if found is not None:
            self.copy_command(found)

    def copy_command(self, found: Discovery) -> None:
        """Put the command line that shows it again on the clipboard."""
        QGuiApplication.clipboard().setText(self._explorer.command(found))

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        found = self.model.discovery(self.table.indexAt(place).row())
        if found is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        load = menu.addAction("Load into the session")
        keep_icon(load, "run_to_here")
        load.triggered.connect(lambda: self._explorer.reproduce(found))
        copy = menu.addAction("Copy the command")
        keep_icon(copy, "copy")
        copy.triggered.connect(lambda: self.copy_command(found))
        menu.popup(self.table.viewport().mapToGlobal(place))


class DetailPart(QWidget):
    """The row in focus: what happened, what was done to the machine, and the command that shows it again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detail = make_label("", "table")
        self._rules = make_label("", "code", "secondary")
        self._command = make_label("", "code")
        self.load = make_button("Load into the session", "outline", "run_to_here")
        self.copy = make_button("Copy the command", "quiet", "copy")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 12)
        layout.setSpacing(4)
        for label in (self._detail, self._rules, self._command):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(label)
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.load)
        row.addWidget(self.copy)
        row.addStretch(1)
        layout.addLayout(row)

    def show_discovery(self, found: Discovery | None, command: str) -> None:
        self.setVisible(found is not None)
        if found is None:
            return
        site = f" When this fails: {found.site.text}." if found.site is not None else ""
        self._detail.setText(f"{found.seen.detail}.{site}")
        self._rules.setText("\n".join(rule_text(rule) for rule in found.case.faults))
        self._rules.setVisible(bool(found.case.faults))
        self._command.setText(command)
