"""Painting of the ladder's rows. Source: look/look.md, "Filter ladder row"."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from gui.models.stack.ladder_rows import FilterRow, RowState, Span, SublayerRow
from gui.theme import Theme, icon_pixmap
from gui.widgets.marks import paint_mark
from gui.widgets.pieces import chip_width, paint_chip, paint_heat
from gui.widgets.text import paint_text, text_width
from gui.widgets.token import FrameToken, paint_token, token_width

BAR = 3
_STATE_LEFT, _STATE_WIDTH, _GAP, _RIGHT = 8, 18, 6, 8
TEXT_LEFT = _STATE_LEFT + _STATE_WIDTH + _GAP
_GLYPH = 14
_HEAT_WIDTH = 32
_ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight
_WAITING = {RowState.IDLE, RowState.WAITING, RowState.DISABLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLook:
    """How the pointer, the focus and breakpoints touch a row."""

    is_hovered: bool = False
    is_selected: bool = False
    has_focus: bool = False
    """The ladder has the keyboard."""
    away: frozenset[str] = frozenset()
    """Tokens that are on their way, and painted elsewhere."""
    breakpoint: bool | None = None
    """Enabled or not; None where there is none."""


def paint_sublayer_row(painter: QPainter, rect: QRectF, row: SublayerRow, theme: Theme) -> None:
    painter.fillRect(rect, theme.surface.raised)
    icon = icon_pixmap(theme, "layers", theme.text.secondary, 12, painter.deviceTransform().m11())
    painter.drawPixmap(QPointF(rect.left() + 8, rect.center().y() - 6), icon)
    weight, font, light = str(row.weight), theme.fonts["overline"], theme.fonts["small"]
    line = rect.adjusted(26, 0, -_RIGHT, 0)
    own = text_width(font, row.label) + _GAP + text_width(light, weight) + 2
    # The note gives way first, but not to nothing.
    note = min(text_width(light, row.note) + 1, max(line.width() - own - _GAP, line.width() * 0.4)) if row.note else 0.0
    place = QRectF(line.right() - note, line.top(), note, line.height())
    paint_text(painter, place, row.note, light, theme.text.muted, _ALIGN_RIGHT)
    space = line.width() - note - (_GAP if note else 0)
    name = max(0.0, min(text_width(font, row.label) + 1, space - text_width(light, weight) - _GAP - 1))
    paint_text(painter, QRectF(line.left(), line.top(), name, line.height()), row.label, font, theme.text.secondary)
    rest = QRectF(line.left() + name + _GAP, line.top(), max(0.0, space - name - _GAP), line.height())
    paint_text(painter, rest, weight, light, theme.text.muted)


def paint_filter_row(painter: QPainter, rect: QRectF, row: FilterRow, look: RowLook, theme: Theme) -> None:
    """Paint a filter: state, name, chip and id; below, counts or why; the current one with its token."""
    ground = _ground(row, look, theme)
    painter.fillRect(rect, ground)
    if row.is_current or (look.is_selected and look.has_focus):
        painter.fillRect(QRectF(rect.left(), rect.top(), BAR, rect.height()), theme.accent.base)
    painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), theme.line.hair)
    state = QRectF(rect.left() + _STATE_LEFT + 2, rect.top() + 3, _GLYPH, _GLYPH)
    _paint_state(painter, state, row, ground, theme)
    if look.breakpoint is not None:
        _paint_breakpoint(painter, state.translated(0, 15), theme, enabled=look.breakpoint)
    first = QRectF(rect.left() + TEXT_LEFT, rect.top() + 2, rect.width() - TEXT_LEFT - _RIGHT, 16)
    _paint_first_line(painter, first, row, theme)
    _paint_second_line(painter, QRectF(first.left(), rect.top() + 18, first.width(), 14), row, theme)
    if row.is_current:
        _paint_third_line(painter, rect, row, look.away, theme)


def token_rects(rect: QRectF, row: FilterRow, theme: Theme) -> list[tuple[QRectF, FrameToken]]:
    """Where the tokens of the current row stand; those that do not fit are left out."""
    found: list[tuple[QRectF, FrameToken]] = []
    left = rect.left() + TEXT_LEFT
    for token in row.tokens:
        width = min(token_width(token, theme), rect.right() - _RIGHT - left)
        if width < 60 and found:
            break
        found.append((QRectF(left, rect.top() + 33, width, theme.size.token), token))
        left += width + _GAP
    return found


def _ground(row: FilterRow, look: RowLook, theme: Theme) -> QColor:
    if row.is_current:
        return theme.accent.wash
    if look.is_selected:
        return theme.surface.selected if look.has_focus else theme.surface.selected_idle
    if row.state is RowState.DECIDED and row.mark == "block":
        return theme.outcome_wash("block")
    return theme.surface.hover if look.is_hovered else theme.surface.panel


def _paint_state(painter: QPainter, box: QRectF, row: FilterRow, ground: QColor, theme: Theme) -> None:
    scale = painter.deviceTransform().m11()
    if row.is_current:
        arrow = icon_pixmap(theme, "arrow-right", theme.accent.base, 16, scale)
        painter.drawPixmap(box.topLeft() - QPointF(1, 1), arrow)
    elif row.mark is not None:
        paint_mark(painter, box, row.mark, theme, ground)
    elif row.state in {RowState.MATCHED, RowState.OVERRIDDEN}:
        painter.drawPixmap(box.topLeft(), icon_pixmap(theme, "check", theme.text.secondary, _GLYPH, scale))
    elif row.state is RowState.FAILED or row.state is RowState.DISABLED:
        paint_mark(painter, box, "skipped", theme, ground)
    else:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.text.disabled)
        painter.drawEllipse(box.center(), 2.6, 2.6)
        painter.restore()


def _paint_breakpoint(painter: QPainter, box: QRectF, theme: Theme, *, enabled: bool) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = theme.severity("error") if enabled else theme.text.muted
    painter.setPen(colour)
    painter.setBrush(colour if enabled else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(box.center(), 3.6, 3.6)
    painter.restore()


def _paint_first_line(painter: QPainter, line: QRectF, row: FilterRow, theme: Theme) -> None:
    mono = theme.fonts["code_small"]
    id_text = str(row.filter)
    id_width = round(text_width(mono, id_text)) + 1
    paint_text(painter, line, id_text, mono, theme.text.muted, _ALIGN_RIGHT)
    space = line.width() - id_width - _GAP
    text, width = row.chip.text, chip_width(row.chip.text, row.chip.kind, theme)
    if width > space * 0.5:
        short = chip_width(row.chip.short, row.chip.kind, theme)
        # The callout's name is worth its place before the filter's is cut below half.
        text, width = (row.chip.text, space * 0.5) if space * 0.5 > short + 24 else (row.chip.short, short)
    paint_chip(
        painter, QRectF(line.left() + space - width, line.top(), width, line.height()), text, row.chip.kind, theme
    )
    name = QRectF(line.left(), line.top(), max(0.0, space - width - _GAP), line.height())
    paint_text(painter, name, row.name, _name_font(row, theme), _name_colour(row, theme))


def _name_font(row: FilterRow, theme: Theme) -> QFont:
    font = theme.font("label")
    if row.is_current:
        font.setWeight(QFont.Weight.DemiBold)
    font.setStrikeOut(row.state is RowState.DISABLED)
    return font


def _name_colour(row: FilterRow, theme: Theme) -> QColor:
    is_loud = row.is_current or row.state in {RowState.DECIDED, RowState.OVERRIDDEN, RowState.MATCHED}
    return theme.text.primary if is_loud else theme.text.secondary


def _paint_second_line(painter: QPainter, line: QRectF, row: FilterRow, theme: Theme) -> None:
    if row.heat is not None:
        bar = QRectF(line.left(), line.top(), _HEAT_WIDTH, line.height())
        paint_heat(painter, bar, row.heat, theme)
        line = line.adjusted(_HEAT_WIDTH + _GAP, 0, 0, 0)
    plain = theme.text.muted if row.state in _WAITING or not row.is_current else theme.text.secondary
    paint_spans(painter, line, row.line, plain, theme)


def _paint_third_line(
    painter: QPainter, rect: QRectF, row: FilterRow, away: frozenset[str], theme: Theme
) -> None:
    left = rect.left() + TEXT_LEFT
    for box, token in token_rects(rect, row, theme):
        if token.id not in away:
            paint_token(painter, box, token, theme)
        left = box.right() + 8
    if row.at:
        space = QRectF(left, rect.top() + 33, rect.right() - _RIGHT - left, theme.size.token)
        paint_text(painter, space, f"at {row.at}", theme.fonts["code_small"], theme.accent.base)


def paint_spans(painter: QPainter, line: QRectF, spans: tuple[Span, ...], plain: QColor, theme: Theme) -> None:
    """Paint pieces one after the other, the last one that fits elided."""
    left = line.left()
    for span in spans:
        for text, font, colour in _pieces(span, plain, theme):
            if line.right() - left < 8:
                return
            space = QRectF(left, line.top(), line.right() - left, line.height())
            paint_text(painter, space, text, font, colour)
            left += text_width(font, text)


def _pieces(span: Span, plain: QColor, theme: Theme) -> list[tuple[str, QFont, QColor]]:
    small, code, strong = theme.fonts["small"], theme.fonts["code_small"], theme.fonts["overline"]
    match span.tone:
        case "code":
            return [(span.text, code, theme.text.secondary)]
        case "saw":
            return [(span.text, strong, theme.severity("error"))]
        case "holds":
            return [("✓ ", strong, theme.outcome("permit")), (span.text, code, theme.text.secondary)]
        case "fails":
            return [("✗ ", strong, theme.severity("error"))]
        case "struck":
            font = theme.font("small")
            font.setStrikeOut(True)
            return [(span.text, font, theme.text.secondary)]
        case _:
            return [(span.text, small, plain)]
