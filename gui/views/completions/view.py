"""Completions: a swim lane for each injected NBL of the frame in focus, from the call to its completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QStackedLayout, QWidget

from engine.ndis.snapshot import NblId
from gui.models.completions.axis import Axis
from gui.models.completions.lanes import LaneIndex, Lanes, Moment
from gui.models.completions.tree import CompletionsModel
from gui.views.completions.canvas import NARROW, LaneCanvas
from gui.views.refresher import Refresher
from gui.views.thing_menu import Thing, add_thing_entries
from gui.views.tree_page import TreePage
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import Chip
from gui.widgets.segmented import SegmentedControl

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

OPENED_INJECTIONS = 8
_EMPTY, _LANES, _TREE = range(3)


class CompletionsView(QWidget):
    """A click goes to a step. The axis counts events, or simulated time; "As a tree" shows the same in rows."""

    title = "Completions"
    icon = "in_flight"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._index: LaneIndex | None = None
        self._shown: list[Lanes] = []
        self._axis_key: tuple[object, ...] = ()
        self._subtitle = ""
        self._is_behind = False
        self.canvas = LaneCanvas()
        self.model = CompletionsModel(self)
        self.tree = self._make_tree()
        self.axis_choice = SegmentedControl(("Events", "Time"), "Axis")
        self._chip = Chip("", "pending")
        self._chip.hide()
        self.tree_action = self.tree.wanted
        self.title_widgets: list[QWidget] = [self._chip, self.axis_choice]
        self.title_actions = [self.tree_action]
        self._refresher = Refresher(self, self._refresh)
        self._pages = QStackedLayout(self)
        empty = EmptyState(
            "in_flight", "No injections here", "When a callout injects NBLs of this frame, their way is drawn here.")
        self._pages.addWidget(empty)
        self._pages.addWidget(self.canvas)
        self._pages.addWidget(self.tree)
        self._connect(bridge)
        self._on_session_changed()

    def _make_tree(self) -> TreePage:
        tree = TreePage(self.model, "Completions as a tree", self)
        tree.setExpandsOnDoubleClick(False)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(0, 240)
        header.resizeSection(2, 56)
        return tree

    def _connect(self, bridge: SessionBridge) -> None:
        bridge.session_changed.connect(self._on_session_changed)
        for changed in (bridge.cursor_moved, bridge.focus_changed, bridge.trace_grown):
            changed.connect(self._refresher.ask)
        self.axis_choice.chosen.connect(self._ask)
        self.tree_action.toggled.connect(self._ask)
        self.canvas.seq_chosen.connect(bridge.go_to)
        self.canvas.nbl_chosen.connect(self._choose)
        self.model.modelReset.connect(self._open_rows)
        self.tree.chosen.connect(self._on_row_chosen)
        self.tree.customContextMenuRequested.connect(self._open_menu)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresher.ask()

    # --- facts in ------------------------------------------------------------------------------------------------

    @Slot()
    def _ask(self) -> None:
        self._refresher.ask()

    @Slot()
    def _on_session_changed(self) -> None:
        session = self._bridge.session
        self._index = None if session is None else LaneIndex(session.trace)
        self._axis_key = ()
        self._refresher.ask()

    def subtitle(self) -> str:
        """`2 of 5 completed · 3 in flight` over all injections of the frame, for the dock's title."""
        return self._subtitle

    def _refresh(self) -> None:
        self._is_behind = self._index is not None and self._index.catch_up()
        if self._is_behind:
            self._refresher.ask()
        frame = self._bridge.focus.frame or self._bridge.world.frame
        self._shown = self._index.of_frame(frame) if self._index is not None and frame else []
        self.axis_choice.setEnabled(bool(self._shown) and not self.tree_action.isChecked())
        if not self._shown:
            self._pages.setCurrentIndex(_EMPTY)
        elif self.tree_action.isChecked():
            self.model.show(self._shown, self._bridge.cursor)
            self._pages.setCurrentIndex(_TREE)
        else:
            self._show_lanes(frame)
            self._pages.setCurrentIndex(_LANES)
        self._tell()

    def _show_lanes(self, frame: int) -> None:
        session, cursor = self._bridge.session, self._bridge.cursor
        assert session is not None
        self.canvas.set_limit(session.options.hold_warning_ms * 1_000_000)
        by_time = self.axis_choice.current() == 1
        # The axis changes only with the frame, the choice, or records of the frames that are shown.
        frames = sorted({frame}.union(*(lanes.frames for lanes in self._shown)))
        grown = sum(len(session.trace.of_frame(one)) for one in frames)
        assert self._index is not None
        drawn = self._index.with_neighbours(self._shown, self.canvas.free_rows(self._shown, self.size()))
        key = (frame, by_time, tuple(lanes.id for lanes in drawn), grown, self._is_behind)
        if key != self._axis_key:
            self._axis_key = key
            self.canvas.show_lanes(drawn, Axis(session.trace, drawn, by_time=by_time))
        now, text = None, ""
        if cursor:
            record = session.trace[cursor - 1]
            now = Moment(record.seq, record.time_ns)
            step, _ = session.trace.place_in_frame(cursor - 1)
            other = f" of frame {record.frame}" if record.frame else " outside any frame"
            text = f"now, step {step}{other if record.frame != frame else ''}"
        self.canvas.show_now(cursor, now, text, self._bridge.focus.nbl)

    def _tell(self) -> None:
        cursor = self._bridge.cursor
        flying = sum(lanes.in_flight_at(cursor) for lanes in self._shown)
        self._chip.set_text(f"{flying} in flight")
        # A narrow dock has no room for it beside its tabs; the lanes say the same.
        self._chip.setVisible(flying > 0 and self.width() >= NARROW)
        count = len(self._shown)
        done = sum(len(lanes.completed_at(cursor)) for lanes in self._shown)
        total = sum(len(lanes.lanes) for lanes in self._shown)
        self._subtitle = f"{count} injection{'s' * (count != 1)} · {done} of {total} completed" if count else ""
        self.subtitle_changed.emit(self._subtitle)

    @Slot()
    def _open_rows(self) -> None:
        if self.model.rowCount() <= OPENED_INJECTIONS:
            self.tree.expandAll()

    # --- wishes out ----------------------------------------------------------------------------------------------

    @Slot(str)
    def _choose(self, nbl: str) -> None:
        self._bridge.set_focus(frame=int(nbl.partition(".")[0]), nbl=NblId(nbl))

    @Slot(QModelIndex)
    def _on_row_chosen(self, index: QModelIndex) -> None:
        self._bridge.go_to(self.model.seq(index))

    @Slot(QPoint)
    def _open_menu(self, point: QPoint) -> None:
        index = self.tree.indexAt(point)
        if not index.isValid():
            return
        seq, nbl, text = self.model.seq(index), self.model.nbl(index), self.model.text(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add_thing_entries(menu, self._bridge, Thing(seq=seq, nbl=nbl, texts=(("Row", text),)))
        menu.popup(self.tree.viewport().mapToGlobal(point))
