"""What a capture file holds, before anything is decided about it: records, and the interfaces they name."""

from __future__ import annotations

from typing import Protocol

import msgspec

from engine.frames.frame import Direction, MacAddress

ETHERNET = 1
"""LINKTYPE_ETHERNET."""

_FRAME_LIMIT_BYTES = 262_144
_OTHER_LIMIT_BYTES = 16 * 1024 * 1024
_LATEST_NS = 2**63 - 1


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

    @property
    def limit_bytes(self) -> int:
        """Longest record that is believed; more is damage, so that a lying length allocates nothing."""
        return _FRAME_LIMIT_BYTES if self.link_type == ETHERNET else _OTHER_LIMIT_BYTES

    def time_ns(self, ticks: int) -> int:
        """Nanoseconds since 1970-01-01 UTC, rounded down, held within 64 bits (years 1677 to 2262)."""
        time_ns = ticks * 1_000_000_000 // self.ticks_per_second + self.offset_ns
        return max(-_LATEST_NS, min(time_ns, _LATEST_NS))


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


class RecordReader(Protocol):
    """Reads one capture format, one record at a time."""

    interfaces: list[SourceInterface]
    """Those declared so far."""

    def next_record(self) -> Record | None:
        """The next packet; None behind the last one. Raises CaptureError at damage."""

    def record_at(self, offset_bytes: int, interface_id: int, interface: SourceInterface) -> Record:
        """A packet that `next_record` of a reader of the same file has returned before."""


def without_fcs(data: bytes, length_bytes: int, fcs_bytes: int) -> tuple[bytes, int]:
    """Cut an announced frame check sequence off; return the rest and how much was cut.

    No medium that is read here has more than four bytes of it. A frame that the capture cut short keeps what it has.
    """
    kept = data[: max(length_bytes - min(fcs_bytes, 4), 0)]
    return kept, len(data) - len(kept)
