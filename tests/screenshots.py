"""Pictures of every layout and page, in both themes and at both ends of the window's sizes.

`python -m tests.screenshots OUTDIR [--capture F --policy P] [--frame N] [--steps N]`
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtTest import QTest

from engine.debugger.moves import StepKind
from engine.wfp.document import set_enabled
from engine.wfp.validation import key_of
from gui.app.start import make_application
from gui.main_window import MainWindow
from gui.models.stories import first_story
from gui.session_bridge import SessionBridge
from gui.session_bridge.worker import close_event_loop
from gui.settings import Store
from gui.theme import ThemeName, theme_manager

SIZES = ((1280, 800), (1680, 1000), (2560, 1440))
THEMES: tuple[ThemeName, ...] = ("dark", "light")
FRAME, STEPS = 12, 30


def main() -> int:
    args = _arguments()
    args.outdir.mkdir(parents=True, exist_ok=True)
    files = [path for path in (args.capture, args.policy) if path is not None] or [first_story()]
    with tempfile.TemporaryDirectory() as settings:
        # The pictures show the window as it comes, not as somebody has arranged it.
        os.environ["XDG_CONFIG_HOME"] = settings
        make_application()
        for theme in THEMES:
            theme_manager().set_mode(theme)
            for size in SIZES:
                _take_all(args, files, f"{theme}-{size[0]}", size)
        close_event_loop()
    return 0


def _take_all(args: argparse.Namespace, files: list[Path], suffix: str, size: tuple[int, int]) -> None:
    store = Store()
    store.clear()
    bridge = SessionBridge(store)
    window = MainWindow(bridge)
    window.resize(*size)
    window.show()
    QTest.qWait(100)
    take = _taker(window, args.outdir, suffix)
    take("start", lambda: None)
    bridge.open(files)
    settle(bridge)
    bridge.step_frame(args.frame)
    settle(bridge)
    for _ in range(args.steps - 1):
        bridge.step(StepKind.INTO)
        settle(bridge)
    take("step", lambda: None)
    for view in ("packet", "callout_source", "completions", "findings", "log", "ledger", "explain"):
        take(view, lambda view=view: window.show_view(view))  # type: ignore[misc]  # the default binds it
    take("palette", lambda: window.palette_.open("step"))
    window.chrome.tool_row.field.clearFocus()
    first = next(iter(bridge.session.policy.filter_by_id), None) if bridge.session is not None else None
    if first is not None:
        take("form", lambda: window.edit_filter(first))
        take("what_if", lambda: _disable_first(bridge), 1500)
        bridge.undo_stack.undo()
    for layout in ("inspect", "policy", "teach", "live", "step"):
        take(f"layout-{layout}", lambda layout=layout: window.set_layout(layout))  # type: ignore[misc]  # as above
    for text in ("eth.type == 0x0800 and outcome == absorbed", "eth.typ == 0x0800", ""):
        name = "filter" if "type" in text else "filter-wrong" if text else "filter-none"
        take(name, lambda text=text: bridge.frame_filter.wanted.emit(text, True), 600)  # type: ignore[misc]  # as above
    for page in ("interfaces", "capture", "explore", "options", "keys"):
        take(page, lambda page=page: window.show_page(page), 2500)  # type: ignore[misc]  # as above
    window.show_page("stack")
    bridge.run()
    settle(bridge)
    take("end", lambda: None)
    window.close()
    QTest.qWait(20)


def _disable_first(bridge: SessionBridge) -> None:
    """An edit whose frames the what-if view counts."""
    first = bridge.document.filters[0]
    bridge.edit(set_enabled(bridge.document, key_of(first), False), f"Disable “{first.name}”")


def settle(bridge: SessionBridge) -> None:
    """Return when the engine rests."""
    while bridge.is_busy or bridge.index_seconds is None:
        QTest.qWait(5)


def _taker(window: MainWindow, folder: Path, suffix: str) -> Callable[..., None]:
    def take(name: str, prepare: Callable[[], object], wait_ms: int = 250) -> None:
        prepare()
        loop = QEventLoop()  # QTest.qWait keeps the interpreter from the engine's thread
        QTimer.singleShot(wait_ms, loop.quit)
        loop.exec()
        window.grab().save(str(folder / f"{name}-{suffix}.png"))

    return take


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots")
    parser.add_argument("outdir", nargs="?", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--capture", type=Path)
    parser.add_argument("--policy", type=Path)
    parser.add_argument("--frame", type=int, default=FRAME)
    parser.add_argument("--steps", type=int, default=STEPS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
