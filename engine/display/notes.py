"""What a user notes of frames: plain data beside the capture, which it never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FrameNotes:
    """By frame number."""

    marked: frozenset[int] = frozenset()
    ignored: frozenset[int] = frozenset()
    """Set aside: shown dimly, and left out of what is exported."""
    references: tuple[int, ...] = ()
    """Time references, ascending: the times of later frames count from the last one before them."""
    comments: Mapping[int, str] = field(default_factory=dict)
