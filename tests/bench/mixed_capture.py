"""A large capture of mixed frames: addresses, tags, 802.3 lengths, multicast, small and large. The same each time."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import numpy as np

HOST = bytes.fromhex("020000000c07")
PEERS = [bytes([2, 0, 0, 0, 1, number]) for number in range(60)]
AT_ONCE = 200_000
GAP_NS = 777
START_SECONDS = 1_700_000_000


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
    records = [pack("<II", len(data), len(data)) + data for data in kinds()]
    weights = np.array([3.0 if len(one) < 108 else 1.0 for one in records])
    random = np.random.default_rng(1)
    done = 0
    with path.open("wb") as file:
        file.write(pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        while done < frames:
            count = min(AT_ONCE, frames - done)
            pieces: list[bytes] = []
            places = random.choice(len(records), count, p=weights / weights.sum()).tolist()
            for number, place in enumerate(places, done):
                seconds, rest_ns = divmod(number * GAP_NS, 1_000_000_000)
                pieces += [pack("<II", START_SECONDS + seconds, rest_ns), records[place]]
            file.write(b"".join(pieces))
            done += count
