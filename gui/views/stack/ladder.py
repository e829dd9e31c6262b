"""The scrolling ladder of one pane: only the rows in sight are made and painted."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from engine.wfp.types import FilterId
from gui.models.stack.ladder import Ladder, LadderPlan
from gui.models.stack.ladder_rows import FilterRow
from gui.models.stack.panes import PAST
from gui.theme import theme, theme_manager
from gui.views.stack.geometry import RowGeometry
from gui.views.stack.hints import filter_hint, sublayer_hint
from gui.views.stack.rows import RowLook, paint_filter_row, paint_sublayer_row, token_rects
from gui.widgets.pieces import paint_focus_ring
from gui.widgets.text import paint_text
from gui.widgets.token import FrameToken

FAR = 1 << 31
"""Further than any filter."""


class LadderView(QAbstractScrollArea):
    """Sublayers and filters of a layer. Arrow keys choose a filter, Enter or a double click toggles its breakpoint."""

    filter_chosen = Signal(int)
    filter_activated = Signal(int)
    menu_wanted = Signal(int, QPoint)
    """Filter id and where on the screen."""
    token_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ladder: Ladder | None = None
        self._plan: LadderPlan | None = None
        self._geometry = RowGeometry()
        self._selected: FilterId | None = None
        self._hovered: int | None = None
        self._breakpoints: Mapping[FilterId, bool] = {}
        self._shown_current: int | None = None
        self._away: frozenset[str] = frozenset()
        self._without_filters = PAST
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setMinimumHeight(theme().size.filter_row_current)
        theme_manager().changed.connect(self._on_look_changed)

    @property
    def ladder(self) -> Ladder | None:
        return self._ladder

    def show_ladder(self, ladder: Ladder, without_filters: str = PAST) -> None:
        """Lay another moment over the ladder; the current row is brought into sight when it is another one.

        `without_filters` is said where the layer has none.
        """
        self._without_filters = without_filters
        self._ladder = ladder
        if ladder.plan is not self._plan:
            self._plan, self._hovered, self._shown_current = ladder.plan, None, None
            self._geometry.measure(ladder, theme())
            self.verticalScrollBar().setValue(0)
        self._geometry.set_current(ladder.current)
        self._update_range()
        if ladder.current is not None and ladder.current != self._shown_current:
            self.bring_into_sight(ladder.current)
        self._shown_current = ladder.current
        self._tell()
        self.viewport().update()

    def select(self, filter_id: FilterId | None) -> None:
        if filter_id == self._selected:
            return
        self._selected = filter_id
        if (index := self._selected_index()) is not None:
            self.bring_into_sight(index)
        self._tell()
        self.viewport().update()

    def show_breakpoints(self, breakpoints: Mapping[FilterId, bool]) -> None:
        """Mark the filters that have a breakpoint, enabled or not."""
        self._breakpoints = breakpoints
        self.viewport().update()

    def token_places(self) -> list[tuple[QRectF, FrameToken]]:
        """Where the tokens of the current row stand, in the viewport."""
        if self._ladder is None or self._ladder.current is None or not self.isVisible():
            return []
        row = self._ladder.row(self._ladder.current)
        return token_rects(self.row_rect(self._ladder.current), row, theme()) if isinstance(row, FilterRow) else []

    def set_away(self, ids: frozenset[str]) -> None:
        """These tokens are on their way, and painted elsewhere."""
        if ids != self._away:
            self._away = ids
            self.viewport().update()

    def row_rect(self, index: int) -> QRectF:
        """Where a row is in the viewport, in sight or not."""
        top, bottom = self._geometry.top(index), self._geometry.top(index + 1)
        return QRectF(0, top - self.verticalScrollBar().value(), self.viewport().width(), bottom - top)

    def bring_into_sight(self, index: int) -> None:
        bar, page = self.verticalScrollBar(), self.viewport().height()
        top, bottom = self._geometry.top(index), self._geometry.top(index + 1)
        if self._ladder is not None and index > 0 and self._ladder.is_sublayer(index - 1):
            top = self._geometry.top(index - 1)
        # Two rows around it stay in sight where there is room, so that the way shows.
        margin = max(0, min(theme().size.filter_row * 2, (page - (bottom - top)) // 2))
        if top - margin < bar.value():
            bar.setValue(top - margin)
        elif bottom + margin > bar.value() + page:
            bar.setValue(min(top, bottom + margin - page))

    # --- geometry ------------------------------------------------------------------------------------------------

    def _index_at(self, y: float) -> int | None:
        return self._geometry.index_at(y + self.verticalScrollBar().value())

    def _update_range(self) -> None:
        bar, page = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(page)
        bar.setSingleStep(theme().size.filter_row)
        bar.setRange(0, max(0, self._geometry.height - page))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._update_range()
        if self._shown_current is not None and self._ladder is not None:
            self.bring_into_sight(self._shown_current)

    @Slot()
    def _on_look_changed(self) -> None:
        if self._ladder is not None:
            self._geometry.measure(self._ladder, theme())
        self._update_range()
        self.viewport().update()

    # --- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), look.surface.panel)
        if self._ladder is None or not len(self._ladder):
            inner = QRectF(self.viewport().rect()).adjusted(8, 0, -8, 0)
            text = self._without_filters
            paint_text(painter, inner, text, look.fonts["small"], look.text.muted, Qt.AlignmentFlag.AlignHCenter)
            return
        first = self._index_at(event.rect().top())
        for index in range(0 if first is None else first, len(self._ladder)):
            rect = self.row_rect(index)
            if rect.top() > event.rect().bottom():
                break
            self._paint_row(painter, rect, index)
        if self.hasFocus() and self._selected_index() is None:
            paint_focus_ring(painter, QRectF(self.viewport().rect()), look)

    def _paint_row(self, painter: QPainter, rect: QRectF, index: int) -> None:
        assert self._ladder is not None
        row = self._ladder.row(index)
        if not isinstance(row, FilterRow):
            paint_sublayer_row(painter, rect, row, theme())
            return
        selected = row.filter == self._selected
        touch = RowLook(
            is_hovered=index == self._hovered,
            is_selected=selected,
            has_focus=self.hasFocus(),
            breakpoint=self._breakpoints.get(row.filter),
            away=self._away,
        )
        paint_filter_row(painter, rect, row, touch, theme())
        if selected and self.hasFocus():
            paint_focus_ring(painter, rect, theme())

    # --- the user ------------------------------------------------------------------------------------------------

    def filter_at(self, position: QPointF | QPoint) -> FilterId | None:
        index = self._index_at(position.y())
        row = None if index is None or self._ladder is None else self._ladder.row(index)
        return row.filter if isinstance(row, FilterRow) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        token = self._token_at(event.position())
        if token is not None:
            self.token_chosen.emit(token)
        elif (filter_id := self.filter_at(event.position())) is not None:
            self.filter_chosen.emit(filter_id)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # its press was ours; a dock behind must not take it

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        filter_id = self.filter_at(event.position())
        if filter_id is not None and self._token_at(event.position()) is None:
            self.filter_activated.emit(filter_id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._index_at(event.position().y()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_keys = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self._selected_index()
        if by_keys and index is not None and self._selected is not None:
            place = self.viewport().mapToGlobal(self.row_rect(index).center().toPoint())
            self.menu_wanted.emit(self._selected, place)
        elif not by_keys and (filter_id := self.filter_at(event.pos())) is not None:
            self.menu_wanted.emit(filter_id, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = max(1, self.viewport().height() // theme().size.filter_row - 1)
        moves = {
            Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -FAR, Qt.Key.Key_End: FAR,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if event.modifiers() not in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}:
            super().keyPressEvent(event)
        elif key in moves:
            self._move(moves[key])
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._selected_index() is not None:
            self.filter_activated.emit(self._selected)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_hint(event)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def _move(self, by: int) -> None:
        """Choose the filter `by` filters away; sublayers are passed over."""
        if self._plan is None or not self._plan.index_of:
            return
        ids = list(self._plan.index_of)
        at = self._selected_index()
        if at is None:
            start = self._ladder.current if self._ladder is not None else None
            chosen = ids[0] if start is None else next(id_ for id_ in ids if self._plan.index_of[id_] == start)
        else:
            place = ids.index(self._selected) if self._selected is not None else 0
            chosen = ids[max(0, min(place + by, len(ids) - 1))]
        self.filter_chosen.emit(chosen)

    def _selected_index(self) -> int | None:
        return None if self._plan is None or self._selected is None else self._plan.index_of.get(self._selected)

    def _token_at(self, position: QPointF) -> str | None:
        index = self._index_at(position.y())
        row = None if index is None or self._ladder is None else self._ladder.row(index)
        if index is None or not isinstance(row, FilterRow):
            return None
        hits = token_rects(self.row_rect(index), row, theme())
        return next((token.id for rect, token in hits if rect.contains(position)), None)

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.viewport().update()

    def _show_hint(self, event: QHelpEvent) -> None:
        index = self._index_at(event.pos().y())
        if index is None or self._ladder is None or self._plan is None:
            QToolTip.hideText()
            return
        row = self._ladder.row(index)
        text = filter_hint(row, self._plan.policy) if isinstance(row, FilterRow) else sublayer_hint(row)
        QToolTip.showText(event.globalPos(), text, self.viewport(), QRect(self.row_rect(index).toRect()))

    def _tell(self) -> None:
        """Keep the text twin: the chosen row first, then what stands around the current one."""
        if self._ladder is None:
            return
        self.setAccessibleDescription(self._ladder.words(self._selected_index()))
