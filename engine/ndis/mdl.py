"""Memory and the MDLs that describe it. Source: callouts-nbl-injection 5.2, 5.5 (I3)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.ndis.snapshot import MdlSnapshot, MemoryId

UNDEFINED_BYTE = 0xCD
"""What memory holds that nobody has written: a retreat past the header shows it (5.5)."""


class Memory:
    """A piece of simulated memory. Clones share it with their parent."""

    __slots__ = ("_lock", "data", "id", "known", "owner")

    def __init__(self, id_: MemoryId, data: bytearray, owner: str) -> None:
        self.id, self.data, self.owner = id_, data, owner
        self.known: bytes | None = None
        """What the trace knows of memory that a driver gave: it may write there behind our back."""
        self._lock: memoryview | None = None

    def lend(self) -> bytes:
        """A driver gives this memory: until `give_back` it keeps its size. Returns what it holds."""
        self._lock = memoryview(self.data)
        self.known = bytes(self.data)
        return self.known

    def give_back(self) -> None:
        if self._lock is not None:
            self._lock.release()
        self._lock = self.known = None


class Mdl:
    """Describes `byte_count` bytes of a memory from `start` on."""

    __slots__ = ("_shot", "allocated_by", "allocated_for_retreat", "byte_count", "freed", "id", "memory", "next",
                 "origin", "start")

    def __init__(
            self, id_: str, memory: Memory, start: int, byte_count: int, *, allocated_by: str | None = None) -> None:
        self.id, self.memory, self.start, self.byte_count = id_, memory, start, byte_count
        self.next: Mdl | None = None
        self.allocated_by = allocated_by
        """Driver that made it with an allocation call; None for the engine's own."""
        self.origin = ""
        """Where in the driver's script: `reflect.py:22`."""
        self.allocated_for_retreat = False
        self.freed = False
        self._shot: MdlSnapshot | None = None

    def snapshot(self) -> MdlSnapshot:
        """The same object as before while nothing has changed: many steps share it."""
        shot, memory = self._shot, self.memory
        if (shot is None or shot.start != self.start or shot.byte_count != self.byte_count
                or shot.memory != memory.id):
            shot = self._shot = MdlSnapshot(self.id, memory.id, self.start, self.byte_count, memory.owner)
        return shot


def address_of(mdl: Mdl) -> int:
    """An invented kernel address, the same in every run (I3)."""
    frame, _, part = mdl.memory.id.partition(":")
    return 0xFFFF_8000_0000_0000 + (int(frame) * 64 + int(part)) * 0x1_0000 + mdl.start


def chain(first: Mdl | None) -> Sequence[Mdl]:
    """The MDLs of a chain. Ends at a cycle instead of running for ever (I4)."""
    if first is None:
        return ()
    second = first.next
    if second is None:  # as nearly always
        return (first,)
    if second.next is None:
        return first, second
    found: dict[int, Mdl] = {}
    while first is not None and id(first) not in found:
        found[id(first)] = first
        first = first.next
    return tuple(found.values())
