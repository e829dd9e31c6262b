"""What the inspector says about a filter and about a frame: facts, and each condition with what the frame has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.report.wording import field_value
from engine.trace.world import Classification, World
from engine.wfp.conditions import condition_holds, describe_condition, groups
from engine.wfp.fields import explain_value, format_value
from engine.wfp.layers import layer_by_id
from engine.wfp.objects import Filter
from engine.wfp.policy import Policy
from engine.wfp.types import CalloutFlag, DataType, FilterFlag, FilterId
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone

if TYPE_CHECKING:
    from engine.debugger.frames.row import FrameRow, FrameState

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
COLUMNS = ("Condition", "Wanted", "Seen", "")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of facts: what it is, its value, and what is to be said beside it."""

    name: str
    text: str
    note: str = ""
    mono: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One condition of a filter beside the frame that is classified."""

    field: str
    wanted: str
    seen: str
    meaning: str
    holds: bool | None
    """None: the filter has not been tried on the frame, or another condition on this field holds, which is enough."""


def filter_in_sight(world: World, policy: Policy, focus: FilterId | None) -> tuple[Filter | None, str]:
    """The filter to look at and why: in focus, under test, else what was decided or tested last in this frame."""
    found = None if focus is None else policy.filter_by_id.get(focus)
    if found is not None:
        return found, "in focus"
    if world.layer is not None and (current := world.classifications[world.layer].current) is not None:
        return policy.filter_by_id.get(current), "under test"
    of_frame = [one for one in world.classifications.values() if _is_of(one, world.frame)]
    for one in sorted(of_frame, key=lambda one: one.seq, reverse=True):
        decided = None if one.ended is None else one.ended.filter
        last = decided if decided is not None else next(reversed(one.rungs), None)
        if last is not None and (known := policy.filter_by_id.get(last)) is not None:
            why = "decided last" if decided is not None else "tested last"
            return known, f"{why} in frame {world.frame}, at {one.began.layer}"
    return None, ""


def filter_facts(filter: Filter, policy: Policy) -> list[Fact]:
    """Name, id, place, weight, action, callout, as the filter engine holds them."""
    provider = None if filter.provider is None else policy.providers.get(filter.provider)
    sublayer = policy.sublayers[filter.sublayer]
    layer = layer_by_id(filter.layer_id)
    facts = [
        Fact("Name", filter.name, strong=True),
        Fact("Filter id", str(filter.id), f"0x{filter.id:X}", mono=True),
        Fact("Provider", f"{'no provider' if provider is None else provider.name} › "
                         f"{sublayer.name.removeprefix('FWPM_SUBLAYER_')}", str(sublayer.weight)),
        Fact("Layer", filter.layer if layer is None else layer.short_name, str(filter.layer_id), mono=True),
        Fact("Weight", _weight(filter), f"→ {filter.effective_weight}", mono=True),
        Fact("Action", filter.action.name.removeprefix("FWP_ACTION_"), mono=True),
    ]
    if filter.action.is_callout and filter.callout is not None:
        callout = policy.callouts[filter.callout]
        has_batch = CalloutFlag.FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY in callout.flags
        batch = "batch flag" if has_batch else "no batch flag"
        known = "registered" if callout.registered else "not registered"
        facts.append(Fact("Callout", callout.name, f"{known} · {batch}", strong=True))
    if filter.flags:
        names = [flag.name or "" for flag in FilterFlag if flag and flag in filter.flags]
        facts.append(Fact("Flags", ", ".join(one.removeprefix("FWPM_FILTER_FLAG_") for one in names), mono=True))
    if not policy.is_enforced(filter):
        facts.append(Fact("State", "not enforced", "its provider is disabled (C11)"))
    return facts


def _weight(filter: Filter) -> str:
    type_ = filter.weight.type
    return "EMPTY" if type_ is DataType.FWP_EMPTY else f"{type_.name.removeprefix('FWP_')} {filter.weight.value}"


def condition_lines(filter: Filter, world: World) -> list[ConditionLine]:
    """Each condition with the value that the current frame has at the filter's layer, if it was classified there."""
    layer = layer_by_id(filter.layer_id)
    if layer is None:
        return []
    classification = world.classifications.get(filter.layer_id)
    if classification is not None and not _is_of(classification, world.frame):
        classification = None
    is_tried = classification is not None and filter.id in classification.rungs
    alternatives = {index: group for group in groups(filter.conditions) for index in group}
    lines = []
    for index, condition in enumerate(filter.conditions):
        field = layer.fields[condition.field_index]
        wanted = describe_condition(condition, field).removeprefix(f"{field.name} ")
        if classification is None or not classification.began.values:
            lines.append(ConditionLine(field.name, wanted, "", "", None))
            continue
        value = field_value(classification.began.values[field.index])
        holds: bool | None = condition_holds(condition, value)
        is_covered = any(condition_holds(filter.conditions[other], value) for other in alternatives[index])
        if not is_tried or (is_covered and not holds):
            holds = None
        lines.append(ConditionLine(
            field.name, wanted, format_value(field, value), explain_value(field, value), holds))
    return lines


def _is_of(classification: Classification, frame: int) -> bool:
    return any(nbl.partition(".")[0] == str(frame) for nbl in classification.began.nbls)


def frame_facts(row: FrameRow, state: FrameState | None, policy: Policy) -> list[Fact]:
    """What is known of a frame: its row, and what has become of it."""
    facts = [
        Fact("Frame", str(row.number), row.direction, strong=True),
        Fact("Time", f"{row.time_ns / 1e9:.6f} s", "since the first frame", mono=True),
        Fact("Source", row.source or "–", mono=True),
        Fact("Destination", row.destination or "–", mono=True),
        Fact("Type", row.type_name, "" if row.ether_type is None else f"0x{row.ether_type:04x}"),
        Fact("VLAN", ", ".join(map(str, row.vlan)) or "none"),
        Fact("Length", f"{row.length_bytes} bytes"),
        *(Fact("Comment", comment) for comment in row.comments),
    ]
    facts += [Fact(name.capitalize(), text) for name, text in row.details]
    if row.skip_reason:
        facts.append(Fact("Skipped", row.skip_reason))
    if row.native_reason:
        facts.append(Fact("Native layers only", row.native_reason))
    if state is None:
        return [*facts, Fact("Outcome", "not run yet")]
    by = ""
    if state.layer is not None:
        known = None if state.decided_by is None else policy.filter_by_id.get(state.decided_by)
        by = f"by {'the layer default' if known is None else known.name} at {state.layer}"
    facts.append(Fact("Outcome", state.outcome, by, strong=True))
    if state.findings:
        facts.append(Fact("Findings", ", ".join(state.findings)))
    return facts


class ConditionsModel(QAbstractTableModel):
    """The conditions of one filter."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[ConditionLine] = []

    def show(self, lines: Sequence[ConditionLine]) -> None:
        if list(lines) != self._lines:
            self.beginResetModel()
            self._lines = list(lines)
            self.endResetModel()

    def line(self, row: int) -> ConditionLine:
        return self._lines[row]

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole and section == 0:
            return "Different fields: all must hold. Side by side on one field: one must hold."
        return COLUMNS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Role.CELL, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) or not index.isValid():
            return None
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{line.field} {line.wanted}\nseen {line.seen} {line.meaning}".strip() if line.seen else line.wanted
        cell = _condition_cell(line, index.column())
        return cell if role == Role.CELL else cell.text


def _condition_cell(line: ConditionLine, column: int) -> Cell:
    match column:
        case 0:
            return Cell(text=line.field, mono=True)
        case 1:
            return Cell(text=line.wanted, mono=True)
        case 2:
            tone = Tone.ERROR if line.holds is False else Tone.NORMAL if line.holds else Tone.SECONDARY
            return Cell(text=line.seen or "–", mono=True, tone=tone)
        case _:
            # In green or red beside the value: a tick is the shape of "holds" (look/step-dark.png).
            return Cell(mark=None if line.holds is None else "permit" if line.holds else "block")


def facts_text(facts: Iterable[Fact]) -> str:
    """All facts as lines, for the clipboard and screen readers."""
    return "\n".join(f"{fact.name}: {fact.text} {fact.note}".rstrip() for fact in facts)
