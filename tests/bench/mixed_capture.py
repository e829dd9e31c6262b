"""A large capture of mixed frames: addresses, tags, 802.3 lengths, multicast, small and large. The same each time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from struct import pack

import numpy as np

HOST = bytes.fromhex("020000000c07")
PEERS = [bytes([2, 0, 0, 0, 1, number]) for number in range(60)]
AT_ONCE = 200_000
GAP_NS = 777
START_SECONDS, SECOND_NS = 1_700_000_000, 1_000_000_000


def kinds() -> list[bytes]:
    """The frames that occur, each many times."""
    found: list[bytes] = []
    for peer in PEERS:
        for ends in (HOST + peer, peer + HOST):
            for tag in (b"", b"\x81\x00\x00\x14", b"\x81\x00\x60\x1e"):
                for type_, size in ((0x0800, 46), (0x0800, 300), (0x0800, 1000), (0x0806, 46), (0x86DD, 120)):
                    found.append(ends + tag + pack("!H", type_) + bytes(size))
        found += [
            b"\xff" * 6 + peer + b"\x08\x06" + bytes(46),
            bytes.fromhex("01005e0000fb") + peer + b"\x08\x00" + bytes(120),
            bytes.fromhex("0180c2000000") + peer + b"\x00\x26\x42\x42\x03" + bytes(43),
            bytes.fromhex("0180c200000e") + peer + b"\x88\xcc" + bytes(80),
        ]
    return found


def write_pcap(path: Path, frames: int) -> None:
    """Write so many frames, nanosecond times, small frames three times as often as large ones."""
    bodies = [pack("<II", len(data), len(data)) + data for data in kinds()]
    with path.open("wb") as file:
        file.write(pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for first, places in _drawn(frames):
            file.write(b"".join(
                pack("<II", START_SECONDS + number * GAP_NS // SECOND_NS, number * GAP_NS % SECOND_NS) + bodies[place]
                for number, place in enumerate(places, first)))


def write_pcapng(path: Path, frames: int) -> None:
    """The same frames as enhanced packet blocks of one interface."""
    sizes = [32 + len(data) + -len(data) % 4 for data in kinds()]
    heads = [pack("<III", 6, size, 0) for size in sizes]
    bodies = [pack("<II", len(data), len(data)) + data + bytes(-len(data) % 4) + pack("<I", size)
              for data, size in zip(kinds(), sizes, strict=True)]
    with path.open("wb") as file:
        file.write(pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28))
        file.write(pack("<IIHHIHHBxxxHHI", 1, 32, 1, 0, 0, 9, 1, 9, 0, 0, 32))  # if_tsresol: nanoseconds
        for first, places in _drawn(frames):
            pieces = []
            for number, place in enumerate(places, first):
                high, low = divmod(START_SECONDS * SECOND_NS + number * GAP_NS, 1 << 32)
                pieces += [heads[place], pack("<II", high, low), bodies[place]]
            file.write(b"".join(pieces))


def _drawn(frames: int) -> Iterator[tuple[int, list[int]]]:
    """Which kind each frame is of, some at a time: the number of the first, from 0, and the kinds."""
    weights = np.array([3.0 if len(one) < 100 else 1.0 for one in kinds()])
    random = np.random.default_rng(1)
    for first in range(0, frames, AT_ONCE):
        count = min(AT_ONCE, frames - first)
        yield first, random.choice(len(weights), count, p=weights / weights.sum()).tolist()
