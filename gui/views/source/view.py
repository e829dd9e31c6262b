"""Callout source: the script that runs under the cursor, or that of the filter in focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.wfp.objects import CalloutSpec
from engine.wfp.validation import key_of
from gui.models.callout_source import CodePlace, LineCalls, Script, callout_of, read_script, running_place
from gui.views.refresher import Refresher
from gui.views.source.editor import CodeReader
from gui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

_EMPTY, _NO_SCRIPT, _CODE = range(3)


class CalloutSourceView(QWidget):
    """Read-only. A line with a dot made steps of this frame: a double click goes to the next of them."""

    title = "Callout source"
    icon = "callout"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._callout: CalloutSpec | None = None
        self._script = Script(None, "")
        self._calls: LineCalls | None = None
        self._subtitle = ""
        self.reader = CodeReader()
        self.reader.line_activated.connect(self._go)
        self._pages = QStackedLayout(self)
        empty = EmptyState("callout", "No callout runs here", "Step into a callout, or choose a filter that calls one.")
        self._pages.addWidget(empty)
        self._problem = EmptyState("warning", "There is no script to show", "")
        self._pages.addWidget(self._problem)
        self._pages.addWidget(self.reader)
        self._refresher = Refresher(self, self._refresh)
        bridge.session_changed.connect(self._on_session_changed)
        for changed in (bridge.cursor_moved, bridge.focus_changed, bridge.trace_grown):
            changed.connect(self._refresher.ask)
        self._on_session_changed()

    # --- facts in ------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session_changed(self) -> None:
        self._callout, self._calls = None, None
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
        self.reader.show_line(line)
        where = f"line {line}" if line is not None else "not running"
        self._tell(f"{self._callout.name} · {self._script.file} · {where}")

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
        if script.problem:
            self._problem.set_sentence(script.problem)

    def _show_calls(self) -> None:
        session, frame = self._bridge.session, self._bridge.focus.frame or self._bridge.world.frame
        assert session is not None
        if self._calls is None or self._calls.frame != frame:
            self._calls = LineCalls(session.trace, frame)
        self._calls.catch_up()
        self.reader.show_calls(self._calls.lines(self._script.file))

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
