"""Callout source: the script that runs under the cursor, or that of the filter in focus, with its locals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from engine.callouts.line_hooks import hooked_lines
from engine.debugger.breakpoints import Breakpoint
from engine.debugger.line_points import names_at
from engine.trace.script_state import callers, script_state
from engine.wfp.objects import CalloutSpec
from engine.wfp.validation import key_of
from gui.models.scripts.callout_source import CodePlace, LineCalls, Script, callout_of, read_script, running_place
from gui.models.scripts.troubles import LineTroubles
from gui.theme import keep_icon
from gui.views.refresher import Refresher
from gui.views.source.editor import CodeReader
from gui.views.source.find_bar import FindInSource
from gui.views.source.locals_panel import LocalsPanel
from gui.views.source.outside import SavedOutside
from gui.views.source.point_form import PointForm
from gui.widgets.empty_state import EmptyState
from gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

_EMPTY, _NO_SCRIPT, _CODE = range(3)


LOCALS_SHARE = 2 / 5
"""Of the width, at first."""
NARROW = 520
"""Below this width the locals stand under the text."""


class CalloutSourceView(QWidget):
    """Read-only. A line with a dot made steps of this frame: a double click goes to the next of them.

    F9, or a click beside a line, sets a breakpoint; a right click gives it a condition or a text to write.
    """

    title = "Callout source"
    icon = "callout"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._callout: CalloutSpec | None = None
        self._script = Script(None, "")
        self._stops: tuple[int, ...] = ()
        self._calls: LineCalls | None = None
        self._subtitle = ""
        self.reader = CodeReader()
        self._troubles: LineTroubles | None = None
        self.locals = LocalsPanel()
        self.form = PointForm()
        self.finder = FindInSource(self.reader)
        self.notice = MessageBar()
        self._outside = SavedOutside(self)
        self._connect_reader()
        self._pages = QStackedLayout(self)
        empty = EmptyState("callout", "No callout runs here", "Step into a callout, or choose a filter that calls one.")
        self._pages.addWidget(empty)
        self._problem = EmptyState("warning", "There is no script to show", "")
        self._pages.addWidget(self._problem)
        self._pages.addWidget(self._lay_out())
        self._refresher = Refresher(self, self._refresh)
        bridge.session_changed.connect(self._on_session_changed)
        for changed in (bridge.cursor_moved, bridge.focus_changed, bridge.trace_grown, bridge.breakpoints_changed):
            changed.connect(self._refresher.ask)
        self._on_session_changed()

    def _connect_reader(self) -> None:
        self.reader.line_activated.connect(self._go)
        self.reader.line_toggled.connect(self._toggle)
        self.reader.line_menu.connect(self._open_menu)
        self.form.wanted.connect(self._bridge.set_breakpoint)
        self.form.closed.connect(self.reader.setFocus)
        self.reader.find_wanted.connect(self.finder.begin)
        self.reader.find_on.connect(lambda back: self.finder.find_next(backwards=back))
        self.finder.closed.connect(self.reader.setFocus)
        self._outside.saved.connect(self._on_saved_outside)
        self.notice.acted.connect(self._bridge.restart)

    def _lay_out(self) -> QWidget:
        text = QWidget()
        column = QVBoxLayout(text)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self.finder)
        column.addWidget(self.reader, 1)
        column.addWidget(self.form)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.addWidget(text)
        self._split.addWidget(self.locals)
        self._split.setChildrenCollapsible(False)
        self._split.setStretchFactor(0, 1)
        return self._split

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW
        self._split.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)
        if not self._split.property("placed"):
            # Once: later the place of the handle is the user's.
            self._split.setProperty("placed", True)
            whole = event.size().height() if narrow else event.size().width()
            self._split.setSizes([round(whole * (1 - LOCALS_SHARE)), round(whole * LOCALS_SHARE)])

    # --- facts in ------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session_changed(self) -> None:
        self._callout, self._calls, self._troubles = None, None, None
        self._refresher.ask()

    def subtitle(self) -> str:
        """`mac_rewrite · line 41`, for the dock's title."""
        return self._subtitle

    def _refresh(self) -> None:
        session = self._bridge.session
        place = running_place(session.trace, self._bridge.cursor) if session is not None else None
        wanted = self._wanted(place)
        if wanted is not None and wanted is not self._callout:
            self._show_callout(wanted)
        if session is None or self._callout is None:
            self._pages.setCurrentIndex(_EMPTY)
            self._tell("")
            return
        if self._script.problem:
            self._pages.setCurrentIndex(_NO_SCRIPT)
            self._tell(self._callout.name)
            return
        line = place.line if place is not None and place.file == self._script.file else None
        self._pages.setCurrentIndex(_CODE)
        self._show_calls()
        self._show_points()
        self._show_locals()
        self.reader.show_line(line)
        where = f"line {line}" if line is not None else "not running"
        self._tell(f"{self._callout.name} · {self._script.file} · {where}")

    @Slot()
    def _on_saved_outside(self) -> None:
        """What ran stays in sight: its lines are those of the steps."""
        if self._callout is None:
            return
        now = read_script(self._bridge.applied, self._callout)
        if now == self._script:
            self.notice.hide()
        elif now.problem:
            self.notice.say("warn", now.problem)
        else:
            told = f"{self._script.file} was saved by another program. What is shown here is what ran."
            self.notice.say("info", told, "Restart with it")

    def _wanted(self, place: CodePlace | None) -> CalloutSpec | None:
        """The callout that runs, else that of the filter in focus, else the one that was shown."""
        session, document = self._bridge.session, self._bridge.applied
        if session is None:
            return None
        if place is not None:
            return callout_of(document, place)
        filter_ = session.policy.filter_by_id.get(self._bridge.focus.filter) if self._bridge.focus.filter else None
        if filter_ is None or filter_.callout is None:
            return None
        return next((one for one in document.callouts if key_of(one) == filter_.callout), None)

    def _show_callout(self, callout: CalloutSpec) -> None:
        self._callout = callout
        script = read_script(self._bridge.applied, callout)
        if script != self._script:
            self._script = script
            self.reader.show_text(script.text)
            self._stops = hooked_lines(script.text)
        self.notice.hide()
        self._outside.watch(script.path)
        if script.problem:
            self._problem.set_sentence(script.problem)

    def _show_calls(self) -> None:
        session, frame = self._bridge.session, self._bridge.focus.frame or self._bridge.world.frame
        assert session is not None
        if self._calls is None or self._calls.frame != frame:
            self._calls = LineCalls(session.trace, frame)
        self._calls.catch_up()
        self.reader.show_calls(self._calls.lines(self._script.file))
        if self._troubles is None or self._troubles.frame != frame:
            self._troubles = LineTroubles(session.trace, frame)
        self.reader.show_troubles(self._troubles.before(self._script.file, self._bridge.cursor))

    def _show_points(self) -> None:
        session = self._bridge.session
        assert session is not None
        self.reader.show_points({point.line: point for point in session.breakpoints
                                 if point.kind == "line" and point.script == self._script.file})

    def _show_locals(self) -> None:
        session = self._bridge.session
        assert session is not None
        trace = session.trace
        state = script_state(trace, self._bridge.cursor)
        if state is None:
            self.locals.show_state(None, {}, [])
            return
        above = [getattr(trace[seq].event, "function", "") for seq in callers(trace, state.seq)]
        self.locals.show_state(state, names_at(trace, state.seq), above)

    def _tell(self, text: str) -> None:
        if text != self._subtitle:
            self._subtitle = text
            self.subtitle_changed.emit(text)

    # --- wishes out ----------------------------------------------------------------------------------------------

    @Slot(int)
    def _go(self, line: int) -> None:
        seq = self._calls.next_after(self._script.file, line, self._bridge.cursor) if self._calls is not None else None
        if seq is not None:
            self._bridge.go_to(seq)

    def _point(self, line: int) -> Breakpoint:
        """The breakpoint of a line, or one as it would be."""
        return self.reader.points.get(line) or Breakpoint(kind="line", script=self._script.file, line=line)

    def _stop_line(self, line: int) -> int:
        """The line itself if something runs there, else the next one that does."""
        return next((one for one in self._stops if one >= line), line)

    @Slot(int)
    def _toggle(self, line: int) -> None:
        self._bridge.toggle_breakpoint(self._point(line if line in self.reader.points else self._stop_line(line)))

    @Slot(int, object)
    def _open_menu(self, line: int, at: QPoint) -> None:
        self.menu(line).popup(at)

    def menu(self, line: int) -> QMenu:
        """What can be done at a line."""
        line = line if line in self.reader.points else self._stop_line(line)
        point, is_set = self._point(line), line in self.reader.points
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = "Remove the breakpoint" if is_set else "Break at this line"
        keep_icon(menu.addAction(words, lambda: self._toggle(line)), "breakpoint")
        if is_set:
            switch = replace(point, enabled=not point.enabled)
            menu.addAction("Switch it off" if point.enabled else "Switch it on",
                           lambda: self._bridge.set_breakpoint(switch))
        menu.addAction("Break with a condition…", lambda: self.form.open_for(point))
        menu.addAction("Log instead of stopping…", lambda: self.form.open_for(point, log=True))
        menu.addSeparator()
        go = menu.addAction("Go to the next step of this line", lambda: self._go(line))
        go.setEnabled(line in self.reader.calls)
        return menu
