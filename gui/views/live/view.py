"""The right side of the Live layout: the capture, who drops most, and the drops."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.models.live.capture_words import CaptureMoment, capture_facts
from gui.models.live.drop_rows import DropRows
from gui.models.live.drops import Drops, dropper_name
from gui.models.live.speed import Speed
from gui.views.live.drop_list import DropList
from gui.views.live.facts import DropperBars, FactTable, SectionTitle
from gui.views.refresher import Refresher
from gui.widgets.controls import make_button
from gui.widgets.text import thousands

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge

MOST_DROPPERS = 3
SHOW_MS = 250
"""While frames run, the figures change so often: faster nobody can read."""


class LiveView(QWidget):
    """For a capture from a file it shows the run."""

    title = "Capture"
    icon = "rate"

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._drops: Drops | None = None
        self._speed = Speed()
        self.rows = DropRows(self)
        self.facts = FactTable("Capture")
        self.droppers = DropperBars()
        self.list = DropList(self.rows)
        self._drops_title = SectionTitle("error", "Drops", "newest first")
        self.step = make_button("Step this frame", "normal", "over")
        self.explain = make_button("Explain", "outline")
        self._refresher = Refresher(self, self.refresh)
        self._pace = QTimer(self, singleShot=True, interval=SHOW_MS)
        self._pace.timeout.connect(self._refresher.ask)
        self._lay_out()
        self._connect(bridge)
        self._on_session_changed()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(10, 8, 10, 8)
        buttons.setSpacing(8)
        buttons.addWidget(self.step)
        buttons.addWidget(self.explain)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.facts, SectionTitle("policy", "Who drops most"), self.droppers, self._drops_title):
            layout.addWidget(part)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)
        self.setFocusProxy(self.list)

    def _connect(self, bridge: SessionBridge) -> None:
        bridge.session_changed.connect(self._on_session_changed)
        for fact in (bridge.cursor_moved, bridge.trace_grown, bridge.rows_grown, bridge.watch.changed):
            fact.connect(self._show_soon)
        for fact in (bridge.running_changed, bridge.live_changed, bridge.watch.paused_changed, bridge.settled):
            fact.connect(self._refresher.ask)
        self.list.chosen.connect(bridge.select_frame)
        self.list.step_wished.connect(self._step)
        self.list.selectionModel().currentChanged.connect(self._show_buttons)
        self.step.clicked.connect(self._step_chosen)
        self.explain.clicked.connect(self._explain)

    # --- facts -----------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session_changed(self) -> None:
        session = self._bridge.session
        self._drops = None if session is None else Drops(session.trace)
        self._speed = Speed()
        self._refresher.ask()

    @Slot()
    def _show_soon(self) -> None:
        if not self._pace.isActive():
            self._pace.start()

    def refresh(self) -> None:
        """Show what the shown records say."""
        bridge, session, drops = self._bridge, self._bridge.session, self._drops
        if session is None or drops is None:
            self.facts.show_facts(())
            self.droppers.show_rows(())
            self.rows.show(None, None, 0)
            self._drops_title.set_right("")
            self._show_buttons()
            return
        self._show_capture()
        if drops.catch_up():
            self._refresher.ask()
        cursor, policy = bridge.cursor, session.policy
        found = drops.by_filter(cursor)[:MOST_DROPPERS]
        self.droppers.show_rows([(dropper_name(one.filter, policy), one.count) for one in found])
        self.rows.show(drops, policy, cursor)
        self._drops_title.set_right(thousands(self.rows.rowCount()))
        self._show_buttons()

    def _show_capture(self) -> None:
        bridge, session = self._bridge, self._bridge.session
        assert session is not None
        ran = session.states.latest
        seconds = bridge.watch.seconds
        rate = self._speed.take(ran, seconds, running=bridge.running)
        self.facts.show_facts(capture_facts(session, CaptureMoment(
            is_live=bridge.is_live, running=bridge.running, seconds=seconds, lost=bridge.watch.lost,
            classified_rate=rate, ran=ran), sys.platform))

    @Slot()
    def _show_buttons(self) -> None:
        has_one = self.list.frame() is not None
        why = "" if has_one else "Choose a drop first"
        for button in (self.step, self.explain):
            button.setEnabled(has_one)
            button.setToolTip(why)

    # --- wishes ----------------------------------------------------------------------------------------------------

    @Slot()
    def _step_chosen(self) -> None:
        if (frame := self.list.frame()) is not None:
            self._step(frame)

    @Slot(int)
    def _step(self, frame: int) -> None:
        """Stand where the frame enters; a run is paused for it."""
        self._bridge.step_frame(frame)

    @Slot()
    def _explain(self) -> None:
        """Go to the verdict, and say why."""
        index = self.list.currentIndex()
        if index.isValid():
            self._bridge.go_to(self.rows.drop(index.row()).seq)
            self._bridge.view_wanted.emit("explain")
