"""How the plain records of a capture lie, for whoever walks the file's bytes without a reader."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PcapLayout:
    """Records of a pcap file: a header, and the captured bytes right behind it."""

    is_big_endian: bool
    head_bytes: int
    fcs_bytes: int
    """Of every record, at its end."""
    limit_bytes: int
    """Longest record that is believed."""


@dataclass(frozen=True, slots=True)
class PcapngLayout:
    """Blocks of the section in which a reader stands. Holds until the next block that is no packet."""

    is_big_endian: bool
    first_interface: int
    """Number over the file of the section's interface 0."""


PlainLayout = PcapLayout | PcapngLayout
