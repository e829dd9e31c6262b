"""The window: docks around the stack, and what commands ask of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from engine.wfp.types import FilterId
from gui.actions import LAYOUTS, Actions
from gui.main_window.docks import give_focus
from gui.main_window.entries import Entries
from gui.main_window.file_commands import FileCommands
from gui.main_window.layouts import Layouts
from gui.main_window.messages import Messages
from gui.main_window.pages import STACK, Pages
from gui.main_window.place import ABOUT, titles
from gui.main_window.recent import RecentMenu
from gui.main_window.tour import Tour
from gui.main_window.view_set import make_docks, make_pages
from gui.session_bridge import SessionBridge
from gui.theme import theme, theme_manager
from gui.views.chrome import Chrome
from gui.views.frames.columns import STATE as FRAME_COLUMNS
from gui.views.frames.view import FramesView
from gui.views.inspector.view import InspectorView
from gui.views.live.break_bar import BreakBar
from gui.views.palette import Palette
from gui.views.policy.view import PolicyView
from gui.views.status import StatusLine

SMALLEST, USUAL = (960, 600), (1680, 1000)


class MainWindow(QMainWindow):
    """One session, seen from every side. Implements `gui.actions.Shell`."""

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setObjectName("main-window")
        self.setMinimumSize(*SMALLEST)
        self.resize(*USUAL)
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setAnimated(False)  # each layout would begin an animation for every dock, moved or not
        self._is_first_run = bridge.store.header(FRAME_COLUMNS) is None
        self.docks = make_docks(bridge)
        self._settings = bridge.store.settings()
        self.layouts = Layouts(self, self.docks, bridge.store)
        self.files = FileCommands(self, bridge)
        self.tour = Tour(self)
        self.actions_ = Actions(self, self)
        self.addActions(self.actions_.all())
        self.pages = Pages(make_pages(bridge, self.actions_))
        self.setCentralWidget(self.pages)
        self.chrome: Chrome = Chrome(self.actions_)
        self.chrome.add_watch_bar(BreakBar(bridge))
        self.setMenuWidget(self.chrome)
        self.status = StatusLine(bridge)
        self.setStatusBar(self.status)
        self.messages = Messages(bridge, self.chrome.messages, self.status)
        self._entries = Entries(bridge, self.actions_)
        self.palette_ = Palette(self.chrome.tool_row.field, self._entries, self)
        self._add_recent_files()
        self._connect()
        self._restore_geometry()
        self._on_session_changed()

    # --- commands: files -----------------------------------------------------------------------------------------

    @property
    def bridge(self) -> SessionBridge:
        return self._bridge

    def new_filter(self, *, from_template: bool = False) -> None:
        view = self._policy_view()
        (view.new_from_template if from_template else view.new_filter)()
        self.docks["policy"].bring("policy")

    @Slot(int)
    def edit_filter(self, id_: int) -> None:
        """Open the form of a filter, where there is room for it."""
        self.layouts.switch("policy")
        self._policy_view().edit_filter(FilterId(id_))

    @Slot()
    def _on_filter_wanted(self) -> None:
        """The policy's form shows a filter that another view has made: give it room."""
        self.layouts.switch("policy")
        self.docks["policy"].show()

    def _policy_view(self) -> PolicyView:
        view = self.docks["policy"].current().view
        assert isinstance(view, PolicyView)
        return view

    # --- commands: what is shown ---------------------------------------------------------------------------------

    def show_page(self, name: str) -> None:
        self.pages.turn_to(name, focus=True)

    def show_view(self, name: str) -> None:
        if name == STACK:
            self.show_page(STACK)
            return
        for dock in self.docks.values():
            if name in dock.names():
                dock.bring(name)

    def widget_of(self, name: str) -> QWidget:
        """Where a view stands: its dock, or the middle of the window."""
        return next((dock for dock in self.docks.values() if name in dock.names()), self.pages)

    def cycle_panes(self, by: int) -> None:
        panes = [self.docks["frames"].current().view, self.pages.current().view]
        panes += [dock.current().view for name, dock in self.docks.items() if name != "frames" and dock.isVisible()]
        panes = [pane for pane in panes if pane.isVisible()]
        here = QApplication.focusWidget()
        inside = [n for n, pane in enumerate(panes) if here is pane or (here is not None and pane.isAncestorOf(here))]
        place = inside[0] if inside else (-1 if by > 0 else 0)
        # A pane that is empty takes no keyboard.
        next((step for step in range(1, len(panes) + 1) if give_focus(panes[(place + by * step) % len(panes)])), None)

    def set_layout(self, name: str) -> None:
        self.layouts.switch(name)

    def is_layout(self, name: str) -> bool:
        return self.layouts.current == name

    def reset_layout(self) -> None:
        self.layouts.reset()

    def open_palette(self) -> None:
        self.palette_.open()

    def open_go_to(self) -> None:
        focus = self._bridge.focus
        self.palette_.open(str(focus.nbl or focus.frame or ""))

    def choose_setting(self, name: str, value: object) -> None:
        self._bridge.store.set_setting(name, value)
        self._dress()

    def is_setting(self, name: str, value: object) -> bool:
        return bool(getattr(self._settings, name) == value)

    def tell_about(self) -> None:
        self._bridge.message.emit("info", ABOUT)

    # --- commands: the session -----------------------------------------------------------------------------------

    def go_to_start_of_frame(self) -> None:
        session, cursor = self._bridge.session, self._bridge.cursor
        if session is not None and cursor:
            self._bridge.go_to(session.trace.of_frame(session.trace[cursor - 1].frame)[0])

    def toggle_live(self) -> None:
        if self._bridge.is_live:
            self._bridge.stop_live()
        else:
            self.show_page("interfaces")

    def new_breakpoint(self) -> None:
        self.docks["inspector"].bring("inspector")
        inspector = self.docks["inspector"].current().view
        assert isinstance(inspector, InspectorView)
        inspector.new_breakpoint()

    def tour_words(self) -> str:
        return self.tour.words()

    def take_tour(self) -> None:
        self.tour.start()

    # --- facts ---------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.session_changed.connect(self._on_session_changed)
        bridge.document_changed.connect(self._show_title)
        bridge.sessions.changed.connect(self._show_title)
        bridge.running_changed.connect(self._show_state)
        bridge.live_changed.connect(self._show_state)
        bridge.live_changed.connect(self._on_live_changed)
        bridge.cursor_moved.connect(self._show_counts)
        self.chrome.menu_row.layouts.chosen.connect(self._on_layout_chosen)
        self.layouts.changed.connect(self._on_layout_changed)
        inspector = self.docks["inspector"].current().view
        assert isinstance(inspector, InspectorView)
        inspector.edit_requested.connect(self.edit_filter)
        bridge.view_wanted.connect(self.show_view)
        bridge.filter_wanted.connect(self._on_filter_wanted)

    @Slot()
    def _on_session_changed(self) -> None:
        self.pages.rest_on("start" if self._bridge.session is None else STACK)
        self._show_title()
        self._show_state()
        self._show_counts()

    @Slot()
    def _show_title(self) -> None:
        title, story = titles(self._bridge)
        self.setWindowTitle(f"{title}[*]")
        self.setWindowModified(self._bridge.sessions.is_changed or self._bridge.has_unsaved_edits)
        self.chrome.menu_row.set_story(story)

    @Slot()
    def _show_state(self) -> None:
        self.chrome.tool_row.show_state(running=self._bridge.running, live=self._bridge.is_live)

    @Slot()
    def _show_counts(self) -> None:
        world = self._bridge.world
        self.docks["steps"].set_count("findings", len(world.findings))
        in_flight = sum(each.completed < len(each.nbls) for each in world.injections.values())
        self.docks["steps"].set_count("completions", in_flight)

    @Slot(bool)
    def _on_live_changed(self, live: bool) -> None:
        if live:
            self.layouts.switch("live")
            self.pages.turn_to(STACK)

    @Slot(int)
    def _on_layout_chosen(self, index: int) -> None:
        self.actions_.trigger(f"layout.{LAYOUTS[index]}")

    @Slot(str)
    def _on_layout_changed(self, name: str) -> None:
        self.chrome.menu_row.layouts.set_current(LAYOUTS.index(name))
        self.pages.stack().set_watched(name == "live")
        self.chrome.show_layout(name)
        self.actions_.refresh_soon()

    # --- the window itself ---------------------------------------------------------------------------------------

    def _dress(self) -> None:
        self._settings = self._bridge.store.settings()
        manager = theme_manager()
        manager.set_mode(self._settings.theme)
        manager.set_density(self._settings.density)
        manager.set_reduced_motion(self._settings.reduced_motion)

    def _add_recent_files(self) -> None:
        menu = self.chrome.menu_row.menus["File"]
        menu.insertMenu(self.actions_["file.forget_recent"], RecentMenu(self._bridge, menu))

    def _restore_geometry(self) -> None:
        geometry = self._bridge.store.geometry()
        if geometry is not None:
            self.restoreGeometry(geometry)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            # Docks can be sized only once the window has its own size.
            QTimer.singleShot(0, self, self._start)

    @Slot()
    def _start(self) -> None:
        self.layouts.start()
        if self._bridge.session is None:
            self._bridge.offer_draft()
        if self._is_first_run:
            # The docks have their new sizes after one more turn of the loop.
            QTimer.singleShot(0, self, self._spare_columns)

    @Slot()
    def _spare_columns(self) -> None:
        frames = self.docks["frames"].current().view
        if isinstance(frames, FramesView):
            frames.columns.spare(frames.width() - theme().size.scrollbar)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_close():
            event.ignore()
            return
        self.layouts.remember()
        self._bridge.store.set_geometry(self.saveGeometry())
        self._bridge.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self._bridge.open(paths)
