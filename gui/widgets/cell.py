"""What a row's cell shows, apart from Qt's roles: one value instead of a dozen questions to the model."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from gui.theme import BadgeKind, OutcomeKind
from gui.widgets.marks import MarkKind
from gui.widgets.pieces import ChipKind
from gui.widgets.roles import Role, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Everything `RowDelegate` paints in a cell; see `Role` for the meaning of each."""

    text: str = ""
    mark: MarkKind | None = None
    badge: BadgeKind | None = None
    icon: str | None = None
    tone: Tone = Tone.NORMAL
    tint: OutcomeKind | None = None
    wash: str | None = None
    """A ground of the user's own (`gui.theme.row_colours`)."""
    mono: bool = False
    number: bool = False
    secondary: str = ""
    chips: Sequence[tuple[str, ChipKind]] = ()
    heat: float | None = None
    current: bool = False
    strike: bool = False


def cell_of(index: QModelIndex | QPersistentModelIndex) -> Cell:
    """The cell at `index`: the model's own answer to `Role.CELL`, else put together from the single roles."""
    cell = index.data(Role.CELL)
    if isinstance(cell, Cell):
        return cell
    text = index.data(Qt.ItemDataRole.DisplayRole)
    return Cell(
        text="" if text is None else str(text),
        mark=index.data(Role.MARK),
        badge=index.data(Role.BADGE),
        icon=index.data(Role.ICON),
        tone=Tone(index.data(Role.TONE) or Tone.NORMAL),
        tint=index.data(Role.TINT),
        wash=index.data(Role.WASH),
        mono=bool(index.data(Role.MONO)),
        number=bool(index.data(Role.NUMBER)),
        secondary=str(index.data(Role.SECONDARY_TEXT) or ""),
        chips=index.data(Role.CHIPS) or (),
        heat=index.data(Role.HEAT),
        current=bool(index.data(Role.CURRENT)),
        strike=bool(index.data(Role.STRIKE)),
    )
