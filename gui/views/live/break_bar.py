"""Break when: the display filter that a frame must pass for the run to stop, and trouble that stops it as well."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from engine.debugger.breakpoints import Breakpoint
from engine.debugger.watched import LOOP_OF
from engine.display.failure import DisplayFilterError
from engine.display.parse import parse_filter
from gui.models.frames.values_seen import values_seen
from gui.models.live.capture_words import running_text
from gui.theme import icon_pixmap, keep_icon, theme, theme_manager
from gui.views.frames.filter_field import FilterField
from gui.widgets.controls import FieldState, make_button, make_label, set_field_state, set_label_tone
from gui.widgets.text import thousands

if TYPE_CHECKING:
    from engine.display.fields import Field
    from engine.display.one import Value
    from gui.session_bridge import SessionBridge

CHIPS = (
    (Breakpoint(kind="finding"), "any finding", "Stop where the verifier finds a broken rule"),
    (Breakpoint(kind="failed"), "failed completion", "Stop where a completion brings a status that is no success"),
    (Breakpoint(kind="loop", number=LOOP_OF), f"loop of {LOOP_OF}",
     f"Stop where an NBL re-enters the stack for the {LOOP_OF}th time"),
)
HEIGHT = 44
LONGEST = 72
"""Characters of a reason that stand beside the field; its tooltip has them all."""


class BreakBar(QWidget):
    """Enter arms what is typed; an empty field disarms it. `+ Condition` adds one beside it."""

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._shown: Breakpoint | None = None
        """The condition that stands in the field."""
        self._armed_at = 0.0
        self.field = FilterField(self._values_seen)
        self.field.setPlaceholderText('a display filter, for example outcome == "blocked" and frame.len > 1000')
        self.field.setAccessibleName("Break when a frame passes")
        self.told = make_label("", "small", "secondary")
        self.told.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.chips = [self._chip(*chip) for chip in CHIPS]
        self.more = make_button("Condition", "normal", "add")
        self.more.setToolTip("Conditions that are armed; type another one")
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tell)
        self._lay_out()
        self._connect(bridge)
        self._show()

    def _lay_out(self) -> None:
        words = make_label("Break when", "label")
        row = QHBoxLayout(self)
        row.setContentsMargins(34, 6, 10, 6)
        row.setSpacing(8)
        row.addWidget(words)
        row.addWidget(self.field, 1)
        row.addWidget(self.told)
        for chip in self.chips:
            row.addWidget(chip)
        row.addWidget(self.more)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Break when")
        theme_manager().changed.connect(self.update)

    def _connect(self, bridge: SessionBridge) -> None:
        bridge.session_changed.connect(self._on_session_changed)
        bridge.breakpoints_changed.connect(self._show)
        bridge.running_changed.connect(self._on_running_changed)
        self.field.textChanged.connect(self._on_text)
        self.field.applied.connect(self.arm)
        self.field.left.connect(self._back)
        self.more.clicked.connect(self._open_menu)

    def _chip(self, point: Breakpoint, text: str, hint: str) -> QPushButton:
        chip = make_button(text)
        chip.setCheckable(True)
        chip.setToolTip(hint)
        chip.setProperty("chip", True)
        chip.clicked.connect(lambda: self._bridge.toggle_breakpoint(point))
        return chip

    def _values_seen(self, field: Field) -> list[Value]:
        return values_seen(self._bridge.session, self._bridge.frame_notes.notes, field)

    # --- facts -----------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session_changed(self) -> None:
        self._shown = None
        self._show()

    @Slot()
    def _show(self) -> None:
        """Show what is armed: the condition of the field while there is one, else the first."""
        session = self._bridge.session
        self.setEnabled(session is not None)
        points = self._bridge.watch.points
        places = {one.place: one for one in points}
        before, self._shown = self._shown, None
        if before is not None:
            self._shown = places.get(before.place)
        if self._shown is None and not self.field.hasFocus():
            self._shown = points[0] if points else None
        if self._shown is not None and (before is None or before.place != self._shown.place):
            self.field.setText(self._shown.condition)
            self._armed_at = self._bridge.watch.seconds
        elif before is not None and self._shown is None:
            self.field.clear()
        for chip, (point, text, _) in zip(self.chips, CHIPS, strict=True):
            is_on = session is not None and any(one.place == point.place for one in session.breakpoints)
            chip.setChecked(is_on)
            chip.setText(f"{'✓ ' if is_on else ''}{text}")
        others = len(points) - (self._shown is not None)
        self.more.setText(f"Condition ({others} more)" if others else "Condition")
        self._tell()

    @Slot(bool)
    def _on_running_changed(self, running: bool) -> None:
        if running:
            self._clock.start()
        else:
            self._clock.stop()
        self._tell()

    @Slot()
    def _on_text(self) -> None:
        self._tell()

    def _tell(self) -> None:
        """Whether what is typed can be armed, is armed, and has been met."""
        text, session = self.field.text().strip(), self._bridge.session
        state: FieldState = "plain"
        words, is_error = "", False
        if text:
            try:
                parse_filter(text)
            except DisplayFilterError as error:
                state, words, is_error = "error", f"{error.reason}; {error.remedy}", True
            else:
                state, words = "valid", "Enter arms it"
        point = self._shown
        if point is not None and session is not None and point.condition == text and not is_error:
            hits = session.breakpoints.hits(point)
            if not point.enabled:
                state, words = "plain", "off"
            elif hits:
                words = f"armed · met {thousands(hits)} time{'' if hits == 1 else 's'}"
            else:
                lasted = max(0.0, self._bridge.watch.seconds - self._armed_at)
                words = f"armed · no match in {running_text(lasted)}" if lasted >= 1 else "armed · no match yet"
        set_field_state(self.field, state)
        set_label_tone(self.told, "error" if is_error else "secondary")
        # A long reason must not squeeze the field.
        shown = words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
        self.told.setText(shown)
        self.told.setToolTip(words)
        self.field.setToolTip(words)

    # --- wishes ----------------------------------------------------------------------------------------------------

    @Slot()
    def arm(self) -> None:
        """Arm what is typed in the place of what the field held; nothing typed disarms that."""
        text = self.field.text().strip()
        before = self._shown
        if text == (before.condition if before is not None else ""):
            return
        try:
            if text:
                parse_filter(text)
        except DisplayFilterError:
            self._tell()
            return
        wanted = Breakpoint(kind="match", condition=text) if text else None
        self._shown = None
        if before is not None:
            self._bridge.toggle_breakpoint(before)
        if wanted is not None:
            self.field.setText(text)
            self._shown, self._armed_at = wanted, self._bridge.watch.seconds
            self._bridge.set_breakpoint(wanted)
        self._show()

    @Slot()
    def _back(self) -> None:
        """Escape: what was armed stands in the field again."""
        self.field.setText("" if self._shown is None else self._shown.condition)

    @Slot()
    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        another = menu.addAction("Another condition")
        keep_icon(another, "add")
        another.triggered.connect(self.begin_another)
        if points := self._bridge.watch.points:
            menu.addSeparator()
        for point in points:
            entry = menu.addAction(point.condition)
            entry.setCheckable(True)
            entry.setChecked(point.enabled)
            entry.triggered.connect(lambda on, one=point: self._switch(one, on))
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _switch(self, point: Breakpoint, on: bool) -> None:
        self._bridge.set_breakpoint(replace(point, enabled=on))

    @Slot()
    def begin_another(self) -> None:
        """Leave what is armed as it is, and type another condition."""
        self._shown = None
        self.field.setFocus()
        self.field.clear()

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.fillRect(self.rect(), look.surface.panel)
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.line.hair)
        bug = icon_pixmap(look, "breakpoint", look.accent.base, 16, self.devicePixelRatioF())
        painter.drawPixmap(10, (self.height() - 16) // 2, bug)

