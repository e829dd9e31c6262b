"""What is wrong with an injection that the synchronous checks let pass, and what becomes of a refused one.

Source: callouts-nbl-injection 3.2, 7 (M20a, M20d, M41, M42, M57, M58).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from engine.classify.host import Driver, Host
from engine.classify.verifier.sources import source_of
from engine.frames.ethernet import parse_ethernet
from engine.frames.frame import OUTBOUND, Interface
from engine.ndis.mdl import UNDEFINED_BYTE
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import ABSORBED_HELD, ALLOCATED, COMPLETED, NEW, ORIGINAL
from engine.wfp.layers import Layer

ETHERNET_HEADER_BYTES, SHORTEST_FRAME_BYTES = 14, 60
_COPIED = {0: "TcpIpChecksum", 4: "Ieee8021Q", 6: "MediaSpecificInformation", 8: "HashValue", 9: "HashInfo"}
"""NetBufferListInfo that a deep copy needs as well."""
_UNWRITTEN = bytes([UNDEFINED_BYTE]) * ETHERNET_HEADER_BYTES
_ARP_START = bytes.fromhex("000108000604")
_UPPER = frozenset({6, 17, 58})
"""TCP, UDP, ICMPv6: what follows an IPv6 header nearly always."""
_TYPES = {b"\x08\x00", b"\x86\xdd", b"\x08\x06", b"\x81\x00", b"\x88\xa8"}


class Target(msgspec.Struct, frozen=True, gc=False):
    """Where an injection goes."""

    layer: Layer
    interface: int
    port: int
    has_completion: bool


def refused(host: Host, nbls: Sequence[NetBufferList], driver: str, line: str) -> None:
    """The call failed: the NBLs stay the driver's (M20a, told at the end if they were never freed)."""
    host.ledger.ever_refused.add(driver)
    for nbl in nbls:
        if nbl.state in (ALLOCATED, COMPLETED) and nbl.kind is not ORIGINAL:
            host.ledger.refused[nbl.id] = driver, line


def judge_injection(host: Host, driver: Driver, nbls: Sequence[NetBufferList], target: Target) -> None:
    """An injection is about to be accepted."""
    for nbl in nbls:
        if host.ledger.refused:
            host.ledger.refused.pop(nbl.id, None)
        source = source_of(nbl, _candidates(host, nbl))
        found = (
            ("M20d", _broken_claim(host, nbl, target)),
            ("M41", _wrong_way(host, driver, nbl, source, target)),
            ("M42", _wrong_start(nbl, source, host.interfaces.get(target.interface))),
            ("M57", _lost_info(nbl, source)),
            ("M58", _split_header(nbl, target)),
        )
        for rule, detail in found:
            if detail is not None:
                host.broken(rule, detail, nbl, about=() if source is None else (source.id,))


def _candidates(host: Host, nbl: NetBufferList) -> list[NetBufferList]:
    """NBLs of which a new one may be a copy: those in hand, or the held originals of its lineage."""
    if nbl.kind is not NEW:
        return []
    if host.in_hand:
        return list(host.in_hand)
    lineage = host.lineages.get(nbl.frame)
    live = [] if lineage is None else [host.nbls[id_] for id_ in sorted(lineage.live) if id_ in host.nbls]
    return [one for one in live if one.state is ABSORBED_HELD]


def _broken_claim(host: Host, nbl: NetBufferList, target: Target) -> str | None:
    if nbl.kind is not ORIGINAL or target.has_completion or nbl.id not in host.ledger.altered:
        return None
    return f"{nbl.id} is injected without completion function, as an unaltered original, but its bytes were changed"


def _wrong_way(host: Host, driver: Driver, nbl: NetBufferList, source: NetBufferList | None,
               target: Target) -> str | None:
    """The clone of a held frame goes out elsewhere; one that is still in hand may be duplicated on purpose (C14)."""
    if source is None or nbl.parent is None or source.state is not ABSORBED_HELD:
        return None
    came, goes = (source.interface_index, source.ndis_port), (target.interface, target.port)
    if came == goes or host.interfaces.get(target.interface) is None or driver.name in host.ledger.redirectors:
        return None
    return f"{source.id} came on interface {came[0]} port {came[1]}, its clone is injected on {goes[0]} port {goes[1]}"


def _is_runt(source: NetBufferList | None) -> bool:
    """The frame itself is shorter than a MAC header."""
    if source is None or source.first_net_buffer is None:
        return False
    nb = source.first_net_buffer
    return nb.data_length + min(source.hidden_bytes, nb.data_offset) < ETHERNET_HEADER_BYTES


def _wrong_start(nbl: NetBufferList, source: NetBufferList | None, interface: Interface | None) -> str | None:
    if interface is None or interface.medium != 0 or nbl.first_net_buffer is None:
        return None
    header = nbl.first_net_buffer.read(0, ETHERNET_HEADER_BYTES)
    length = nbl.first_net_buffer.data_length
    if length < ETHERNET_HEADER_BYTES and not _is_runt(source):
        return f"{nbl.id} has {length} bytes: no MAC header fits"
    if header == _UNWRITTEN:
        return f"{nbl.id} begins with memory that nobody has written"
    if header[:6] == _ARP_START:
        return f"{nbl.id} begins with an ARP message, not with the MAC header"
    if header[12:] not in _TYPES and looks_like_ip(nbl.first_net_buffer.read(0, 64), length):
        return f"{nbl.id} begins with the IP header, not with the MAC header"
    return None


def looks_like_ip(data: bytes, length: int) -> bool:
    """The bytes are an IP header whose length fits, and no MAC header: EtherType is not where it would stand."""
    if len(data) < 20 or data[12:14] in _TYPES:
        return False
    if data[0] >> 4 == 4:
        total = int.from_bytes(data[2:4])
        return (data[0] & 0xF) >= 5 and (data[0] & 0xF) * 4 <= total and _fits(total, length)
    return data[0] >> 4 == 6 and len(data) >= 40 and data[6] in _UPPER and _fits(40 + int.from_bytes(data[4:6]), length)


def _fits(total: int, length: int) -> bool:
    """All the data, or less where the rest pads the shortest frame."""
    return total == length or (total < length <= SHORTEST_FRAME_BYTES)


def _lost_info(nbl: NetBufferList, source: NetBufferList | None) -> str | None:
    if nbl.kind is not NEW or source is None or not source.info:
        return None
    lost = [name for id_, name in _COPIED.items() if _has(source.info, id_) and not _has(nbl.info, id_)]
    return f"{nbl.id} is a copy of {source.id} without its {', '.join(lost)}" if lost else None


def _has(info: Mapping[int, int], id_: int) -> bool:
    return bool(info.get(id_))


def _split_header(nbl: NetBufferList, target: Target) -> str | None:
    """I10."""
    if target.layer.direction is not OUTBOUND or target.layer.is_native:
        return None
    for nb in nbl.net_buffers():
        if nb.data_length and not nb.is_contiguous(min(ETHERNET_HEADER_BYTES, nb.data_length)):
            size = parse_ethernet(nb.read(0, 64)).header_bytes
            return f"the {size} bytes of the MAC header of {nbl.id} lie in more than one MDL"
    return None
