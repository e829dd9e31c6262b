"""Between the native and the 802.3 module: Wi-Fi frames are converted, and what 802.3 does not bind to stays below.

The Native Wi-Fi filter stands between the two. Of each NBL it replaces the headers by its own, in memory of its own,
and shares the rest: whoever holds a clone from before keeps seeing the old bytes.
Source: layers-and-filters 1.2; engine.frames.link.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from engine.classify.host import Host, Steps
from engine.frames.frame import OUTBOUND, Frame, MacAddress
from engine.frames.link import media
from engine.frames.link.ieee80211 import from_ethernet, parse_80211, to_ethernet
from engine.ndis.mdl import Mdl, Memory
from engine.ndis.nbl import NetBufferList
from engine.ndis.net_buffer import NetBuffer
from engine.ndis.snapshot import MemoryId
from engine.trace import events as ev
from engine.wfp.layers import PATHS, Layer

_NO_ACCESS_POINT = MacAddress(bytes(6))


def path_of(frame: Frame) -> tuple[Layer, ...]:
    """The layers that a frame from outside may meet, in order. What the 802.3 module has not sent begins below it."""
    path = PATHS[frame.direction]
    return path[1:] if frame.native_only and frame.direction is OUTBOUND else path


def remember(host: Host, frame: Frame) -> None:
    """Note what a Wi-Fi frame tells of its cell."""
    if frame.framing is None or frame.interface.medium != media.NDIS_MEDIUM_NATIVE_802_11:
        return
    native = frame.framing.native
    header = parse_80211(native)
    if header is not None and header.bssid is not None:
        host.radio.access_points[frame.interface.index] = header.bssid
    if frame.direction is OUTBOUND and frame.framing.ethernet is not None:
        host.radio.templates[frame.number] = native


def begins_below(frames: Sequence[Frame], nbls: Sequence[NetBufferList]) -> Steps[None]:
    """Say why frames that are sent do not meet the upper layer: a chain has only such frames, or none (`_joins`)."""
    upper = PATHS[OUTBOUND][0]
    said = [(frame.framing.reason, nbl.id) for frame, nbl in zip(frames, nbls, strict=True)
            if frame.native_only and frame.framing is not None and frame.direction is OUTBOUND]
    for reason, group in groupby(said, key=lambda one: one[0]):
        yield ev.StayedAtNative(upper.id, tuple(id_ for _, id_ in group), reason)


def between_modules(host: Host, towards: Layer, nbls: list[NetBufferList]) -> Steps[
        tuple[list[NetBufferList], list[NetBufferList]]]:
    """Bring a chain from one module to the other; returns what goes on, and what the 802.3 module never sees."""
    if host.interfaces[nbls[0].interface_index].medium != media.NDIS_MEDIUM_NATIVE_802_11:
        medium = media.medium_of(host.interfaces[nbls[0].interface_index].link_type)
        if towards.is_native or medium is None:
            return nbls, []
        yield ev.StayedAtNative(towards.id, tuple(nbl.id for nbl in nbls), media.stays_at_native(medium))
        return [], nbls
    on: list[NetBufferList] = []
    below: list[NetBufferList] = []
    memories: dict[MemoryId, bytes] = {}
    for nbl in nbls:
        if towards.is_native:
            _send(host, nbl, memories)
        elif (reason := _receive(host, nbl, memories)) is not None:
            below.append(nbl)
            yield ev.StayedAtNative(towards.id, (nbl.id,), reason)
            continue
        on.append(nbl)
    if on:
        yield ev.FrameConverted(
            tuple(nbl.id for nbl in on), "802.11" if towards.is_native else "802.3", memories,
            changed=tuple(nbl.snapshot() for nbl in on))
    return on, below


def _receive(host: Host, nbl: NetBufferList, memories: dict[MemoryId, bytes]) -> str | None:
    """802.11 becomes 802.3; returns why not."""
    wanted: list[tuple[NetBuffer, bytes, int]] = []
    for buffer in nbl.net_buffers():
        data = buffer.read()
        header = parse_80211(data)
        found = "the frame is of no known 802.11 version" if header is None else to_ethernet(data, header)
        if isinstance(found, str):
            return found
        wanted.append((buffer, *found))
    for buffer, begins, replaced in wanted:
        _replace(host, nbl, buffer, begins, replaced, memories)
    return None


def _send(host: Host, nbl: NetBufferList, memories: dict[MemoryId, bytes]) -> None:
    """802.3 becomes 802.11."""
    bssid = host.radio.access_points.get(nbl.interface_index, _NO_ACCESS_POINT)
    for buffer in nbl.net_buffers():
        begins, replaced = from_ethernet(buffer.read(0, 14), host.radio.templates.get(nbl.frame), bssid)
        _replace(host, nbl, buffer, begins, replaced, memories)


def _replace(host: Host, nbl: NetBufferList, buffer: NetBuffer, begins: bytes, replaced: int,
             memories: dict[MemoryId, bytes]) -> None:
    """Put a header of our own before what is behind the first `replaced` octets."""
    lineage = host.lineage(nbl.frame)
    host.radio.converted.setdefault(nbl.id, []).append(
        (buffer, buffer.mdl_chain, buffer.data_offset, buffer.data_length))
    rest = buffer.pieces(replaced, buffer.data_length - replaced)
    id_ = lineage.new_memory()
    memories[id_] = begins
    first = last = Mdl(id_, Memory(id_, bytearray(begins), "engine"), 0, len(begins))
    for memory, start, count in rest:
        last.next = Mdl(lineage.new_memory(), memory, start, count)
        last = last.next
    buffer.mdl_chain, buffer.data_offset = first, 0
    buffer.data_length = len(begins) + sum(count for _, _, count in rest)
    buffer.adjust_current_mdl()
