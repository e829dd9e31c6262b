"""One cold start: this process is the program, and says when its window was painted and when it had stepped.

The command line is `python -m tests.bench.window.cold BEGUN`, with the monotonic clock of whoever started it.
"""

from __future__ import annotations

import json
import sys
from time import monotonic, process_time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from gui.app import main
from gui.app.start import make_application
from gui.main_window import MainWindow

LOOK_MS = 2


class _Witness(QObject):
    """Sees the first paint; then steps as soon as the window lets it."""

    def __init__(self, application: QApplication, begun: float) -> None:
        super().__init__(application)
        self._application, self._begun = application, begun
        self._times: dict[str, float] = {}
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, MainWindow):
            self._application.removeEventFilter(self)
            self._note("painted")
            self._timer.start()
        return False

    def _look(self) -> None:
        window = next(each for each in self._application.topLevelWidgets() if isinstance(each, MainWindow))
        if window.bridge.cursor:
            self._note("stepped")
            print(json.dumps(self._times), flush=True)
            self._timer.stop()
            window.close()
        elif window.bridge.session is not None and not window.bridge.is_busy:
            window.actions_.trigger("debug.into")

    def _note(self, name: str) -> None:
        self._times[name] = monotonic() - self._begun
        self._times[f"{name}_worked"] = process_time()


if __name__ == "__main__":
    witness = _Witness(make_application(), float(sys.argv[1]))
    sys.exit(main([]))
