"""The compiled reading of a header says what parse_ethernet says."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.bulk.kernel.calls import header_words
from engine.bulk.words import (
    HAS_DESTINATION,
    HAS_SOURCE,
    HAS_TAG,
    HAS_TYPE,
    INTERFACE_SHIFT,
    IS_SNAP,
    MOST_TAGS,
    TAGS_SHIFT,
    TPID_SHIFT,
    TPIDS,
)
from engine.frames.ethernet import parse_ethernet

WORDS = [0x8100, 0x88A8, 0x9100, 0x0800, 0x0806, 0x0026, 0xAAAA, 0x0300, 0x0000, 0x05FF, 0x0600, 0xFFFF, 0x6014]

frames = st.one_of(
    st.binary(max_size=40),
    st.builds(
        lambda addresses, words, tail: addresses + b"".join(one.to_bytes(2, "big") for one in words) + tail,
        st.binary(min_size=12, max_size=12), st.lists(st.sampled_from(WORDS), max_size=10), st.binary(max_size=9),
    ),
)  # fmt: skip


def said(data: bytes, place: int = 0) -> tuple[object, ...]:
    """(destination, source, outer type, first tag, tags, place) of the kernel's words; None where it says not
    there."""
    first, second, third = header_words(data, place)
    low = 2**48 - 1
    return (
        (first & low).to_bytes(6, "big") if third & HAS_DESTINATION else None,
        (second & low).to_bytes(6, "big") if third & HAS_SOURCE else None,
        first >> 48 if third & HAS_TYPE else None,
        (TPIDS[third >> TPID_SHIFT & 3], second >> 48) if third & HAS_TAG else None,
        third >> TAGS_SHIFT & 3,
        third >> INTERFACE_SHIFT << INTERFACE_SHIFT | third & 3,
    )


@settings(max_examples=600, deadline=None)
@given(frames)
@example(bytes(12) + b"\x81\x00\x00\x05\x81\x00")
@example(bytes(12) + b"\x81\x00\x00\x05\x00\x26\xaa\xaa\x03\x00\x00\x00\x08\x06")
@example(bytes(12) + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x00\x26\xaa\xaa\x03\x00\x00\x00\x08\x06")
def test_kernel_and_parser_read_the_same_header(data: bytes) -> None:
    header = parse_ethernet(data)
    assert said(data) == (
        header.destination, header.source, header.outer_type, header.tags[0] if header.tags else None,
        min(len(header.tags), MOST_TAGS), 0)


@pytest.mark.parametrize(("head", "is_snap"), [
    ("0800", False), ("0026aaaa030000000806", True), ("81000005002eaaaa030000000806", True),
    ("0026aaaa030000010806", False), ("88a8000581000006002eaaaa030000000806", False)])
def test_a_type_from_a_snap_header_says_so(head: str, is_snap: bool) -> None:
    _, _, third = header_words(bytes(12) + bytes.fromhex(head) + bytes(40), 0)
    assert bool(third & IS_SNAP) is is_snap


@pytest.mark.parametrize("length", range(60))
def test_a_header_ends_where_the_frame_ends_and_not_where_the_chunk_does(length: int) -> None:
    whole = bytes.fromhex("0102030405060708090a0b0c810000148100001e88cc") + bytes(60)
    data = memoryview(b"\xee" * 7 + whole)[7 : 7 + length]
    assert header_words(data, 0) == header_words(whole[:length], 0)


def test_interface_and_direction_stand_beside_the_state() -> None:
    place = 70_000 << INTERFACE_SHIFT | 2
    assert said(bytes(60), place)[-1] == place
