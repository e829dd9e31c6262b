"""The drawing of the NBL chain: a scene that is built anew when its picture changes, and how one moves in it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QStyle, QWidget

from engine.ndis.snapshot import NblId
from gui.models.nbl.chain import Picture
from gui.models.nbl.geometry import ChainLayout
from gui.models.nbl.layout import layout
from gui.theme import theme, theme_manager
from gui.views.nbl.arrow import ArrowItem
from gui.views.nbl.box import BoxItem, rectf
from gui.views.nbl.outline import OutlineItem
from gui.views.nbl.track import BandItem, TrackItem
from gui.widgets.pieces import paint_focus_ring

ZOOM, LEAST_ZOOM, MOST_ZOOM = 1.25, 0.2, 4.0
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class NblCanvas(QGraphicsView):
    """Ctrl+wheel, + and - zoom, 0 fits, F stays or follows; arrow keys go from box to box."""

    nbl_chosen = Signal(str)
    menu_wanted = Signal(str, QPoint)
    stay_wanted = Signal()
    scale_changed = Signal(str)
    """What one byte is wide, for the legend."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setScene(QGraphicsScene(self))
        self._picture, self._payload = Picture(), ""
        self._focus: NblId | None = None
        self._layout = ChainLayout()
        self._followed = self._picture
        self._zoom = 1.0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("NBL chain")
        theme_manager().changed.connect(self._on_look_changed)
        self._on_look_changed()

    # --- showing -------------------------------------------------------------------------------------------------

    def show_picture(self, picture: Picture, focus: NblId | None, payload: str) -> None:
        """Draw a picture; `payload` is what the bytes behind the MAC header are."""
        if (picture, focus, payload) == (self._picture, self._focus, self._payload):
            return
        self._picture, self._focus, self._payload = picture, focus, payload
        self._draw()

    @property
    def chain_layout(self) -> ChainLayout:
        return self._layout

    @property
    def zoom(self) -> float:
        return self._zoom

    def _draw(self) -> None:
        # Room for the bar is always left: what needs one is not placed twice, and the other bar does not come with it.
        room = self.width() - self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        place = self._layout = layout(self._picture.contents(self._focus), room)
        scene, sights = self.scene(), self._picture.sights
        scene.clear()
        for outline in place.outlines:
            scene.addItem(OutlineItem(outline))
        for band in place.bands:
            scene.addItem(BandItem(band))
        for arrow in place.arrows:
            scene.addItem(ArrowItem(arrow))
        for box in place.boxes:
            scene.addItem(BoxItem(box, sights[box.nbl], place.box_scale, is_focused=box.nbl == self._focus))
        for track in place.tracks:
            buffer = sights[track.nbl].buffer
            if buffer is not None:
                scene.addItem(TrackItem(track, sights[track.nbl], buffer, place.scale, self._payload))
        scene.setSceneRect(QRectF(0, 0, place.width, place.height))
        self.scale_changed.emit(f"to scale: 1 byte = {place.scale:g} px" if place.tracks else "")
        focused = sights.get(self._focus) if self._focus is not None else None
        told = focused.words() if focused is not None else f"{len(sights)} NBLs"
        self.setAccessibleDescription(told)

    def follow(self, changed: Sequence[NblId]) -> None:
        """Bring what the last step changed into sight, once for each picture; what is in sight stays where it is."""
        if self._followed is self._picture:
            return
        self._followed = self._picture
        boxes = [box for box in map(self._layout.box, changed) if box is not None]
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        if boxes and not any(seen.contains(rectf(box.rect)) for box in boxes):
            self.show_nbl(boxes[0].nbl)

    def show_nbl(self, nbl: NblId) -> None:
        """Bring a box into sight."""
        box = self._layout.box(nbl)
        if box is not None:
            rect = box.rect
            self.ensureVisible(QRectF(rect.x, rect.y, rect.width, rect.height), 12, 12)

    @Slot()
    def _on_look_changed(self) -> None:
        self.setBackgroundBrush(theme().surface.panel)
        self.viewport().update()

    # --- zoom ----------------------------------------------------------------------------------------------------

    @Slot()
    def zoom_in(self) -> None:
        self.set_zoom(self._zoom * ZOOM)

    @Slot()
    def zoom_out(self) -> None:
        self.set_zoom(self._zoom / ZOOM)

    @Slot()
    def fit(self) -> None:
        """Show everything, at its natural size at most; at that size already, go back to it."""
        self.set_zoom(1.0)
        room, size = self.viewport().size(), self._layout
        if size.width and size.height:
            self.set_zoom(min(1.0, room.width() / size.width, room.height() / size.height))

    def set_zoom(self, zoom: float) -> None:
        self._zoom = min(MOST_ZOOM, max(LEAST_ZOOM, zoom))
        self.resetTransform()
        self.scale(self._zoom, self._zoom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._draw()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * (ZOOM if event.angleDelta().y() > 0 else 1 / ZOOM))
            event.accept()
        else:
            super().wheelEvent(event)

    # --- choosing ------------------------------------------------------------------------------------------------

    def nbl_at(self, point: QPoint) -> NblId | None:
        """The NBL of the box or track at a point of the viewport."""
        for item in self.items(point):
            if isinstance(item, BoxItem | TrackItem):
                return item.sight.snapshot.id
        return None

    def point_of(self, nbl: NblId) -> QPoint | None:
        """The middle of a box in the viewport."""
        box = self._layout.box(nbl)
        if box is None:
            return None
        return self.mapFromScene(QPointF(box.rect.x + box.rect.width / 2, box.rect.y + box.rect.height / 2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        nbl = self.nbl_at(event.position().toPoint())
        if nbl is not None and event.button() == Qt.MouseButton.LeftButton:
            self.nbl_chosen.emit(nbl)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        nbl = self._focus if keyboard else self.nbl_at(event.pos())
        place = self.point_of(nbl) if keyboard and nbl is not None else event.pos()
        if nbl is not None and place is not None:
            self.menu_wanted.emit(nbl, self.viewport().mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        nbls = [box.nbl for box in self._layout.boxes]
        if key in _STEPS and nbls and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            at = nbls.index(self._focus) + _STEPS[key] if self._focus in nbls else 0
            self.nbl_chosen.emit(nbls[max(0, min(at, len(nbls) - 1))])
        elif event.text() in {"+", "="}:
            self.zoom_in()
        elif event.text() == "-":
            self.zoom_out()
        elif event.text() == "0":
            self.fit()
        elif event.text() in {"f", "F"}:
            self.stay_wanted.emit()
        else:
            super().keyPressEvent(event)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        if self.hasFocus() and self._focus is None:
            painter.save()
            painter.resetTransform()
            paint_focus_ring(painter, QRectF(self.viewport().rect()), theme())
            painter.restore()
