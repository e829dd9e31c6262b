"""The bar above the steps: what is looked for, and whether the others are dimmed or hidden."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.models.steps.wish import GROUPS, StepWish
from gui.views.policy.form_parts import fill_combo, make_combo
from gui.widgets.command_field import IconField
from gui.widgets.controls import set_field_state
from gui.widgets.segmented import SegmentedControl

ALL, THING = "", "thing"
DIM, HIDE = range(2)


class StepField(IconField):
    """Hands the keys of finding to the bar."""

    moved = Signal(bool)
    """On to the next one; True: backwards."""
    left = Signal(bool)
    """Back to the tree; True: nothing is looked for any more."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match Qt.Key(event.key()):
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F3:
                self.moved.emit(back)
            case Qt.Key.Key_Escape:
                self.left.emit(True)
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                self.left.emit(False)
            case _:
                super().keyPressEvent(event)


class StepBar(QWidget):
    """Words, kind, and dim or hide. Hidden until it is wanted."""

    changed = Signal()
    """Another `wish` or another verb."""
    moved = Signal(bool)
    """On to the next step that fits; True: backwards."""
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = StepField("find", "Find in steps: filter, call, NBL, rule")
        self.kind = make_combo("Kind of step")
        self.verb = SegmentedControl(("Dim", "Hide"), "What becomes of the other steps")
        self._thing = StepWish()
        self._offer()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self.field, 3)
        layout.addWidget(self.kind, 2)
        layout.addWidget(self.verb)
        self.field.textChanged.connect(self.changed)
        self.kind.activated.connect(self._on_kind)
        self.verb.chosen.connect(self.changed)
        self.field.moved.connect(self.moved)
        self.field.left.connect(self._on_left)
        self.hide()

    @property
    def wish(self) -> StepWish:
        """What is looked for; empty while the bar is hidden."""
        if self.isHidden():
            return StepWish()
        kind = self.kind.currentData()
        wish = self._thing if kind == THING else StepWish(group=kind)
        return replace(wish, words=self.field.text().strip())

    @property
    def hides(self) -> bool:
        return self.verb.current() == HIDE

    def begin(self, thing: StepWish | None = None) -> None:
        """Show the bar; `thing` is what another view wants to be lit, else the field takes the keyboard."""
        self.show()
        if thing is None:
            self.field.setFocus()
            self.field.selectAll()
        else:
            self._thing = thing
            self.field.setText("")
            self._offer(THING)
        self.changed.emit()

    def end(self) -> None:
        """Look for nothing any more."""
        self.hide()
        self.changed.emit()

    def tell(self, note: str, *, is_failure: bool = False) -> None:
        """Say how many fit."""
        self.field.set_note(note, "error" if is_failure else "muted")
        set_field_state(self.field, "error" if is_failure else "plain")

    def _offer(self, current: str = ALL) -> None:
        things = [(self._thing.text().capitalize(), THING)] if self._thing else []
        fill_combo(self.kind, [("All kinds", ALL), *things, *((name, name) for name in GROUPS)], current)

    @Slot()
    def _on_kind(self) -> None:
        self.kind.setToolTip(self.kind.currentText())
        self.changed.emit()

    @Slot(bool)
    def _on_left(self, is_over: bool) -> None:
        if is_over:
            self.end()
        self.left.emit()
