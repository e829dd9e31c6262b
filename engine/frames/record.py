"""What a capture file holds, before anything is decided about it: records, and the interfaces they name."""

from __future__ import annotations

from typing import Protocol

import msgspec

from engine.frames.file_facts import FileFacts
from engine.frames.frame import Direction, MacAddress
from engine.frames.plain_layout import PlainLayout

ETHERNET = 1
"""LINKTYPE_ETHERNET."""

_FRAME_LIMIT_BYTES = 262_144
_OTHER_LIMIT_BYTES = 16 * 1024 * 1024


class SourceInterface(msgspec.Struct, frozen=True, kw_only=True):
    """An interface as the file describes it; a pcap file has exactly one."""

    link_type: int
    name: str = ""
    description: str = ""
    mac: MacAddress | None = None
    snaplen_bytes: int = 0
    """0: no limit."""
    fcs_bytes: int = 0
    """Bytes of frame check sequence at the end of every frame."""
    ticks_per_second: int = 1_000_000
    offset_ns: int = 0
    """Added to every timestamp (if_tsoffset)."""
    byte_order: str = "<"
    """Of the section that declares it."""
    details: tuple[tuple[str, str], ...] = ()
    """What else the file says of it, as name and text: hardware, speed, capture filter, …"""

    @property
    def limit_bytes(self) -> int:
        """Longest record that is believed; more is damage, so that a lying length allocates nothing."""
        return _FRAME_LIMIT_BYTES if self.link_type == ETHERNET else _OTHER_LIMIT_BYTES

    def time_ns(self, ticks: int) -> int:
        """Nanoseconds since 1970-01-01 UTC, rounded down; of a strange file more than 64 bits of them."""
        return ticks * 1_000_000_000 // self.ticks_per_second + self.offset_ns


class Record(msgspec.Struct, frozen=True):
    """One packet of a capture."""

    offset_bytes: int
    """Where its record or block starts in the (decompressed) file."""
    interface_id: int
    """0-based over the whole file."""
    time_ns: int
    data: bytes
    """Captured bytes without FCS."""
    length_bytes: int
    """Length on the wire, as the file says."""
    fcs_bytes: int = 0
    """Captured bytes of FCS that were cut off the end of `data`."""
    direction: Direction | None = None
    """As the packet's own flags say."""
    comments: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    """What else the file says of it, as name and text: packet id, drop count, verdict, hash, …"""


class RecordReader(Protocol):
    """Reads one capture format, one record at a time."""

    interfaces: list[SourceInterface]
    """Those declared so far."""
    facts: FileFacts
    """What stands beside the packets, so far."""

    def next_record(self) -> Record | None:
        """The next packet; None behind the last one. Raises CaptureError at damage."""

    def record_at(self, offset_bytes: int, interface_id: int, interface: SourceInterface) -> Record:
        """A packet that `next_record` of a reader of the same file has returned before."""

    def plain_layout(self) -> PlainLayout | None:
        """How plain Ethernet records lie from here on; None where there is more to a record than that."""

    def next_plausible(self, offset_bytes: int) -> int | None:
        """Where the next record that looks whole begins, from `offset_bytes` of a plain file on; None if nowhere.

        The reader stands there. For files that are damaged before it.
        """


def without_fcs(data: bytes, length_bytes: int, fcs_bytes: int) -> tuple[bytes, int]:
    """Cut an announced frame check sequence off; return the rest and how much was cut.

    No medium that is read here has more than four bytes of it. A frame that the capture cut short keeps what it has.
    """
    kept = data[: max(length_bytes - min(fcs_bytes, 4), 0)]
    return kept, len(data) - len(kept)
