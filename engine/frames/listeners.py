"""scapy's listening sockets, without waiting and without dissecting."""

from __future__ import annotations

import select
import socket
import struct
import sys
from typing import Any, Protocol

from engine.frames.frame import Direction
from engine.frames.record import ETHERNET

Received = tuple[bytes, int, Direction | None]
"""Bytes, nanoseconds since 1970-01-01 UTC, direction if the platform tells."""

_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_FRAME_LIMIT_BYTES = 262_144
_LINK_TYPES = {1: ETHERNET, 772: ETHERNET, 801: 105, 803: 127, 65534: 101}
"""ARPHRD_ number of Linux → LINKTYPE_: Ethernet, loopback (it has Ethernet headers), 802.11, radiotap, tunnels."""


class Listener(Protocol):
    """An interface that is being listened on. Each method may raise OSError."""

    link_type: int

    def receive(self) -> Received | None:
        """Return the next frame, or None if there is none now."""

    def wait(self, seconds: float) -> None:
        """Return when there may be a frame, or the time is up."""

    def lost(self) -> int | None:
        """Return how many frames the system has dropped so far; None if it does not count them."""

    def close(self) -> None: ...


def listen(name: str, *, is_promiscuous: bool) -> Listener:
    """Open an interface by name. Raises OSError or what scapy raises."""
    import scapy.arch  # chooses the sockets of the platform
    import scapy.layers.l2  # noqa: F401  # names Ethernet: without it scapy warns on standard error
    from scapy.config import conf  # scapy takes long to load: nobody else waits for it

    opened = conf.L2listen(iface=name, promisc=is_promiscuous)
    return _PacketSocket(opened) if sys.platform == "linux" and hasattr(opened, "ins") else _PcapSocket(opened)


class _PacketSocket:
    """AF_PACKET on Linux."""

    def __init__(self, opened: Any) -> None:
        self._opened = opened
        self._socket: socket.socket = opened.ins
        self._socket.setblocking(False)
        hardware = self._socket.getsockname()[3]
        self.link_type = _LINK_TYPES.get(hardware, hardware)
        self._lost = 0

    def receive(self) -> Received | None:
        try:
            # The address tells the direction, and scapy puts the tag back that the kernel took out of the frame.
            data, address, seconds = self._opened._recv_raw(self._socket, _FRAME_LIMIT_BYTES)
        except BlockingIOError:
            return None
        direction = Direction.OUTBOUND if address[2] == socket.PACKET_OUTGOING else Direction.INBOUND
        return data, _nanoseconds(seconds or 0.0), direction

    def wait(self, seconds: float) -> None:
        select.select([self._socket], [], [], seconds)

    def lost(self) -> int:
        # Reading the counter sets it back to 0.
        _, dropped = struct.unpack("II", self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
        self._lost += dropped
        return self._lost

    def close(self) -> None:
        self._opened.close()


class _PcapSocket:
    """Npcap on Windows, BPF or libpcap elsewhere."""

    def __init__(self, opened: Any) -> None:
        self._opened = opened
        self.link_type = ETHERNET
        if hasattr(opened, "pcap_fd"):
            self.link_type = int(opened.pcap_fd.datalink())
            opened.pcap_fd.setnonblock(True)
        else:
            opened.set_nonblock(True)

    def receive(self) -> Received | None:
        _, data, seconds = self._opened.recv_raw()
        return None if data is None else (bytes(data), _nanoseconds(float(seconds)), None)

    def wait(self, seconds: float) -> None:
        self._opened.select([self._opened], seconds)

    def lost(self) -> None:
        return None

    def close(self) -> None:
        self._opened.close()


def _nanoseconds(seconds: float) -> int:
    """scapy's times are floats, which are exact to the microsecond at best."""
    return round(seconds * 1_000_000) * 1000
