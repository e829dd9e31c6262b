"""The page: one section for each group of parts."""

import sys
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from gui.theme import ThemeMode, theme_manager
from gui.widgets.controls import make_label
from gui.widgets.focus_overlay import FocusOverlay
from gui.widgets.gallery import controls, painted, views

GAP = 6


class GalleryPage(QWidget):
    """Left what is painted, right the larger widgets."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("L2Scope — parts")
        page = QHBoxLayout(self)
        page.setContentsMargins(24, 20, 24, 20)
        page.setSpacing(32)
        page.addLayout(_column([*painted.sections(), *controls.sections()]), 1)
        page.addLayout(_column(views.sections()), 1)


def _column(sections: Sequence[tuple[str, Sequence[QWidget]]]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(GAP)
    for title, rows in sections:
        heading = make_label(title, "overline", "muted")
        heading.setContentsMargins(0, 8, 0, 0)
        column.addWidget(heading)
        for row in rows:
            column.addWidget(row)
    column.addStretch(1)
    return column


def show_gallery(mode: ThemeMode, shot: str | None) -> int:
    """Show the page until it is closed, or write its picture to `shot`; return the exit status."""
    app = QApplication(sys.argv[:1])
    theme_manager().set_mode(mode)
    FocusOverlay(app)
    page = GalleryPage()
    page.resize(1480, 1000)
    page.show()
    controls.focus_sample(page).setFocus(Qt.FocusReason.TabFocusReason)
    if shot is None:
        return app.exec()
    app.processEvents()
    return 0 if page.grab().save(shot) else 2
