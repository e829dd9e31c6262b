"""What the cells of the policy tree show."""

from __future__ import annotations

from engine.wfp.types import ActionType
from gui.models.policy.rows import CalloutRow, Change, FilterRow, ProviderRow, SublayerRow, weight_text
from gui.widgets.cell import Cell
from gui.widgets.marks import MarkKind
from gui.widgets.pieces import ChipKind
from gui.widgets.roles import Tone
from gui.widgets.text import thousands

NAME, WEIGHT, HITS = range(3)

ACTION_MARKS: dict[ActionType, MarkKind] = {
    ActionType.FWP_ACTION_PERMIT: "permit",
    ActionType.FWP_ACTION_BLOCK: "block",
    ActionType.FWP_ACTION_CALLOUT_TERMINATING: "inject",
    ActionType.FWP_ACTION_CALLOUT_UNKNOWN: "inject",
}
_CHANGES: dict[Change, ChipKind] = {Change.NEW: "inject", Change.EDITED: "absorb", Change.REMOVED: "block"}


def action_mark(action: ActionType) -> MarkKind:
    """The mark of a filter's action; what only looks or passes over has the bar."""
    return ACTION_MARKS.get(action, "skipped")


def filter_cell(
    row: FilterRow, column: int, hits: int | None, *, is_current: bool, is_hinted: bool, is_break: bool
) -> Cell:
    """`hits` is None for a filter that is not applied."""
    is_off = not row.spec.enabled or row.change is Change.REMOVED
    if column == NAME:
        chips: list[tuple[str, ChipKind]] = [("unregistered", "absorb")] if row.is_unregistered else []
        chips += [("!", "absorb")] if is_hinted else []
        chips += [("break", "block")] if is_break else []
        return Cell(
            text=row.spec.name, mark=action_mark(row.spec.action), tone=Tone.DIM if is_off else Tone.NORMAL,
            strike=is_off, current=is_current, secondary="" if row.layer_id is None else str(row.layer_id),
            chips=(*chips, *_chips(row.change)))
    if column == WEIGHT:
        tone = Tone.DIM if is_off else Tone.SECONDARY
        return Cell(text=weight_text(row.spec.weight), number=True, current=is_current, tone=tone)
    return Cell(
        text="–" if hits is None else thousands(hits), number=True, current=is_current,
        tone=Tone.STRONG if hits else Tone.DIM)


def provider_cell(row: ProviderRow, column: int) -> Cell:
    return Cell(text=row.name, icon="shield", chips=_chips(row.change)) if column == NAME else Cell()


def _chips(change: Change) -> list[tuple[str, ChipKind]]:
    return [(str(change), _CHANGES[change])] if change in _CHANGES else []


def sublayer_cell(row: SublayerRow, column: int) -> Cell:
    match column:
        case _ if column == NAME:
            return Cell(text=row.name, icon="layers", chips=_chips(row.change))
        case _ if column == WEIGHT:
            return Cell(text="unknown" if row.weight is None else str(row.weight), number=True, tone=Tone.SECONDARY)
        case _:
            return Cell()


def callout_cell(row: CalloutRow, column: int) -> Cell:
    off = not row.spec.registered
    match column:
        case _ if column == NAME:
            chips = [("unregistered", "absorb")] if off else []
            return Cell(
                text=row.name, icon="callout", tone=Tone.DIM if off else Tone.NORMAL, strike=off,
                secondary="" if row.layer_id is None else str(row.layer_id),
                chips=(*chips, *_chips(row.change)))  # type: ignore[arg-type]  # the literals are chip kinds
        case _ if column == WEIGHT:
            return Cell(text=f"{row.users} filter{'s' * (row.users != 1)}", number=True, tone=Tone.SECONDARY)
        case _:
            return Cell()
