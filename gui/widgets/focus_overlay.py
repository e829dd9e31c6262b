"""The ring around a standard control that has the focus. Painted widgets draw their own."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton, QRadioButton, QTabBar, QToolButton, QWidget
from shiboken6 import isValid

from gui.theme import theme
from gui.widgets.action_button import ActionButton
from gui.widgets.pieces import paint_focus_ring

REACH = 4
"""2 px of ring, 2 px of gap."""

_RINGED = (QPushButton, QCheckBox, QRadioButton, QToolButton, QTabBar)
_MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show)


class _Ring(QWidget):
    """Lies over the window, lets every click through, and is no larger than the ring."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_focus_ring(QPainter(self), QRectF(self.rect()), theme(), 6)


class FocusOverlay(QObject):
    """Make one for the application. `make_button` takes no focus by mouse, so its ring is the keyboard's alone."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._target: QWidget | None = None
        self._ring: _Ring | None = None
        self._watched: list[QWidget] = []
        app.focusChanged.connect(self._on_focus_changed)

    def ring_rect(self) -> QRect:
        """Where the ring is, in its window; empty if there is none."""
        return QRect() if self._ring is None else self._ring.geometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self._place()
        elif event.type() == QEvent.Type.Hide and watched is self._target:
            self._leave()
        return False

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        self._leave()
        if isinstance(new, _RINGED) and not isinstance(new, ActionButton):
            self._target = new
            self._ring = _Ring(new.window())
            self._watched = _with_parents(new)
            for widget in self._watched:
                widget.installEventFilter(self)
            new.destroyed.connect(self._forget)
            self._place()
            self._ring.show()

    def _place(self) -> None:
        if self._ring is None or self._target is None:
            return
        corner = self._target.mapTo(self._target.window(), QPoint(0, 0))
        self._ring.setGeometry(QRect(corner, self._target.size()).adjusted(-REACH, -REACH, REACH, REACH))
        self._ring.raise_()

    def _leave(self) -> None:
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._watched = []
        if self._target is not None:
            self._target.destroyed.disconnect(self._forget)
        if self._ring is not None:
            self._ring.hide()
            self._ring.deleteLater()
        self._target = self._ring = None

    @Slot()
    def _forget(self) -> None:
        # A ring goes with its window; here only the control itself went.
        self._target = None
        self._leave()


def _with_parents(widget: QWidget) -> list[QWidget]:
    """`widget` and all around it but the window: when one of them moves, as in a scroll area, the ring moves too."""
    found = [widget]
    while (parent := found[-1].parentWidget()) is not None and not parent.isWindow():
        found.append(parent)
    return found
