"""Frames as a source would give them: what a test does not say is at its default."""

from __future__ import annotations

from engine.frames.frame import Direction, DirectionFrom, Frame, Interface, MacAddress
from tests.builders.captures import ethernet, mac

HOST, PEER, BROADCAST = "02:00:00:00:00:01", "02:00:00:00:00:02", "ff:ff:ff:ff:ff:ff"
ARP, IPV4 = 0x0806, 0x0800
SECOND_NS = 1_000_000_000


def an_interface(id_: int = 0, *, ndis_port: int = 0) -> Interface:
    return Interface(
        id=id_, name=f"eth{id_}", mac=MacAddress(mac(HOST)), link_type=1, index=id_ + 1, ndis_port=ndis_port
    )


def received(
    number: int = 1,
    ether_type: int = IPV4,
    *,
    payload: bytes = bytes(46),
    source: str = PEER,
    destination: str = HOST,
    tags: tuple[tuple[int, int], ...] = (),
    **members: object,
) -> Frame:
    """An inbound frame; frame n comes n seconds after the epoch."""
    return a_frame(number, ethernet(destination, source, ether_type, payload, tags), Direction.INBOUND, **members)


def sent(
    number: int = 1,
    ether_type: int = IPV4,
    *,
    payload: bytes = bytes(46),
    source: str = HOST,
    destination: str = PEER,
    tags: tuple[tuple[int, int], ...] = (),
    **members: object,
) -> Frame:
    """An outbound frame."""
    return a_frame(number, ethernet(destination, source, ether_type, payload, tags), Direction.OUTBOUND, **members)


def a_frame(
    number: int,
    data: bytes,
    direction: Direction,
    *,
    time_ns: int | None = None,
    interface: Interface | None = None,
    skip_reason: str | None = None,
) -> Frame:
    return Frame(
        number=number,
        time_ns=number * SECOND_NS if time_ns is None else time_ns,
        data=data,
        length_bytes=len(data),
        interface=interface or an_interface(),
        direction=direction,
        direction_from=DirectionFrom.OPTION,
        skip_reason=skip_reason,
    )
