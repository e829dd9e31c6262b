"""A captured frame becomes an NBL: in the miniport's receive memory, or as a protocol sends it.

Source: callouts-nbl-injection 5.2, 5.5 (I7, I10).
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.classify.host import Host, Lineage
from engine.classify.options import EngineOptions
from engine.frames.ethernet import parse_ethernet
from engine.frames.frame import INBOUND, OUTBOUND, Direction, Frame, Framing
from engine.ndis.mdl import Mdl, Memory
from engine.ndis.nbl import NetBufferList
from engine.ndis.nbl_info import IEEE8021Q_INFO
from engine.ndis.net_buffer import NetBuffer, undefined_memory
from engine.ndis.snapshot import ORIGINAL, MemoryId

SEND_BACKFILL = 66
"""Unused bytes that a protocol leaves before the MAC header of what it sends."""
_8021Q = b"\x81\x00"


def frames_of_a_call(options: EngineOptions, direction: Direction) -> int:
    """How many frames one NDIS call brings."""
    return options.rx_chain if direction is INBOUND else options.tx_chain * options.tx_buffers


Made = tuple[NetBufferList, dict[MemoryId, bytes]]
"""An NBL and the memories that hold a frame of it."""


def original(host: Host, frame: Frame) -> Made:
    """The NBL of a frame, `n.0`, and the memories that hold it."""
    lineage = host.lineage(frame.number)
    inbound = frame.direction is INBOUND
    nbl = NetBufferList(lineage.new_nbl(), frame.number, ORIGINAL, "miniport" if inbound else "protocol")
    nbl.interface_index, nbl.ndis_port = frame.interface.index, frame.interface.ndis_port
    nbl.pool = "miniport receive pool" if inbound else "protocol send pool"
    lineage.live.add(nbl.id)
    host.nbls[nbl.id] = nbl
    memories: dict[MemoryId, bytes] = {}
    data, header = frame.data, None
    if frame.framing is not None:
        data, header = beneath(frame.framing, frame.direction)
    if host.options.vlan_tag == "oob":
        data = tag_out_of_band(host, nbl, data)
    if inbound:
        nbl.is_lent = host.options.receive_resources == "on"
        mdl = _mdl(lineage, data, 0, memories)
        nbl.first_net_buffer = NetBuffer(mdl, 0, len(data))
        return nbl, memories
    header = parse_ethernet(data).header_bytes if header is None else header
    mdl = _mdl(lineage, data[:header], SEND_BACKFILL, memories)
    if len(data) > header:
        mdl.next = _mdl(lineage, data[header:], 0, memories)
    nbl.first_net_buffer = NetBuffer(mdl, SEND_BACKFILL, len(data))
    return nbl, memories


def originals(host: Host, frames: Sequence[Frame]) -> list[Made]:
    """The NBLs of one NDIS call, one entry for each frame."""
    made = [original(host, frame) for frame in frames]
    if host.options.tx_buffers > 1 and frames[0].direction is OUTBOUND:
        made = _share_nbls(host, frames, made)
    return made


def _share_nbls(host: Host, frames: Sequence[Frame], made: list[Made]) -> list[Made]:
    """Sends that follow each other and have the same MAC header come in one NBL, a NET_BUFFER each (`tx_buffers`).

    NDIS asks for the same frame type and addresses in all of them [drv: sending docs] (I10).
    """
    shared: list[Made] = []
    count = 0
    for frame, (nbl, memories) in zip(frames, made, strict=True):
        leader = shared[-1][0] if shared else None
        if leader is not None and count < host.options.tx_buffers and _goes_with(leader, nbl) and not frame.framing:
            list(leader.net_buffers())[-1].next = nbl.first_net_buffer
            host.lineage(leader.frame).riders.append(frame.number)
            lineage = host.lineage(frame.number)
            lineage.rides_with, lineage.live = leader.frame, {leader.id}
            del host.nbls[nbl.id]
            shared.append((leader, memories))
            count += 1
        else:
            shared.append((nbl, memories))
            count = 1
    return shared


def _goes_with(leader: NetBufferList, nbl: NetBufferList) -> bool:
    """The same MAC header, in the bytes and out of band."""
    one, other = leader.first_net_buffer, nbl.first_net_buffer
    assert one is not None
    assert other is not None
    assert one.current_mdl is not None
    size = one.current_mdl.byte_count - SEND_BACKFILL
    return size > 0 and leader.info == nbl.info and one.read(0, size) == other.read(0, size)


def beneath(framing: Framing, direction: Direction) -> tuple[bytes, int | None]:
    """What NDIS is given of a frame that is not Ethernet, and the size of its header where that is not Ethernet's."""
    if direction is OUTBOUND and framing.ethernet is not None:
        return framing.ethernet, None  # the Native Wi-Fi filter makes 802.11 of it on its way down
    return framing.native, framing.header_bytes


def tag_out_of_band(host: Host, nbl: NetBufferList, data: bytes) -> bytes:
    """Move the outer 802.1Q tag into Ieee8021QNetBufferListInfo, which cannot name another TPID (5.4).

    A frame of another medium, or of an interface that `vlan_tag_interfaces` leaves out, stays as it is.
    """
    interface = host.interfaces[nbl.interface_index]
    is_meant = host.options.vlan_tag_interfaces >> (interface.index - 1) & 1
    if interface.medium or not is_meant or len(data) < 18 or data[12:14] != _8021Q:
        return data
    tci = int.from_bytes(data[14:16])
    nbl.info[IEEE8021Q_INFO] = (tci & 0xFFF) << 4 | (tci >> 12 & 1) << 3 | tci >> 13
    return data[:12] + data[16:]


def _mdl(lineage: Lineage, data: bytes, backfill: int, memories: dict[MemoryId, bytes]) -> Mdl:
    id_ = lineage.new_memory()
    memory = Memory(id_, undefined_memory(backfill) + data if backfill else bytearray(data), "engine")
    memories[id_] = bytes(memory.data) if backfill else data
    return Mdl(id_, memory, 0, len(memory.data))
