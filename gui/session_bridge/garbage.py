"""Python's cycle collector, kept in Qt's thread.

The collector runs in whatever thread makes the next object. Once a worker thread collects the Python side of a Qt
object, the C++ side ends in the wrong thread, and the program with it.
"""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

LOOK_MS = 100
FULL = 2
MANY = 20
_PROPERTY = "l2scope_collector"


class _Collector(QObject):
    """Does what the collector does by itself, by the same thresholds, ten times a second.

    What a full collection leaves is frozen, or each one would look at every record of a long run again, and keep the
    window still for a second. `look_at_everything_again` thaws it: a session that goes may leave cycles.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        gc.disable()
        timer = QTimer(self, interval=LOOK_MS)
        timer.timeout.connect(self.collect)
        timer.start()

    @Slot()
    def collect(self) -> None:
        counts, thresholds = gc.get_count(), gc.get_threshold()
        if counts[0] > MANY * thresholds[0]:
            counts = (0, 0, sys.maxsize)  # records by the thousand: look at them once, while they are few
        for generation in (FULL, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                if generation == FULL:
                    gc.freeze()
                return


def look_at_everything_again() -> None:
    """What was alive at the last full collection may be garbage now: the next one looks at it."""
    gc.unfreeze()


def collect_in_gui_thread() -> None:
    """Call this from Qt's thread before starting another one. Once is enough, more do no harm."""
    app = QApplication.instance()
    assert isinstance(app, QApplication), "the collector belongs to a QApplication: make that first"
    if not isinstance(app.property(_PROPERTY), _Collector):
        app.setProperty(_PROPERTY, _Collector(app))
