"""What each kernel takes; all give a number back. Shared by who compiles them and who calls them."""

from __future__ import annotations

_CLASSES = ("int32*", "int", "uint64*", "int")
"""slots, mask, words, most or count"""
_FRAMES = ("int64*", "int", "int32*", "uint64*", "int", "int64*", "uint32*", "uint32*")
"""state, room, frames, offsets, details, times, lengths, captures"""

SIGNATURES: dict[str, tuple[str, ...]] = {
    "fold_pcap": ("uint8*", "int", "int", "int64*", *_CLASSES, *_FRAMES),
    "fold_pcapng": ("uint8*", "int", "int", "int", "int64*", "int", *_CLASSES, *_FRAMES),
    "rehash": _CLASSES,
    "enter": ("uint64*", "int", *_CLASSES, "int32*"),
    "pack": ("uint8*", "int", "int", "uint64*"),
}
