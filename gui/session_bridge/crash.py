"""Our own mistakes, written to a file that can be sent, while the window lives on."""

from __future__ import annotations

import platform
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import PySide6
from PySide6.QtCore import QStandardPaths

import engine

_PROJECT = Path(engine.__file__).resolve().parent.parent
KEPT = 20


@dataclass(frozen=True, slots=True)
class Crash:
    """Where it happened and where the report is; `report` is None if it could not be written."""

    place: str
    what: str
    report: Path | None

    def line(self) -> str:
        told = f"; the report is {self.report}" if self.report else "; no report could be written"
        return f"This is a mistake of L2Scope, not yours: {self.what} in {self.place}{told}"


def report_crash(failure: BaseException) -> Crash:
    """Write the crash report. Never raises."""
    what = f"{type(failure).__name__}: {failure}".splitlines()[0]
    text = "".join(traceback.format_exception(failure))
    return Crash(_place(failure), what, _write(text))


def _place(failure: BaseException) -> str:
    """The innermost line of our own code."""
    place = "the program"
    for frame in traceback.extract_tb(failure.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(_PROJECT) and "site-packages" not in path.parts:
            place = f"{path.relative_to(_PROJECT).as_posix()}:{frame.lineno}"
    return place


def _write(text: str) -> Path | None:
    where = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    folder = Path(where or ".") / "crashes"
    head = f"L2Scope, Python {platform.python_version()}, PySide {PySide6.__version__}, {platform.platform()}\n\n"
    report = folder / time.strftime("crash-%Y%m%d-%H%M%S.txt")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob("crash-*.txt"))[: -KEPT + 1]:
            old.unlink()
        report.write_text(head + text, encoding="utf-8")
    except OSError:
        return None
    return report
