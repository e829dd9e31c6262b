"""How a filter's conditions read: why it did not match, and which of them hold. Views and reports share these words."""

from __future__ import annotations

from dataclasses import dataclass

from engine.trace.events import FilterTested, Value
from engine.wfp.conditions import describe_condition, groups
from engine.wfp.fields import FieldValue, explain_value, format_value
from engine.wfp.layers import Field, layer_by_id
from engine.wfp.objects import Condition, Filter

SHOWN_ALTERNATIVES = 3
"""Of a longer OR group the rest is counted."""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The condition that a frame did not meet: field, what the filter wants, what the frame has, what that means."""

    field: str
    wanted: str
    saw: str
    meaning: str
    """`IPv4`, `PCP 3, VID 20`; empty where there is nothing to say."""

    def sentence(self) -> str:
        """`ETHER_TYPE wanted 0x0806, saw 0x0800 (IPv4)`."""
        meaning = f" ({self.meaning})" if self.meaning else ""
        return f"{self.field} wanted {self.wanted}, saw {self.saw}{meaning}"


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """One group of alternatives of a filter and whether it held."""

    text: str
    holds: bool | None
    """None: not evaluated, since an earlier group had failed."""


def why_not(filter: Filter, test: FilterTested) -> WhyNot | None:
    """Say which condition failed and with what value; None if the filter matched.

    Source: layers-and-filters 3.2, 3.3.
    """
    field = _field(filter, test.field)
    if test.matched or field is None:
        return None
    failed = [filter.conditions[index] for index in test.failed]
    seen = field_value(test.seen)
    return WhyNot(field.name, _wanted(failed, field), format_value(field, seen), explain_value(field, seen))


def condition_groups(filter: Filter, test: FilterTested) -> tuple[ConditionGroup, ...]:
    """Every group of the filter's conditions in the order in which it is evaluated; () for a filter without any."""
    found: list[ConditionGroup] = []
    failed = False
    for indices in groups(filter.conditions):
        holds = None if failed else indices != test.failed
        failed = failed or indices == test.failed
        found.append(ConditionGroup(_group_text(filter, indices), holds))
    return tuple(found)


def field_value(seen: Value) -> FieldValue:
    """A value of the trace as the field functions take it: octets for the text of a MAC address."""
    return bytes.fromhex(seen.replace(":", "")) if isinstance(seen, str) else seen


def _field(filter: Filter, index: int | None) -> Field | None:
    layer = layer_by_id(filter.layer_id)
    return None if layer is None or index is None else layer.fields[index]


def _group_text(filter: Filter, indices: tuple[int, ...]) -> str:
    field = _field(filter, filter.conditions[indices[0]].field_index)
    if field is None:
        return filter.conditions[indices[0]].field
    return f"{field.name} {_alternatives([filter.conditions[index] for index in indices], field)}"


def _wanted(failed: list[Condition], field: Field) -> str:
    return _alternatives(failed, field).removeprefix("= ").removeprefix("has ")


def _alternatives(conditions: list[Condition], field: Field) -> str:
    texts = [describe_condition(one, field).removeprefix(f"{field.name} ") for one in conditions[:SHOWN_ALTERNATIVES]]
    # "= 0x0806 or 0x0800": equality is meant where no sign stands.
    first, *rest = texts
    joined = " or ".join([first, *(text.removeprefix("= ") for text in rest)])
    more = len(conditions) - len(texts)
    return f"{joined} or {more} more" if more else joined
