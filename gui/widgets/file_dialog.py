"""Asking for a file, in a dialog that blocks nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def choose_to_save(
    parent: QWidget, title: str, filters: str, proposal: Path, chosen: Callable[[Path], None]
) -> QFileDialog:
    """Ask for a file to be written; the suffix of the chosen kind is added where none is typed."""
    dialog = make_dialog(parent, title, filters, proposal.parent)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(proposal.suffix.lstrip("."))
    dialog.filterSelected.connect(lambda text: dialog.setDefaultSuffix(text.partition("*.")[2].rstrip(")")))
    dialog.selectFile(proposal.name)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()
    return dialog


def make_dialog(parent: QWidget, title: str, filters: str, folder: Path | None) -> QFileDialog:
    dialog = QFileDialog(parent, title, str(folder or ""), filters)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
