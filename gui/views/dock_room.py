"""More room for a view in its dock, for as long as it needs it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

LEAST = 140
"""What a dock of the same column keeps, logical pixels."""


class DockRoom:
    """Takes height from the docks above and below, and gives it back."""

    def __init__(self, view: QWidget) -> None:
        self._view = view
        self._before: dict[QDockWidget, int] = {}

    def take(self, height: int) -> None:
        """Make the dock `height` logical pixels high, or as high as the others let it.

        A floating dock and a view in none stay as they are.
        """
        dock, window = self._dock()
        if dock is None or window is None or dock.height() >= height:
            return
        column = [one for one in window.findChildren(QDockWidget) if _is_beside(one, dock)]
        room = sum(one.height() for one in column)
        mine = min(height, room - LEAST * (len(column) - 1))
        if len(column) < 2 or mine <= dock.height():
            return
        if not self._before:
            self._before = {one: one.height() for one in column}
        share = (room - mine) / (room - dock.height())
        sizes = [mine if one is dock else round(one.height() * share) for one in column]
        window.resizeDocks(column, sizes, Qt.Orientation.Vertical)

    def give_back(self) -> None:
        _, window = self._dock()
        if window is not None and self._before:
            window.resizeDocks(list(self._before), list(self._before.values()), Qt.Orientation.Vertical)
        self._before = {}

    def _dock(self) -> tuple[QDockWidget | None, QMainWindow | None]:
        part: QWidget | None = self._view
        while part is not None and not isinstance(part, QDockWidget):
            part = part.parentWidget()
        window = None if part is None else part.parentWidget()
        if not isinstance(part, QDockWidget) or part.isFloating() or not isinstance(window, QMainWindow):
            return None, None
        return part, window


def _is_beside(one: QDockWidget, dock: QDockWidget) -> bool:
    """Whether both stand in one column: as wide, at the same place."""
    return one.isVisible() and not one.isFloating() and (one.x(), one.width()) == (dock.x(), dock.width())
