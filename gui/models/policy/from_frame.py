"""What a frame shows of itself to the layers, for a filter or a breakpoint that is made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.debugger.breakpoints import Breakpoint
from engine.frames.frame import Direction, Frame
from engine.frames.link.framing import frame_header
from engine.wfp.fields import FieldValue, explain_value, format_value, layer_values
from engine.wfp.layers import PATHS, Field, Layer
from engine.wfp.types import ActionType
from gui.models.policy.field_text import value_text
from gui.models.policy.filter_draft import ConditionDraft, FilterDraft, new_draft

WHOLE_FRAME = ("ETHER_TYPE", "MAC_REMOTE_ADDRESS")
"""Fields that a filter for frames like this one names."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One field as a frame has it."""

    layer: Layer
    field: Field
    value: int | bytes

    @property
    def text(self) -> str:
        """`ETHER_TYPE 0x0806 (ARP)`."""
        meaning = explain_value(self.field, self.value)
        return f"{self.field.name} {format_value(self.field, self.value)}" + (f" ({meaning})" if meaning else "")


def seen_fields(frame: Frame) -> dict[str, Seen]:
    """The fields of the frame at its Ethernet layer, at the native one if it meets no other; without FWP_EMPTY."""
    header = frame_header(frame)
    if header is None:
        return {}
    layer = next(one for one in PATHS[frame.direction] if one.is_native is frame.native_only)
    values: tuple[FieldValue, ...] = layer_values(layer, frame.interface, frame.direction, header)
    return {field.name: Seen(layer, field, value) for field, value in zip(layer.fields, values, strict=True)
            if value is not None}  # fmt: skip


def fields_at(frame: Frame, span: tuple[int, int] | None) -> tuple[str, ...]:
    """Names of the fields that bytes [start, end) of an Ethernet frame belong to, as its layers read them."""
    header = frame_header(frame)
    if header is None or span is None or frame.framing is not None:
        return ()
    inbound = frame.direction is Direction.INBOUND
    local, remote = "MAC_LOCAL_ADDRESS", "MAC_REMOTE_ADDRESS"
    places = [(0, 6, local if inbound else remote), (6, 12, remote if inbound else local)]
    if header.tags:
        places.append((14, 16, "VLAN_ID"))
    type_at = 16 if header.tags else 12
    places.append((type_at, type_at + 2, "ETHER_TYPE"))
    start, end = span
    return tuple(name for first, last, name in places if first <= start and end <= last and start < end)


def draft_from(frame: Frame, names: Sequence[str], action: ActionType) -> FilterDraft | None:
    """A form for a filter of frames that have these fields as this one has them; None if it has none of them."""
    seen = seen_fields(frame)
    found = [seen[name] for name in names if name in seen]
    if not found:
        return None
    conditions = tuple(ConditionDraft(field=one.field.name, text=value_text(one.field, one.value)) for one in found)
    word = "permit" if action is ActionType.FWP_ACTION_PERMIT else "block"
    name = f"{word} {found[0].text}"
    return replace(new_draft(found[0].layer.name), name=name, action=action, conditions=conditions)


def break_on(seen: Seen) -> Breakpoint:
    """Stop where a classification at the layer sees this value."""
    value = seen.value.hex(":") if isinstance(seen.value, bytes) else seen.value
    return Breakpoint(kind="value", layer=seen.layer.id, field=seen.field.name, value=value)
