"""Choosing files, in dialogs that block nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

OPENABLE = "Captures and policies (*.pcap *.pcapng *.cap *.gz *.ntar *.json);;All files (*)"
POLICIES = "Policies (*.json)"
REPORTS = "HTML report (*.html);;JSON report (*.json)"


def choose_to_open(parent: QWidget, folder: Path | None, chosen: Callable[[list[Path]], None]) -> QFileDialog:
    """Ask for files; `chosen` gets them if the user does choose."""
    dialog = _dialog(parent, "Open", OPENABLE, folder)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
    dialog.open()
    return dialog


def choose_to_save(
    parent: QWidget, title: str, filters: str, proposal: Path, chosen: Callable[[Path], None]
) -> QFileDialog:
    """Ask for a file to be written; the suffix of the chosen kind is added where none is typed."""
    dialog = _dialog(parent, title, filters, proposal.parent)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(proposal.suffix.lstrip("."))
    dialog.filterSelected.connect(lambda text: dialog.setDefaultSuffix(text.partition("*.")[2].rstrip(")")))
    dialog.selectFile(proposal.name)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()
    return dialog


def _dialog(parent: QWidget, title: str, filters: str, folder: Path | None) -> QFileDialog:
    dialog = QFileDialog(parent, title, str(folder or ""), filters)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
