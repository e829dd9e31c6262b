"""Sends frames on an interface for a while: `python -m tests.bench.window.sender NAME SECONDS`."""

from __future__ import annotations

import socket
import sys
from time import monotonic, sleep

AT_ONCE, REST_S = 50, 0.002
"""Frames between two rests: some 20,000 frames/s, more than the window can take."""


def send(name: str, seconds: float) -> None:
    """Small frames of three types, from this interface to its peer."""
    bodies = [b"\x02\x00\x00\x00\x00\x0a\x02\x00\x00\x00\x00\x0b" + type_ + bytes(46)
              for type_ in (b"\x08\x00", b"\x08\x06", b"\x86\xdd")]
    opened, end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW), monotonic() + seconds
    opened.bind((name, 0))
    with opened:
        while monotonic() < end:
            for number in range(AT_ONCE):
                opened.send(bodies[number % len(bodies)])
            sleep(REST_S)


if __name__ == "__main__":
    send(sys.argv[1], float(sys.argv[2]))
