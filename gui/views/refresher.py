"""Updates a view only while it is seen, and once for any number of reasons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget


class Refresher(QObject):
    """Calls `refresh` soon after `ask`; a hidden view is refreshed when it is shown again."""

    def __init__(self, view: QWidget, refresh: Callable[[], None]) -> None:
        super().__init__(view)
        self._view, self._refresh = view, refresh
        self._stale = False
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.refresh_now)
        view.installEventFilter(self)

    @Slot()
    def ask(self) -> None:
        """What the view shows is out of date."""
        self._stale = True
        if self._view.isVisible():
            self._timer.start()

    @Slot()
    def refresh_now(self) -> None:
        if self._stale and self._view.isVisible():
            self._stale = False
            self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self._stale:
            self._timer.start()
        return False
