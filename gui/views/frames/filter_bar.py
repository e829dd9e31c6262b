"""The display filter above the frames: typed, checked at every key, applied with Enter.

Source: look/look.md, States: green wash = valid, red = error, amber = valid but slow or deprecated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.display.failure import DisplayFilterError
from engine.display.parse import parse_filter
from gui.models.display.completion import Completion, Seen
from gui.models.display.library import FilterLibrary
from gui.views.frames.filter_field import FilterField
from gui.widgets.controls import make_button, make_label, set_field_state, set_label_tone
from gui.widgets.text import thousands

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

TOLD_AFTER_MS = 700
"""A filter that is still being typed is wrong most of the time; its error is told when typing pauses."""


class FilterBar(QWidget):
    """The field, and below it what is wrong with a remedy."""

    left = Signal()

    def __init__(self, bridge: SessionBridge, seen: Seen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = bridge.frame_filter
        self._bridge = bridge
        self.library = FilterLibrary(bridge.store)
        self.field = FilterField(seen)
        self._reason = make_label("", "small", "error")
        self._reason.setWordWrap(True)
        self._mend = make_button("", "link")
        self._mend.clicked.connect(self._on_mend)
        self._error: DisplayFilterError | None = None
        self._told = QTimer(self, singleShot=True, interval=TOLD_AFTER_MS)
        self._told.timeout.connect(self._tell)
        self._lay_out()
        self.field.textChanged.connect(self._on_text)
        self.field.applied.connect(self.apply)
        self.field.left.connect(self._on_left)
        self.field.history_wished.connect(self.show_history)
        self._filter.changed.connect(self._show_count)
        self._filter.progress.connect(self._on_progress)
        self._filter.wanted.connect(self.take)
        bridge.notes.loaded.connect(self._on_notes_loaded)

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self._reason, 1)
        below.addWidget(self._mend, 0, Qt.AlignmentFlag.AlignTop)
        self._below = QWidget()
        self._below.setLayout(below)
        below.setContentsMargins(2, 2, 2, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(0)
        layout.addWidget(self.field)
        layout.addWidget(self._below)
        self._below.hide()

    @property
    def text(self) -> str:
        return self.field.text()

    @property
    def error(self) -> DisplayFilterError | None:
        """What is wrong with what is typed."""
        return self._error

    def begin(self, text: str) -> None:
        """Put the cursor into the field; `text` was typed elsewhere and begins another filter."""
        self.field.setFocus()
        if text:
            self.field.setText(text)
            self.field.propose()
        else:
            self.field.selectAll()

    @Slot(str, bool)
    def take(self, text: str, apply: bool) -> None:
        """A view proposes a filter."""
        self.field.popup.hide()
        self.field.setText(text)
        if apply:
            self.apply()
        else:
            self.field.setFocus()

    @Slot()
    def apply(self) -> None:
        """Let the filter hold; one that is wrong is told at once, and nothing changes."""
        self.field.popup.hide()
        if self._error is not None:
            self._tell()
            return
        self._filter.apply(self.text)
        self._bridge.notes.keep("frames.filter", self.text or None)
        if self.text.strip():
            self.library.used(self.text.strip())

    @Slot()
    def clear(self) -> None:
        """Show all frames."""
        self.field.clear()
        self.apply()

    @Slot()
    def show_history(self) -> None:
        """What was used lately, and what is saved."""
        saved = [Completion(one.text, one.name) for one in self.library.saved()]
        lately = [Completion(text, "used lately") for text in self.library.history()]
        self.field.offer([*saved, *lately])

    # --- inside ----------------------------------------------------------------------------------------------------

    @Slot()
    def _on_notes_loaded(self) -> None:
        """A session was opened that had a filter."""
        kept = self._bridge.notes.value("frames.filter")
        if isinstance(kept, str) and kept != self.text:
            self.take(kept, True)

    @Slot()
    def _on_text(self) -> None:
        text = self.text
        self._error = None
        warnings: tuple[str, ...] = ()
        try:
            warnings = parse_filter(text).warnings if text.strip() else ()
        except DisplayFilterError as error:
            self._error = error
        self._show_state(has_warnings=bool(warnings))
        self._below.setVisible(bool(warnings))
        self._mend.hide()
        if warnings:
            self._say(" ".join(warnings), is_error=False)
        self.field.setToolTip(str(self._error) if self._error else "\n".join(warnings))
        self._show_count()
        if self._error is not None:
            self._told.start()
        else:
            self._told.stop()

    def _show_state(self, *, has_warnings: bool) -> None:
        if not self.text.strip():
            set_field_state(self.field, "plain")
        else:
            set_field_state(self.field, "error" if self._error else "slow" if has_warnings else "valid")

    @Slot()
    def _tell(self) -> None:
        """Say what is wrong below the field; a remedy that is known is one click."""
        error = self._error
        if error is None:
            return
        if self.field.popup.isVisible():
            self._told.start()  # it lies over the place where this would stand
            return
        self._say(f"Character {error.start + 1}: {error.reason}; {error.remedy}.".replace("?.", "?"), is_error=True)
        self._mend.setVisible(bool(error.instead))
        self._mend.setText(f"Use {error.instead}")
        self._below.show()

    def _say(self, text: str, *, is_error: bool) -> None:
        self._reason.setText(text)
        self.field.setAccessibleDescription(text)
        set_label_tone(self._reason, "error" if is_error else "secondary")

    @Slot()
    def _on_mend(self) -> None:
        error = self._error
        if error is not None and error.instead:
            text = self.text
            self.field.setText(text[: error.start] + error.instead + text[error.end :])
            self.field.setFocus()

    @Slot()
    def _on_left(self) -> None:
        """Back to the table; a text that was not applied gives way to the filter that holds."""
        self.field.popup.hide()
        if self.text != self._filter.text:
            self.field.setText(self._filter.text)
        self.left.emit()

    @Slot()
    def _show_count(self) -> None:
        holds = bool(self._filter.text) and self._filter.text == self.text
        self.field.set_note(thousands(self._filter.count) if holds else "", "permit")

    @Slot(int, int)
    def _on_progress(self, done: int, all_: int) -> None:
        if done >= all_:
            self._show_count()
        else:
            self.field.set_note(f"{100 * done // all_} %", "muted")
