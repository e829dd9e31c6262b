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
    """Describes `byte_count` bytes of a memory from `start` on, as long as it lives; the memory may be moved."""

    __slots__ = ("allocated_by", "allocated_for_retreat", "byte_count", "freed", "id", "memory", "next", "origin",
                 "shot", "start")

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
        self.shot = MdlSnapshot(id_, memory.id, start, byte_count, memory.owner)
        """What it looks like: many steps share it."""

    def move_to(self, memory: Memory) -> None:
        """From now on it describes the same bytes of another memory."""
        self.memory = memory
        self.shot = MdlSnapshot(self.id, memory.id, self.start, self.byte_count, memory.owner)


def address_of(mdl: Mdl) -> int:
    """An invented kernel address, the same in every run (I3)."""
    return memory_address(mdl.memory.id) + mdl.start


def memory_address(memory: MemoryId) -> int:
    """Where the first byte of a memory is said to be."""
    frame, _, part = memory.partition(":")
    return 0xFFFF_8000_0000_0000 + (int(frame) * 64 + int(part)) * 0x1_0000


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
