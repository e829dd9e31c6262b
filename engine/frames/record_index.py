"""Where each frame of a capture stands, so that it can be read by its number: 12 bytes a frame."""

from __future__ import annotations

from array import array
from typing import Protocol

from engine.frames.record import Record


class FrameIndex(Protocol):
    """Frames by number, from 1."""

    def __len__(self) -> int: ...

    def place(self, number: int) -> tuple[int, int]:
        """Offset in bytes and interface id of a frame. Raises IndexError."""


class RecordIndex:
    """Grows record by record; frames are numbered from 1."""

    def __init__(self) -> None:
        self._offsets = array("Q")
        self._interface_ids = array("I")

    def __len__(self) -> int:
        return len(self._offsets)

    def add(self, record: Record) -> None:
        self._interface_ids.append(record.interface_id)
        self._offsets.append(record.offset_bytes)

    def place(self, number: int) -> tuple[int, int]:
        """Offset in bytes and interface id of a frame. Raises IndexError."""
        if not 1 <= number <= len(self._offsets):
            raise IndexError(number)
        return self._offsets[number - 1], self._interface_ids[number - 1]
