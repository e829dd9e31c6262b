"""A button that opens the flags of L2_FLAGS by name, each with its number."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from engine.ndis.names import L2Flag, l2_flag_names
from gui.models.policy.field_text import flags_of
from gui.theme import keep_icon


class FlagsButton(QToolButton):
    """Follows the text beside it, and writes it anew when a flag is chosen."""

    changed = Signal(str)
    """The text for the flags that are chosen now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolTip("Choose flags by name")
        self.setAccessibleName("Flags by name")
        keep_icon(self, "columns", size=14)
        menu = QMenu(self)
        self._actions: dict[L2Flag, QAction] = {}
        for flag in L2Flag:
            action = menu.addAction(f"{flag.name}  0x{flag.value:02x}")
            action.setCheckable(True)
            action.toggled.connect(self._on_toggled)
            self._actions[flag] = action
        self.setMenu(menu)
        self._is_quiet = False

    def show_text(self, text: str) -> None:
        """Tick what the text says, if it can be read."""
        value = flags_of(text) or 0
        self._is_quiet = True
        for flag, action in self._actions.items():
            action.setChecked(bool(value & flag.value))
        self._is_quiet = False

    @Slot()
    def _on_toggled(self) -> None:
        if not self._is_quiet:
            value = sum(flag.value for flag, action in self._actions.items() if action.isChecked())
            self.changed.emit(" | ".join(l2_flag_names(value)) or "0x00")
