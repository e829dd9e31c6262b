"""Item roles that a model answers and `RowDelegate` paints. They stand beside Qt's own (DisplayRole, ToolTipRole …)."""

from enum import IntEnum

from PySide6.QtCore import Qt

_FIRST = int(Qt.ItemDataRole.UserRole) + 100


class Role(IntEnum):
    """What `QAbstractItemModel.data(index, role)` may be asked; None (or no answer) means the default."""

    MARK = _FIRST
    """A MarkKind (`"block"`), painted before the text. `Tone.MARK` gives the text its colour."""

    BADGE = _FIRST + 1
    """A BadgeKind (`"S"`), painted before the text."""

    ICON = _FIRST + 2
    """The name of an action's or a Lucide icon, painted before the text; follows the theme, unlike DecorationRole."""

    TONE = _FIRST + 3
    """A Tone; of a cell, or of a whole row if each cell of it answers the same."""

    TINT = _FIRST + 4
    """An OutcomeKind whose wash is the ground of the cell; by rule only `"block"`."""

    MONO = _FIRST + 5
    """True: JetBrains Mono 11. For constants, addresses, bytes, ids, code."""

    NUMBER = _FIRST + 6
    """True: right-aligned. The fonts' figures are tabular already."""

    SECONDARY_TEXT = _FIRST + 7
    """A str at the right end of the cell in small secondary text; in a column of its own it may be the whole cell."""

    CHIPS = _FIRST + 8
    """A sequence of (text, ChipKind) at the right end of the cell."""

    HEAT = _FIRST + 9
    """A float 0-1: a heat bar before the secondary text or, in a cell without text, as long as the cell is wide."""

    CURRENT = _FIRST + 10
    """True for every cell of the row where the engine stands: wash and the 3 px azure bar, selected or not."""

    STRIKE = _FIRST + 11
    """True: struck through, for what is disabled."""

    CELL = _FIRST + 12
    """A `gui.widgets.cell.Cell`: all of the above at once. Models of many rows answer this and save the other calls;
    they still answer DisplayRole, which copying, sorting and screen readers use."""

    WASH = _FIRST + 13
    """The name of a ground of the user's own (`gui.theme.row_colours`), a str."""


class Tone(IntEnum):
    """How loud a cell's text is."""

    NORMAL = 0
    SECONDARY = 1
    DIM = 2
    """Muted: not reached, not run yet, passed."""
    STRONG = 3
    """Weight 600."""
    ACCENT = 4
    ERROR = 5
    MARK = 6
    """The colour of the cell's mark, weight 600: for the word that the mark stands for."""
