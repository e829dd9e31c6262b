"""The steps of the frame where the cursor stands, and the scrubber to drag through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QCursor, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedLayout, QVBoxLayout, QWidget

from engine.report.names import Names
from engine.trace.record import Record
from gui.models.steps.matches import StepMatches
from gui.models.steps.model import Column, StepsModel
from gui.models.steps.moves import find_step
from gui.models.steps.wish import StepWish
from gui.theme import keep_icon
from gui.views.refresher import Refresher
from gui.views.step_bar import StepBar
from gui.views.step_bookmark_menu import more_menu
from gui.views.step_menu import step_menu
from gui.views.step_name_bar import StepNameBar
from gui.views.step_scrubbing import StepScrubbing
from gui.widgets.empty_state import EmptyState
from gui.widgets.rows import RowTree
from gui.widgets.scrubber import Scrubber

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

OPENED_WHOLE = 2000
"""Records of a story that is shown fully opened; of a longer one only the way to the current step is."""
NUMBER_WIDTH = 44
INDENTATION = 13


class StepsView(QWidget):
    """A click goes to a step; the current one is always in sight."""

    title = "Steps"
    icon = "steps"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.model = StepsModel(self)
        self.tree = self._make_tree()
        self.scrubber = Scrubber()
        self.bar = StepBar()
        self.name_bar = StepNameBar(bridge)
        self.matches = StepMatches(self._fits, self)
        self._wish = StepWish()
        self._is_hiding = False
        self.find_action = self._make_action("Find in steps", "find", self.bar.begin)
        self.find_action.setShortcut(QKeySequence.StandardKey.Find)
        self.find_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.whole_run = QAction("Scrubber over the whole run", self, checkable=True)
        more = self._make_action("Find, bookmarks, scrubber", "ellipsis", self._show_more)
        self.title_actions = [more]
        self.addAction(self.find_action)
        self._is_new = True
        self._refresher = Refresher(self, self._refresh)
        self.scrubbing = StepScrubbing(self.scrubber, self.model, bridge, self._refresher.ask)
        self._lay_out()
        bridge.session_changed.connect(self._on_session_changed)
        bridge.cursor_moved.connect(self._refresher.ask)
        bridge.trace_grown.connect(self._refresher.ask)
        bridge.running_changed.connect(self._refresher.ask)
        self.tree.clicked.connect(self._go)
        self.tree.activated.connect(self._go)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        self.scrubbing.wanted.connect(bridge.go_to)
        self.model.rowsInserted.connect(self._on_rows_inserted)
        self._connect_search()
        self._on_session_changed()

    def _connect_search(self) -> None:
        self.whole_run.toggled.connect(self.scrubbing.show_run)
        self.bar.changed.connect(self._on_wish)
        self.bar.moved.connect(self._find)
        for part in (self.bar, self.name_bar):
            part.left.connect(self.tree.setFocus)
        self.matches.changed.connect(self._tell_matches)
        self.matches.finished.connect(self._on_matches)
        self._bridge.steps_wanted.connect(self.bar.begin)
        self._bridge.step_bookmarks.changed.connect(self._show_bookmarks)

    def _show_more(self) -> None:
        more_menu(self, self._bridge, [self.find_action, self.whole_run]).popup(QCursor.pos())

    def _make_action(self, text: str, icon_name: str, act: Callable[[], None]) -> QAction:
        action = QAction(text, self, toolTip=text)
        keep_icon(action, icon_name, size=14)
        action.triggered.connect(lambda _=False: act())
        return action

    def _make_tree(self) -> RowTree:
        tree = RowTree(self)
        tree.setModel(self.model)
        tree.setHeaderHidden(True)
        tree.setIndentation(INDENTATION)
        tree.setExpandsOnDoubleClick(False)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.setAccessibleName("Steps")
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(Column.TEXT, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(Column.NUMBER, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(Column.NUMBER, NUMBER_WIDTH)
        return tree

    def _lay_out(self) -> None:
        content = QWidget()
        below = QVBoxLayout(content)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        for part in (self.bar, self.tree, self.name_bar, self.scrubber):
            below.addWidget(part)
        empty = EmptyState("steps", "No steps yet", "Step into a frame: everything that happens to it is listed here.")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(empty)
        self._pages.addWidget(content)
        self.setFocusProxy(self.tree)

    # --- facts in ------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session_changed(self) -> None:
        self._is_new = True
        self.scrubbing.forget_run()
        self._refresher.ask()
        if self._bridge.session is None:
            self._pages.setCurrentIndex(0)
            self.subtitle_changed.emit("")

    def _refresh(self) -> None:
        """Follow the cursor to its frame and take in what has been recorded."""
        session, cursor = self._bridge.session, self._bridge.cursor
        if session is None or not len(session.trace):
            self._pages.setCurrentIndex(0)
            return
        frame = session.trace[max(0, cursor - 1)].frame
        if self._is_new or frame != self.model.frame:
            self._is_new = False
            self._show_frame(frame)
        else:
            self.model.grow()
            if self._wish:
                self.matches.extend(self.model.count)
        self.model.set_cursor(cursor)
        self._show_current()
        self.scrubbing.feed()
        self._pages.setCurrentIndex(1)
        self.subtitle_changed.emit(self.subtitle())

    def _show_frame(self, frame: int) -> None:
        session = self._bridge.session
        assert session is not None
        self.scrubbing.forget()
        self._is_hiding = False
        self.model.show(session.trace, frame, Names(session.policy))
        self._show_bookmarks()
        self._open()
        if self._wish:
            self.matches.start(self.model.count)

    def _open(self) -> None:
        if self.model.count <= OPENED_WHOLE:
            self.tree.expandAll()

    @Slot(QModelIndex, int, int)
    def _on_rows_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        if self.model.count > OPENED_WHOLE:
            return
        # A record that was a leaf until now opens with its first child.
        if first == 0 and parent.isValid():
            self.tree.expand(parent)
        for row in range(first, last + 1):
            self.tree.expandRecursively(self.model.index(row, 0, parent))

    def _show_current(self) -> None:
        current = self.model.current()
        if not current.isValid():
            self.tree.clearSelection()
            return
        above = current.parent()
        while above.isValid():
            self.tree.expand(above)
            above = above.parent()
        self.tree.setCurrentIndex(current)
        # With as much before it as behind it; a row in sight stays where it is.
        if not self.tree.viewport().rect().contains(self.tree.visualRect(current)):
            self.tree.scrollTo(current, QAbstractItemView.ScrollHint.PositionAtCenter)

    def subtitle(self) -> str:
        """What the dock's title says beside "Steps"."""
        place = self.model.place_of(self._bridge.cursor - 1)
        where = f"frame {self.model.frame}" if self.model.frame else "outside any frame"
        return f"{where} · event {(place if place is not None else -1) + 1} of {self.model.count}"

    # --- wishes out ----------------------------------------------------------------------------------------------

    @Slot(QModelIndex)
    def _go(self, index: QModelIndex) -> None:
        self._bridge.go_to(self.model.seq(index))

    @Slot(QPoint)
    def _open_menu(self, point: QPoint) -> None:
        index = self.tree.indexAt(point)
        if index.isValid():
            step_menu(self, self._bridge, self.model, index, self.tree).popup(self.tree.viewport().mapToGlobal(point))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.tree.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy) and index.isValid():
            QGuiApplication.clipboard().setText(str(self.model.line(index)))
        elif event.key() == Qt.Key.Key_F3 and self._wish:
            self._find(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif event.key() == Qt.Key.Key_Slash:
            self.bar.begin()
        elif event.key() == Qt.Key.Key_Escape and self._wish:
            self.bar.end()
        else:
            super().keyPressEvent(event)

    # --- what is looked for --------------------------------------------------------------------------------------

    @Slot()
    def _on_wish(self) -> None:
        """Light what fits at once; count it, and hide the others, as it is found."""
        self._wish = self.bar.wish
        self.model.light(self._wish)
        if self._is_hiding:
            self._show_again(None)
        if self._wish:
            self.matches.start(self.model.count)
        else:
            self.matches.stop()
            self.bar.tell("")

    def _fits(self, place: int) -> bool:
        return self.model.fits_at(place, self._wish)

    @Slot()
    def _on_matches(self) -> None:
        if self.bar.hides and self._wish and not self._is_hiding:
            found, known, wish = frozenset(self.matches.places), self.matches.known, self._wish

            def shows(place: int, record: Record) -> bool:
                return place in found if place < known else self.model.fits(record, wish)

            self._show_again(shows)

    def _show_again(self, shows: Callable[[int, Record], bool] | None) -> None:
        self._is_hiding = shows is not None
        self.model.show_only(shows)
        self._open()
        self._show_current()

    @Slot()
    def _tell_matches(self) -> None:
        found = len(self.matches.places)
        here = self.model.place_of(self._bridge.cursor - 1)
        rank = self.matches.rank(here) if here is not None else 0
        told = f"{rank} of {found}" if found else "none in this frame" if self.matches.is_whole else "looking"
        self.bar.tell(told, is_failure=self.matches.is_whole and not found)

    @Slot(bool)
    def _find(self, backwards: bool) -> None:
        if self._wish:
            find_step(self._bridge, self._wish, backwards=backwards)

    @Slot()
    def _show_bookmarks(self) -> None:
        frame = self.model.frame
        self.model.set_bookmarked(frozenset(one.event - 1 for one in self._bridge.step_bookmarks.all
                                            if one.frame == frame))
