"""The kernels, as functions over arrays. Loaded at the first call; compiled first where that has not been done yet."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from engine.bulk.kernel import store
from engine.bulk.kernel.machine import Loaded
from engine.bulk.kernel.signatures import SIGNATURES
from engine.bulk.words import Bytes, Facts, Lengths, Slots, Times, Words


class Room(NamedTuple):
    """Free places of a table of frames, one for each frame; the last three only where details are wanted."""

    classes: Slots
    offsets: Words
    times: Times | None
    lengths: Lengths | None
    captures: Lengths | None


class Known(NamedTuple):
    """A table of classes: hash slots, rows of words (filled up to `classes`), and how many there are."""

    slots: Slots
    words: Words
    classes: int


class Folded(NamedTuple):
    """What a kernel has done: where it stopped, frames filled, classes known, and why it stopped."""

    at: int
    frames: int
    classes: int
    why: int


def must_compile() -> bool:
    """The next `load` takes some seconds: these kernels have not been compiled on this machine yet."""
    return store.shipped() is None and store.kept() is None


@cache
def load() -> Loaded:
    """The compiled kernels."""
    compiled = store.shipped() or store.kept()
    if compiled is None:
        from engine.bulk.kernel.build import compile_kernels  # numba takes its time to load

        compiled = compile_kernels()
        store.keep(compiled)
    return Loaded(compiled, SIGNATURES)


def fold_pcap(data: Bytes, base: int, layout: Facts, known: Known, room: Room) -> Folded:
    """Fold pcap records from the beginning of `data`, which stands at `base` in the file."""
    state = np.array([0, 0, known.classes], np.int64)
    why = load()["fold_pcap"](
        _at(data), len(data), base, _at(layout), *_classes(known, len(known.words)), *_frames(state, room))
    return _folded(state, why)


def fold_pcapng(data: Bytes, base: int, swapped: bool, facts: Facts, known: Known, room: Room) -> Folded:
    """Fold enhanced packet blocks from the beginning of `data`. `facts` has a row for each interface."""
    state = np.array([0, 0, known.classes], np.int64)
    why = load()["fold_pcapng"](
        _at(data), len(data), base, int(swapped), _at(facts), len(facts), *_classes(known, len(known.words)),
        *_frames(state, room))
    return _folded(state, why)


def rehash(known: Known) -> None:
    """Enter all classes into free slots."""
    load()["rehash"](*_classes(known, known.classes))


def enter(rows: Words, known: Known) -> tuple[Slots, int]:
    """The class of each row of words, and how many classes there are then; the table must have room for all."""
    assert known.classes + len(rows) <= len(known.words)
    numbers = np.empty(len(rows), np.int32)
    rows = np.ascontiguousarray(rows)
    classes = load()["enter"](_at(rows), len(rows), *_classes(known, known.classes), _at(numbers))
    return numbers, classes


def header_words(data: bytes | memoryview, place: int) -> tuple[int, int, int]:
    """The three words of a frame's header. `place` is the interface's number and the direction bits."""
    whole, words = np.frombuffer(data, np.uint8), np.empty(3, np.uint64)
    load()["pack"](_at(whole), len(whole), place, _at(words))
    first, second, third = words.tolist()
    return first, second, third


def _classes(known: Known, number: int) -> tuple[int, int, int, int]:
    return _at(known.slots), len(known.slots) - 1, _at(known.words), number


def _frames(state: Facts, room: Room) -> tuple[int, ...]:
    classes, offsets, times, lengths, captures = room
    details = (0, 0, 0, 0)
    if times is not None and lengths is not None and captures is not None:
        details = (1, _at(times), _at(lengths), _at(captures))
    return _at(state), len(classes), _at(classes), _at(offsets), *details


def _folded(state: Facts, why: int) -> Folded:
    at, frames, classes = state.tolist()
    return Folded(at, frames, classes, why)


def _at(array: np.ndarray[Any, Any]) -> int:
    assert array.flags.c_contiguous
    return array.ctypes.data
