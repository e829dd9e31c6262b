"""Rows of tables and trees: ground, bar, marks, text, chips.

Source: look/look.md, States; principle 4: only a block tints a row, and two washes are never stacked.
"""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QTreeView,
    QWidget,
)

from gui.theme import Theme, icon_pixmap, theme, theme_manager
from gui.theme.row_colours import row_colour
from gui.widgets.badges import paint_badge
from gui.widgets.cell import Cell, cell_of
from gui.widgets.marks import mark_colour, paint_mark
from gui.widgets.pieces import chip_width, paint_chip, paint_heat
from gui.widgets.roles import Tone
from gui.widgets.row_hover import RowHover
from gui.widgets.text import paint_text, text_width

Index = QModelIndex | QPersistentModelIndex

BAR = 3
PADDING = 6
GLYPH = 14
GAP = 5
HEAT_WIDTH = 56


class RowDelegate(QStyledItemDelegate):
    """Paints `Cell`s. `dress_rows` gives it to a view together with what belongs to it."""

    def __init__(self, parent: QObject | None = None, hover: RowHover | None = None) -> None:
        super().__init__(parent)
        self._hover = hover

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as the density says; wide enough for all of the cell."""
        look = theme()
        return QSize(round(_cell_width(cell_of(index), look)), theme_manager().row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look = theme()
        cell = cell_of(index)
        painter.save()
        ground = self.paint_ground(painter, option, index, cell, look)
        rect = QRectF(option.rect).adjusted(PADDING, 0, -PADDING, 0)
        painter.setClipRect(option.rect)
        rect = self.paint_right(painter, rect, cell, look)
        rect = self.paint_glyphs(painter, rect, cell, look, ground)
        self.paint_words(painter, rect, cell, look)
        painter.restore()

    def paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, cell: Cell, look: Theme
    ) -> QColor:
        """Fill the cell's ground, and the azure bar at the row's left end; return the ground."""
        view = _widget(option)
        focused = view is not None and view.hasFocus()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        ground = self._ground(option, index, cell, look, selected=selected, focused=focused)
        painter.fillRect(option.rect, ground)
        bar = cell.current or (selected and focused)
        if bar and _is_first_column(view, option.rect, index):
            x = 0 if isinstance(view, QTreeView) else option.rect.left()
            painter.fillRect(QRect(x, option.rect.top(), BAR, option.rect.height()), look.accent.base)
        return ground

    def _ground(
        self,
        option: QStyleOptionViewItem,
        index: Index,
        cell: Cell,
        look: Theme,
        *,
        selected: bool,
        focused: bool,
    ) -> QColor:
        if selected and focused:
            return look.surface.selected
        if cell.current:
            return look.accent.wash
        if selected:
            return look.surface.selected_idle
        if cell.tint is not None:
            return look.outcome_wash(cell.tint)
        if cell.wash is not None:
            return row_colour(look, cell.wash)
        under_mouse = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if under_mouse or (self._hover is not None and self._hover.is_over(index)):
            return look.surface.hover
        return look.surface.panel

    def paint_right(self, painter: QPainter, rect: QRectF, cell: Cell, look: Theme) -> QRectF:
        """Paint chips, secondary text and heat from the right end; return what is left of `rect`."""
        for text, kind in reversed(cell.chips):
            width = min(chip_width(text, kind, look), rect.width())
            paint_chip(painter, QRectF(rect.right() - width, rect.top(), width, rect.height()), text, kind, look)
            rect = rect.adjusted(0, 0, -width - GAP, 0)
        if cell.secondary:
            font = look.fonts["small"]
            # The name keeps at least half of the cell.
            width = min(text_width(font, cell.secondary) + 1, rect.width() / 2 if cell.text else rect.width())
            area = QRectF(rect.right() - width, rect.top(), width, rect.height())
            colour = look.text.muted if cell.tone is Tone.DIM else look.text.secondary
            paint_text(painter, area, cell.secondary, font, colour, Qt.AlignmentFlag.AlignRight)
            rect = rect.adjusted(0, 0, -width - 8, 0)
        if cell.heat is not None:
            width = min(HEAT_WIDTH, rect.width() / 2) if cell.text else rect.width()
            paint_heat(painter, QRectF(rect.right() - width, rect.top(), width, rect.height()), cell.heat, look)
            rect = rect.adjusted(0, 0, -width - GAP, 0)
        return rect

    def paint_glyphs(self, painter: QPainter, rect: QRectF, cell: Cell, look: Theme, ground: QColor) -> QRectF:
        """Paint mark, badge and icon from the left; return what is left of `rect`."""
        if cell.icon is not None:
            box = _glyph_box(rect)
            colour = _tone_colour(cell.tone, look.text.secondary, look)
            scale = painter.deviceTransform().m11()
            painter.drawPixmap(box.topLeft(), icon_pixmap(look, cell.icon, colour, GLYPH, scale))
            rect = rect.adjusted(GLYPH + GAP, 0, 0, 0)
        if cell.mark is not None:
            paint_mark(painter, _glyph_box(rect), cell.mark, look, ground)
            rect = rect.adjusted(GLYPH + GAP, 0, 0, 0)
        if cell.badge is not None:
            paint_badge(painter, _glyph_box(rect), cell.badge, look)
            rect = rect.adjusted(GLYPH + GAP, 0, 0, 0)
        return rect

    def paint_words(self, painter: QPainter, rect: QRectF, cell: Cell, look: Theme) -> None:
        align = Qt.AlignmentFlag.AlignRight if cell.number else Qt.AlignmentFlag.AlignLeft
        paint_text(painter, rect, cell.text, cell_font(cell, look), _word_colour(cell, look), align)


def _glyph_box(rect: QRectF) -> QRectF:
    return QRectF(rect.left(), round(rect.center().y() - GLYPH / 2), GLYPH, GLYPH)


def cell_font(cell: Cell, look: Theme) -> QFont:
    font = look.font("code_small" if cell.mono else "table")
    if cell.current or cell.tone in (Tone.STRONG, Tone.MARK):
        font.setWeight(QFont.Weight.DemiBold)
    if cell.strike:
        font.setStrikeOut(True)
    return font


def _word_colour(cell: Cell, look: Theme) -> QColor:
    if cell.tone is Tone.MARK and cell.mark is not None and cell.mark != "skipped":
        return mark_colour(cell.mark, look)
    return _tone_colour(cell.tone, look.text.primary, look)


def _tone_colour(tone: Tone, normal: QColor, look: Theme) -> QColor:
    match tone:
        case Tone.SECONDARY:
            return look.text.secondary
        case Tone.DIM:
            return look.text.muted
        case Tone.ACCENT:
            return look.accent.base
        case Tone.ERROR:
            return look.severity("error")
        case Tone.NORMAL | Tone.STRONG | Tone.MARK:
            return normal


def _cell_width(cell: Cell, look: Theme) -> float:
    glyphs = sum(part is not None for part in (cell.icon, cell.mark, cell.badge)) * (GLYPH + GAP)
    chips = sum(chip_width(text, kind, look) + GAP for text, kind in cell.chips)
    secondary = text_width(look.fonts["small"], cell.secondary) + 9 if cell.secondary else 0
    heat = HEAT_WIDTH + GAP if cell.heat is not None else 0
    return 2 * PADDING + glyphs + chips + secondary + heat + text_width(cell_font(cell, look), cell.text) + 2


def _widget(option: QStyleOptionViewItem) -> QWidget | None:
    widget: object = getattr(option, "widget", None)
    return widget if isinstance(widget, QWidget) else None


def _is_first_column(view: QWidget | None, rect: QRect, index: Index) -> bool:
    if isinstance(view, QTreeView):
        return view.header().visualIndex(index.column()) == 0
    if isinstance(view, QTableView):
        return rect.left() + view.horizontalHeader().offset() <= 0
    return isinstance(view, QAbstractItemView) and index.column() == 0
