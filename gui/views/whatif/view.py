"""What if: a working copy of the policy beside the applied one, and the frames whose fate differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from engine.report.explain.turn import trial_text
from gui.models.what_if import ChangedFramesModel, display_filter
from gui.session_bridge.asking.comparing import Compared
from gui.session_bridge.asking.what_if import BothWays
from gui.views.refresher import Refresher
from gui.views.whatif.frames_table import ChangedFramesTable
from gui.views.whatif.summary import Summary
from gui.widgets.controls import make_button, make_label
from gui.widgets.empty_state import EmptyState
from gui.widgets.message_bar import MessageBar
from gui.widgets.text import thousands

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

LOW = 420
"""Below this height, groups over frames leave no room for the strip of places."""
WIDE = 720
"""From this width on, groups and frames stand side by side."""


class WhatIfView(QWidget):
    """Follows the edits, also those in an open form, while it is in sight."""

    title = "What if"
    icon = "what_if"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._runner = bridge, bridge.what_if
        self._subtitle = ""
        self._compared: Compared | None = None
        self._is_watching = False
        self.summary = Summary()
        self.model = ChangedFramesModel(self)
        self.table = ChangedFramesTable(bridge, self.model)
        self.refused = MessageBar()
        self._both = make_label("", "table", "secondary")
        self._both.setWordWrap(True)
        self._both.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.both = make_button("Run it both ways", "outline")
        self.both.setToolTip("Run the chosen frame by itself under both policies, callouts and all")
        self.only = make_button("Show only these", "outline", "filter")
        self.step = make_button("Step them", "outline")
        self.step.setToolTip("Run the whole capture under both policies: only that settles frames that reach a callout")
        self.discard = make_button("Discard", "outline")
        self.discard.setToolTip("Return to the applied policy; undo brings the changes back")
        self.apply = make_button("Apply", "primary")
        self.apply.setToolTip("In one transaction; the run is repeated up to where it stands")
        self._shown = make_label("", "small", "muted")
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()
        self._connect()
        self._refresher.ask()

    def subtitle(self) -> str:
        return self._subtitle

    # --- set up ----------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 6, 8, 6)
        foot.setSpacing(8)
        foot.addWidget(self.only)
        foot.addWidget(self.both)
        foot.addWidget(self.step)
        foot.addWidget(self._shown, 1)
        foot.addWidget(self.discard)
        foot.addWidget(self.apply)
        self._both.setContentsMargins(12, 4, 12, 4)
        self._both.hide()
        for part, stretch in ((self.table, 1), (self._both, 0)):
            column.addWidget(part, stretch)
        column.addLayout(foot)
        self._split.addWidget(self.summary)
        self._split.addWidget(right)
        self._split.setStretchFactor(0, 2)
        self._split.setStretchFactor(1, 3)
        self._split.setChildrenCollapsible(False)
        page = QWidget()
        whole = QVBoxLayout(page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.refused)
        whole.addWidget(self._split, 1)
        self._empty = EmptyState("what_if", "", "")
        self._again = EmptyState("what_if", "The comparison was cancelled", "The capture has to be read for it once.",
                                 "Compare")
        self._again.acted.connect(self._runner.start)
        self._pages = QStackedLayout(self)
        for one in (self._empty, self._again, page):
            self._pages.addWidget(one)
        self._page = page
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        bridge = self._bridge
        self._refresher = Refresher(self, self._refresh)
        for fact in (self._runner.changed, bridge.working_changed, bridge.session_changed):
            fact.connect(self._refresher.ask)
        self._runner.both_ways.connect(self._show_both)
        bridge.focus_changed.connect(self._on_focus)
        self.summary.group_chosen.connect(self._show_group)
        self.summary.frame_wanted.connect(self._go_near)
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self.table.activated.connect(self._on_activated)
        self.both.clicked.connect(self._run_both)
        self.only.clicked.connect(self._show_only)
        self.step.clicked.connect(self._runner.step)
        self.discard.clicked.connect(bridge.discard)
        self.apply.clicked.connect(bridge.apply)

    # --- facts in --------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        runner, bridge = self._runner, self._bridge
        compared = runner.compared
        is_edited = bridge.working is not bridge.applied and bridge.working != bridge.applied
        self._subtitle = ""
        if runner.hindrance:
            self._say("Nothing to compare", runner.hindrance)
        elif runner.is_cancelled:
            self._pages.setCurrentWidget(self._again)
        elif not is_edited:
            self._say("Nothing is edited", "Edit the policy: frames that fare otherwise are counted here as you type.")
        elif compared is None:
            self._say("Comparing", "The frames of the capture are read once.")
        else:
            self._pages.setCurrentWidget(self._page)
            if compared is not self._compared:
                self._compared = compared
                self._both.hide()
                self.summary.show_compared(compared)
            is_open = compared.difference.unsettled > 0
            self.step.setVisible(is_open and not runner.is_stepping)
            took = f"{runner.seconds * 1000:.0f} ms"
            how = "being stepped" if runner.is_stepping else f"in {took}"
            self._subtitle = f"as applied → as edited · {thousands(compared.total)} frames {how}"
        if runner.refusal:
            self.refused.say("error", f"{runner.refusal}. Shown is the last policy that Windows would take.")
        else:
            self.refused.hide()
        self.discard.setEnabled(bridge.has_unapplied_edits)
        self.apply.setEnabled(bridge.has_unapplied_edits and not runner.refusal)
        self.subtitle_changed.emit(self._subtitle)

    def _say(self, line: str, sentence: str) -> None:
        self._empty.say(line, sentence)
        self._pages.setCurrentWidget(self._empty)

    @Slot()
    def _show_group(self) -> None:
        self.model.show(self._bridge.session, self._runner.compared, self.summary.group())
        self._tell_shown()
        focus = self._bridge.focus.frame
        if focus is not None:
            self.table.choose(focus)
            self.both.setEnabled(self.table.number() is not None)

    def _tell_shown(self) -> None:
        shown, total = self.model.rowCount(), self.model.total
        self._shown.setText(f"{thousands(shown)} of {thousands(total)} listed" if shown < total else "")
        self.both.setEnabled(self.table.number() is not None)

    @Slot(object)
    def _on_focus(self, focus: object) -> None:
        number = getattr(focus, "frame", None)
        if number is not None and number != self.table.number():
            self.table.choose(number)
            self.both.setEnabled(self.table.number() is not None)

    @Slot(object)
    def _show_both(self, both: BothWays) -> None:
        self._both.setText(f"Frame {both.number} by itself, as applied: {trial_text(both.applied)}. "
                           f"As edited: {trial_text(both.working)}.")
        self._both.show()

    # --- wishes out ------------------------------------------------------------------------------------------------

    @Slot(QModelIndex, QModelIndex)
    def _on_row(self, index: QModelIndex, _: QModelIndex) -> None:
        number = self.model.number(index.row()) if index.isValid() else None
        self._tell_shown()
        self._both.hide()
        if number is not None and number != self._bridge.focus.frame:
            self._bridge.select_frame(number)

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        number = self.model.number(index.row())
        if number is not None:
            self._bridge.step_frame(number)

    @Slot(int)
    def _go_near(self, number: int) -> None:
        """Go to the first changed frame from this one on, if it is listed."""
        piece = next(self._frames(number), None)
        if piece is not None:
            self._bridge.select_frame(int(piece[0]))

    def _frames(self, first: int = 1) -> Iterator[Any]:
        """Numbers of the frames of the chosen group from `first` on, in pieces."""
        compared, group = self._runner.compared, self.summary.group()
        if compared is None or group is None:
            return iter(())
        difference = compared.difference
        return difference.stepped_frames(first) if group.is_unsettled else difference.changed_frames(
            group.change, first)

    @Slot()
    def _show_only(self) -> None:
        """The frames table shows the frames of the chosen group, if a display filter can name them all."""
        text = display_filter(self._frames())
        if text is None:
            self._bridge.message.emit("warn", "These are too many frames for a display filter: choose a smaller group.")
        else:
            self._bridge.frame_filter.wanted.emit(text, True)
            self._bridge.view_wanted.emit("frames")

    @Slot()
    def _run_both(self) -> None:
        number = self.table.number()
        if number is not None:
            self._runner.run_both_ways(number)

    # --- in sight --------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_watching:
            self._is_watching = True
            self._runner.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._is_watching:
            self._is_watching = False
            self._runner.watch(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < WIDE
        if not narrow and not self._split.property("placed"):
            # Once: later the place of the handle is the user's.
            self._split.setProperty("placed", True)
            self._split.setSizes([event.size().width() * 2 // 5, event.size().width() * 3 // 5])
        self.summary.set_low(event.size().height() < (LOW if narrow else LOW // 2))
        self._split.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)
        self.table.set_narrow(narrow)
        self.only.setVisible(not narrow)
