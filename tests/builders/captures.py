"""Bytes of captures, built piece by piece: each function returns what its name says, in either byte order."""

import gzip
from struct import pack

from engine.frames.frame import MacAddress

SECTION, INTERFACE, OBSOLETE, SIMPLE, NAMES, STATISTICS, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 4, 5, 6
UNKNOWN = 0x0BAD


def ethernet(
    destination: str = "02:00:00:00:00:01",
    source: str = "02:00:00:00:00:02",
    ether_type: int = 0x0800,
    payload: bytes = bytes(46),
    tags: tuple[tuple[int, int], ...] = (),
) -> bytes:
    """An Ethernet frame; `tags` are (TPID, TCI), outermost first."""
    stack = b"".join(pack("!HH", tpid, tci) for tpid, tci in tags)
    return mac(destination) + mac(source) + stack + pack("!H", ether_type) + payload


def mac(text: str) -> MacAddress:
    return MacAddress(bytes.fromhex(text.replace(":", "")))


def pcap(
    *records: bytes,
    order: str = "<",
    magic: int = 0xA1B2C3D4,
    version: tuple[int, int] = (2, 4),
    snaplen: int = 65535,
    link_word: int = 1,
) -> bytes:
    """A pcap file of `pcap_record`s."""
    return pack(order + "IHHiIII", magic, *version, 0, 0, snaplen, link_word) + b"".join(records)


def pcap_record(
    data: bytes,
    seconds: int = 1,
    fraction: int = 0,
    *,
    captured: int | None = None,
    length: int | None = None,
    order: str = "<",
    extra: bytes = b"",
) -> bytes:
    """A record; `captured` and `length` lie when they are given, `extra` is the rest of a modified header."""
    captured = len(data) if captured is None else captured
    return pack(order + "IIII", seconds, fraction, captured, len(data) if length is None else length) + extra + data


def block(kind: int, body: bytes, order: str = "<", *, total: int | None = None, trailer: int | None = None) -> bytes:
    """A pcapng block; `total` and `trailer` lie when they are given."""
    true = len(body) + 12
    first = true if total is None else total
    return pack(order + "II", kind, first) + body + pack(order + "I", first if trailer is None else trailer)


def section(order: str = "<", version: tuple[int, int] = (1, 0), options: bytes = b"") -> bytes:
    return block(SECTION, pack(order + "IHHq", 0x1A2B3C4D, *version, -1) + options, order)


def interface(link_type: int = 1, snaplen: int = 0, options: bytes = b"", order: str = "<") -> bytes:
    return block(INTERFACE, pack(order + "HHI", link_type, 0, snaplen) + options, order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return pack(order + "HH", code, len(value)) + padded(value)


def enhanced(
    data: bytes,
    ticks: int = 0,
    *,
    interface_id: int = 0,
    captured: int | None = None,
    length: int | None = None,
    options: bytes = b"",
    order: str = "<",
) -> bytes:
    captured = len(data) if captured is None else captured
    length = len(data) if length is None else length
    head = pack(order + "IIIII", interface_id, ticks >> 32, ticks & 0xFFFFFFFF, captured, length)
    return block(ENHANCED, head + padded(data) + options, order)


def obsolete(data: bytes, ticks: int = 0, *, interface_id: int = 0, options: bytes = b"", order: str = "<") -> bytes:
    head = pack(order + "HHIIII", interface_id, 0xFFFF, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return block(OBSOLETE, head + padded(data) + options, order)


def simple(data: bytes, length: int | None = None, order: str = "<") -> bytes:
    return block(SIMPLE, pack(order + "I", len(data) if length is None else length) + padded(data), order)


def flags(bits: int, order: str = "<") -> bytes:
    """The epb_flags option."""
    return option(2, pack(order + "I", bits), order)


def comment(text: str, order: str = "<") -> bytes:
    return option(1, text.encode(), order)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
