"""Tokens on their way from pane to pane. Source: look/look.md, Motion: on single steps only, 220 ms, OutCubic."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEasingCurve, QRectF, Qt, QVariantAnimation, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.theme import theme, theme_manager
from gui.widgets.token import FrameToken, paint_token

LEAST_WAY = 6
"""Pixels: a token that is pushed aside by less does not travel."""

Places = Mapping[str, tuple[QRectF, FrameToken]]
"""Where each token stands, by its id."""


class TokenMotion(QWidget):
    """Lies over the panes and takes no clicks. A token that travels is painted here, and nowhere else."""

    arrived = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._below = parent
        self._ways: dict[str, tuple[QRectF, QRectF, FrameToken]] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._animation = QVariantAnimation(self)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self.update)
        self._animation.finished.connect(self._on_finished)
        self.hide()

    @property
    def travelling(self) -> frozenset[str]:
        return frozenset(self._ways)

    def move_tokens(self, before: Places, after: Places) -> None:
        """Let each token that stands elsewhere now travel there; those that are new just stand where they are."""
        self.stop()
        duration = theme_manager().motion_ms("token")
        if not duration:
            return
        self._ways = {
            id_: (before[id_][0], place, token)
            for id_, (place, token) in after.items()
            if id_ in before and _far(before[id_][0], place)
        }
        if self._ways:
            self.setGeometry(self._below.rect())
            self.show()
            self.raise_()
            self._animation.setDuration(duration)
            self._animation.start()

    def stop(self) -> None:
        """What is on its way has arrived."""
        self._animation.stop()
        if self._ways:
            self._on_finished()

    def paintEvent(self, event: QPaintEvent) -> None:
        share = float(self._animation.currentValue() or 0.0)
        painter = QPainter(self)
        for start, end, token in self._ways.values():
            way = end.topLeft() - start.topLeft()
            paint_token(painter, QRectF(start.topLeft() + way * share, end.size()), token, theme())

    @Slot()
    def _on_finished(self) -> None:
        self._ways = {}
        self.hide()
        self.arrived.emit()


def _far(one: QRectF, other: QRectF) -> bool:
    return (one.topLeft() - other.topLeft()).manhattanLength() > LEAST_WAY
