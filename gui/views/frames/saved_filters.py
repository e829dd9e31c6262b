"""The menu of display filters that are kept by name."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QMenu, QWidget

from gui.views.frames.filter_bar import FilterBar

LONGEST_NAME = 40


class SavedFilters(QObject):
    """Save the filter in the bar, take one, forget one."""

    def __init__(self, bar: FilterBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._bar, self._widget = bar, parent

    def menu(self) -> QMenu:
        menu = QMenu(self._widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        text, saved = self._bar.text.strip(), self._bar.library.saved()
        save = menu.addAction(f"Save “{text[:LONGEST_NAME]}”".replace("&", "&&") if text else "Save this filter")
        save.setEnabled(bool(text) and self._bar.error is None and text not in {one.text for one in saved})
        save.setToolTip("" if text else "Type a display filter first")
        save.triggered.connect(lambda: self._bar.library.save(text[:LONGEST_NAME], text))
        menu.addSeparator()
        for one in saved:
            action = QAction(one.name.replace("&", "&&"), menu)
            action.setToolTip(one.text)
            action.triggered.connect(lambda _=False, text=one.text: self._bar.take(text, True))
            menu.addAction(action)
        if saved:
            menu.addSeparator()
            forget = menu.addMenu("Forget")
            for one in saved:
                forget.addAction(one.name.replace("&", "&&"), partial(self._bar.library.forget, one.name))
        return menu

    @Slot()
    def open_menu(self) -> None:
        self.menu().popup(QCursor.pos())
