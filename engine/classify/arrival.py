"""A captured frame becomes an NBL: in the miniport's receive memory, or as a protocol sends it.

Source: callouts-nbl-injection 5.2, 5.5 (I7, I10).
"""

from __future__ import annotations

from engine.classify.host import Host, Lineage
from engine.frames.ethernet import parse_ethernet
from engine.frames.frame import Direction, Frame
from engine.ndis.mdl import Mdl, Memory
from engine.ndis.nbl import NetBufferList
from engine.ndis.net_buffer import NetBuffer, undefined_memory
from engine.ndis.snapshot import MemoryId, NblKind

SEND_BACKFILL = 66
"""Unused bytes that a protocol leaves before the MAC header of what it sends."""


def original(host: Host, frame: Frame) -> tuple[NetBufferList, dict[MemoryId, bytes]]:
    """The NBL of a frame, `n.0`, and the memories that hold it."""
    lineage = host.lineage(frame.number)
    inbound = frame.direction is Direction.INBOUND
    nbl = NetBufferList(lineage.new_nbl(), frame.number, NblKind.ORIGINAL, "miniport" if inbound else "protocol")
    nbl.interface_index, nbl.ndis_port = frame.interface.index, frame.interface.ndis_port
    nbl.pool = "miniport receive pool" if inbound else "protocol send pool"
    lineage.live.add(nbl.id)
    host.nbls[nbl.id] = nbl
    memories: dict[MemoryId, bytes] = {}
    if inbound:
        mdl = _mdl(lineage, frame.data, 0, memories)
        nbl.first_net_buffer = NetBuffer(mdl, 0, len(frame.data))
        return nbl, memories
    header = parse_ethernet(frame.data).header_bytes
    mdl = _mdl(lineage, frame.data[:header], SEND_BACKFILL, memories)
    if len(frame.data) > header:
        mdl.next = _mdl(lineage, frame.data[header:], 0, memories)
    nbl.first_net_buffer = NetBuffer(mdl, SEND_BACKFILL, len(frame.data))
    return nbl, memories


def _mdl(lineage: Lineage, data: bytes, backfill: int, memories: dict[MemoryId, bytes]) -> Mdl:
    id_ = lineage.new_memory()
    memory = Memory(id_, undefined_memory(backfill) + data if backfill else bytearray(data), "engine")
    memories[id_] = bytes(memory.data) if backfill else data
    return Mdl(id_, memory, 0, len(memory.data))
