"""A page of text that scrolls: as wide as one reads with ease, in the middle of the room there is."""

from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

WIDTH = 880


class ReadingPage(QScrollArea):
    """Where there is less room than its narrowest line needs, it scrolls sideways too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)

    def set_page(self, page: QWidget) -> None:
        """Show `page`; it is the area's from now on."""
        page.setMaximumWidth(WIDTH)
        around = QWidget()
        row = QHBoxLayout(around)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(page, 1000)
        row.addStretch(1)
        self.setWidget(around)
