"""What a capture file says beside its packets."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

MOST_LINES = 1_000
"""Kept of each kind; the blocks themselves stay in the file."""


@dataclass(slots=True)
class FileFacts:
    """Grows while the file is read; empty for formats that say nothing."""

    format: str = ""
    """`pcapng`, `pcap 2.4, nanoseconds, little-endian`."""
    sections: list[tuple[tuple[str, str], ...]] = field(default_factory=list)
    """Of each section: hardware, operating system, application, comments."""
    statistics: dict[int, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    """By interface, the last that the file gives: packets received, dropped, …"""
    blocks: Counter[str] = field(default_factory=Counter)
    """How many blocks there are beside packets and interfaces, by name; they are kept when the file is written."""
    names: list[tuple[str, str]] = field(default_factory=list)
    """Addresses and the names that the file gives them."""
    contents: Counter[str] = field(default_factory=Counter)
    """What kinds of decryption secrets there are, and whose custom blocks."""
