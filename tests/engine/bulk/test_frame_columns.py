"""Columns of all frames say what the frames say, one by one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from engine.bulk.frame_classes import classes_of
from engine.bulk.frame_columns import FrameColumns
from engine.frames.ethernet import parse_ethernet
from engine.frames.frame import Direction, Frame
from engine.wfp.fields import FieldValue, layer_values
from engine.wfp.layers import LAYERS
from tests.builders.drawn_policies import drawn_frames
from tests.builders.frames import received


def of_frames(columns: FrameColumns, name: str, frames: list[Frame]) -> list[int | None]:
    """A class's column gathered for each frame; None where it is not there."""
    column = columns.of_class(name)
    classes = [columns.frames.table.class_of_frame(frame.number) for frame in frames]
    return [int(column.values[one]) if column.present is None or column.present[one] else None for one in classes]


def as_number(octets: bytes | None) -> int | None:
    return None if octets is None else int.from_bytes(octets, "big")


@settings(max_examples=40)
@given(drawn_frames(most=20))
def test_headers_by_class_are_those_of_the_parser(frames: list[Frame]) -> None:
    columns = FrameColumns(classes_of(frames))
    headers = [parse_ethernet(frame.data) for frame in frames]

    said = {name: of_frames(columns, name, frames) for name in (
        "destination", "source", "ether_type", "tci", "tpid", "tag_count", "interface", "outbound", "odd")}

    assert said == {
        "destination": [as_number(one.destination) for one in headers],
        "source": [as_number(one.source) for one in headers],
        "ether_type": [one.outer_type for one in headers],
        "tci": [one.tags[0][1] if one.tags else None for one in headers],
        "tpid": [one.tags[0][0] if one.tags else None for one in headers],
        "tag_count": [min(len(one.tags), 3) for one in headers],
        "interface": [frame.interface.id for frame in frames],
        "outbound": [frame.direction is Direction.OUTBOUND for frame in frames],
        "odd": [0] * len(frames),
    }


@settings(max_examples=30)
@given(drawn_frames(most=20))
def test_fields_of_a_layer_are_those_that_are_classified(frames: list[Frame]) -> None:
    columns = FrameColumns(classes_of(frames))
    for layer in LAYERS:
        rows = [layer_values(layer, frame.interface, frame.direction, parse_ethernet(frame.data))
                if frame.direction is layer.direction else (None,) * len(layer.fields) for frame in frames]
        for field in layer.fields:
            expected = [number_of(row[field.index]) for row in rows]
            assert of_frames(columns, f"{layer.short_name}.{field.name}", frames) == expected


def number_of(value: FieldValue) -> int | None:
    return as_number(value) if isinstance(value, bytes) else value


def test_what_differs_from_frame_to_frame_comes_in_blocks() -> None:
    frames = [received(number, time_ns=number * 10, payload=bytes(40 + number)) for number in (1, 2, 3)]
    columns = FrameColumns(classes_of(frames))
    [block] = columns.blocks()
    assert (block.first, len(block)) == (1, 3)
    assert block.classes.tolist() == [0, 0, 0]
    assert block.time_ns is not None
    assert block.time_ns.tolist() == [10, 20, 30]
    assert block.length_bytes is not None
    assert block.length_bytes.tolist() == [frame.length_bytes for frame in frames]
    assert block.captured_bytes is not None
    assert block.captured_bytes.tolist() == [frame.captured_bytes for frame in frames]


@pytest.mark.parametrize("name", ["colour", "INBOUND_MAC_FRAME_ETHERNET.COLOUR", "NOWHERE.ETHER_TYPE"])
def test_a_field_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(KeyError):
        FrameColumns(classes_of([received(1)])).of_class(name)
