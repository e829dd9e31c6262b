"""How the bytes of the world's memories move, and who put them there."""

from __future__ import annotations

from collections.abc import Mapping

from engine.ndis.snapshot import MemoryId
from engine.trace import events as ev
from engine.trace.provenance import written
from engine.trace.trace import Record
from engine.trace.world import World


def take_memories(world: World, record: Record, memories: Mapping[MemoryId, bytes]) -> None:
    """Memories come to be, with these bytes."""
    world.memories.update(memories)
    for memory, data in memories.items():
        world.writers[memory] = ((0, len(data), record.seq),)


def mdl_allocated(world: World, record: Record, event: ev.MdlAllocated) -> None:
    take_memories(world, record, {event.memory: event.data})


def data_written(world: World, record: Record, event: ev.DataWritten) -> None:
    old = world.memories.get(event.memory, b"")
    world.writers[event.memory] = written(world.writers.get(event.memory, ()), event, len(old), record.seq)
    world.memories[event.memory] = old[:event.offset] + event.new + old[event.offset + len(event.new):]
