"""The compiled reading of a header says what parse_ethernet says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.bulk.header_kernel import (
    HAS_DESTINATION,
    HAS_SOURCE,
    HAS_TAG,
    HAS_TYPE,
    INTERFACE_SHIFT,
    header_words,
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
    """(destination, source, outer type, first TCI, place) of the kernel's words; None where it says not there."""
    first, second, third = (int(word) for word in header_words(np.frombuffer(data, np.uint8), 0, len(data), place))
    low = 2**48 - 1
    return (
        (first & low).to_bytes(6, "big") if third & HAS_DESTINATION else None,
        (second & low).to_bytes(6, "big") if third & HAS_SOURCE else None,
        first >> 48 if third & HAS_TYPE else None,
        second >> 48 if third & HAS_TAG else None,
        third & ~(HAS_DESTINATION | HAS_SOURCE | HAS_TYPE | HAS_TAG),
    )


@settings(max_examples=600, deadline=None)
@given(frames)
@example(bytes(12) + b"\x81\x00\x00\x05\x81\x00")
@example(bytes(12) + b"\x81\x00\x00\x05\x00\x26\xaa\xaa\x03\x00\x00\x00\x08\x06")
@example(bytes(12) + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x00\x26\xaa\xaa\x03\x00\x00\x00\x08\x06")
def test_kernel_and_parser_read_the_same_header(data: bytes) -> None:
    header = parse_ethernet(data)
    assert said(data) == (
        header.destination, header.source, header.outer_type, header.tags[0][1] if header.tags else None, 0)


@pytest.mark.parametrize("length", range(60))
def test_a_header_ends_where_the_frame_ends_and_not_where_the_chunk_does(length: int) -> None:
    whole = bytes.fromhex("0102030405060708090a0b0c810000148100001e88cc") + bytes(60)
    data = np.frombuffer(b"\xee" * 7 + whole, np.uint8)
    first, second, third = header_words(data, 7, length, 0)
    assert (first, second, third) == header_words(np.frombuffer(whole[:length], np.uint8), 0, length, 0)


def test_interface_and_direction_stand_beside_the_state() -> None:
    place = 70_000 << INTERFACE_SHIFT | 2
    assert said(bytes(60), place)[-1] == place
