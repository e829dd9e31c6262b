"""Start and end of the desktop app."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from engine.cli.last_resort import LastResort, own_command
from gui.app.smoke import Smoke
from gui.main_window import MainWindow
from gui.models.stories import first_story
from gui.session_bridge import SessionBridge
from gui.session_bridge.standby import StuckCall
from gui.session_bridge.worker import close_event_loop, event_loop
from gui.settings import Store
from gui.theme import ThemeMode, theme_manager
from gui.widgets.focus_overlay import FocusOverlay


def main(files: Sequence[str], *, smoke: str | Path | None = None, theme: ThemeMode | None = None) -> int:
    """Open the window on `files`, or on the bundled story; return the exit status.

    `smoke` names a report: the window then steps the story by its own actions, exports that report and ends.
    """
    app = make_application()
    store = Store()
    settings = store.settings()
    manager = theme_manager()
    manager.set_mode(theme or settings.theme)
    manager.set_density(settings.density)
    manager.set_reduced_motion(settings.reduced_motion)
    FocusOverlay(app)
    bridge = SessionBridge(store)
    window = MainWindow(bridge)
    _live_on(bridge)
    loop = event_loop()
    asyncio.set_event_loop(loop)
    window.show()
    app.lastWindowClosed.connect(loop.stop)
    bridge.standby.begin(LastResort({"again": own_command()}, settings.stuck_call_s))
    stuck = StuckCall.of_the_window_before()
    if stuck is not None and any(path.exists() for path in stuck.files):
        bridge.reopen(stuck)
    else:
        bridge.open([Path(name) for name in files] or [first_story()])
        # Another session takes what was said before with it.
        bridge.settled.connect(bridge.recovery.offer, Qt.ConnectionType.SingleShotConnection)
        if not files and smoke is None:
            bridge.settled.connect(window.tour.offer, Qt.ConnectionType.SingleShotConnection)
    bridge.settled.connect(_load_curves, Qt.ConnectionType.SingleShotConnection)
    signal.signal(signal.SIGINT, lambda *_: window.files.leave())
    run = Smoke(window, Path(smoke), loop.stop) if smoke is not None else None
    if run is not None:
        QTimer.singleShot(0, run.start)
    loop.run_forever()
    window.close()
    # What was cancelled ends in its next turn.
    QCoreApplication.processEvents()
    close_event_loop()
    return run.status if run is not None else 0


def make_application() -> QApplication:
    """The application object with its name, so that settings and reports find their folders."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    QCoreApplication.setApplicationName("l2scope")
    QApplication.setApplicationDisplayName("L2Scope")
    QApplication.setDesktopFileName("l2scope")
    QApplication.setWindowIcon(QIcon.fromTheme("l2scope"))
    # The window goes first, then the engine's thread, then the loop.
    app.setQuitOnLastWindowClosed(False)
    return app


def _load_curves() -> None:
    """Load what the first long run shows its rates with, beside the window: half a second that nobody should feel."""
    threading.Thread(target=import_module, args=("pyqtgraph",), name="l2scope-load", daemon=True).start()


def _live_on(bridge: SessionBridge) -> None:
    """What a slot raises becomes a crash report and a message; the window lives on."""

    def hook(kind: type[BaseException], failure: BaseException, trace: TracebackType | None) -> None:
        if isinstance(failure, Exception):
            bridge.fail(failure)
        else:
            sys.__excepthook__(kind, failure, trace)

    sys.excepthook = hook
