"""Which files can be opened and written, and choosing some to open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from gui.widgets.file_dialog import make_dialog

OPENABLE = "Captures, policies and sessions (*.pcap *.pcapng *.cap *.gz *.zst *.lz4 *.ntar *.json *.l2s);;All files (*)"
BY_REFERENCE = "Session, its capture stays where it is (*.l2s)"
SESSIONS = f"Session with its frames (*.l2s);;{BY_REFERENCE}"
POLICIES = "Policies (*.json)"
REPORTS = "HTML report (*.html);;JSON report (*.json);;Capture with outcomes as comments (*.pcapng)"


def choose_to_open(parent: QWidget, folder: Path | None, chosen: Callable[[list[Path]], None]) -> QFileDialog:
    """Ask for files; `chosen` gets them if the user does choose."""
    dialog = make_dialog(parent, "Open", OPENABLE, folder)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
    dialog.open()
    return dialog
