"""What a file is that is no capture, told by its first bytes, and what to do about it."""

from __future__ import annotations

from typing import Literal

from engine.errors import CaptureError

_SAVE_AS = "open it in Wireshark and save it as pcapng"
_DECOMPRESS = "decompress it first"

_BY_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"snoop\0\0\0", "this is a snoop capture", _SAVE_AS),
    (b"MSCF", "this is a cabinet file (netsh trace writes one beside the .etl)", "convert the .etl with etl2pcapng"),
    (b"GMBU", "this is a Network Monitor capture", _SAVE_AS),
    (b"RTSS", "this is a Network Monitor capture", _SAVE_AS),
    (b"XCP\0", "this is a NetXRay capture", _SAVE_AS),
    (b"\x54\x52\x53\x4e", "this is a Sniffer capture", _SAVE_AS),
    (b"TRSNIFF data", "this is a Sniffer capture", _SAVE_AS),
    (b"PK\x03\x04", "this is a zip archive", "unpack it and open the capture inside"),
    (b"7z\xbc\xaf\x27\x1c", "this is a 7-Zip archive", "unpack it and open the capture inside"),
    (b"Rar!", "this is a RAR archive", "unpack it and open the capture inside"),
    (b"\x28\xb5\x2f\xfd", "this is zstd-compressed", _DECOMPRESS),
    (b"\x04\x22\x4d\x18", "this is LZ4-compressed", _DECOMPRESS),
    (b"\xfd7zXZ\0", "this is xz-compressed", _DECOMPRESS),
    (b"BZh", "this is bzip2-compressed", _DECOMPRESS),
    (b"%PDF", "this is a PDF", "name a pcap or pcapng file"),
    (b"\x7fELF", "this is a program", "name a pcap or pcapng file"),
    (b"MZ", "this is a Windows program", "name a pcap or pcapng file"),
    (b"\xff\xfe", "this is text (UTF-16)", "name a pcap or pcapng file"),
)
_ORDERS: tuple[Literal["big", "little"], ...] = ("big", "little")
_PCAP_VARIANTS = {
    magic.to_bytes(4, order)
    for magic in (0xA1E2CB12, 0x1C0001AC, 0x1C0001AB)  # Navtel, IXIA hardware, IXIA software
    for order in _ORDERS
}


def refusal(name: str, head: bytes) -> CaptureError:
    """Make the error for a file whose first bytes (some 64 of them) are those of no capture that can be read."""
    reason, remedy = _what_it_is(head)
    return CaptureError(name, 0, reason, remedy)


def _what_it_is(head: bytes) -> tuple[str, str]:
    if not head:
        return "the file is empty", "capture again"
    for magic, reason, remedy in _BY_MAGIC:
        if head.startswith(magic):
            return reason, remedy
    if head[:4] in _PCAP_VARIANTS:
        return "this is an equipment maker's variant of pcap", _SAVE_AS
    if _is_etl(head):
        return "this is an event trace log (.etl)", "convert it with etl2pcapng or pktmon etl2pcap"
    if _is_erf(head):
        return "this is an ERF capture", _SAVE_AS
    if _is_text(head):
        return "this is text", "name a pcap or pcapng file; policies go to --policy"
    return f"the first bytes {head[:4].hex(' ')} are those of no pcap or pcapng file", "name a pcap or pcapng file"


def _is_etl(head: bytes) -> bool:
    """WMI_BUFFER_HEADER: buffer size, saved and current offset within it, then a state that fits."""
    if len(head) < 12:
        return False
    size, saved, current = (int.from_bytes(head[at : at + 4], "little") for at in (0, 4, 8))
    return size >= 1024 and size % 1024 == 0 and 72 <= saved <= size and 72 <= current <= size


def _is_erf(head: bytes) -> bool:
    """An ERF record of type TYPE_ETH or its like: type, flags, and a record length that holds the wire length."""
    if len(head) < 16:
        return False
    kind, record_bytes, wire_bytes = head[8] & 0x7F, *(int.from_bytes(head[at : at + 2], "big") for at in (10, 14))
    return kind in {2, 11, 16, 20} and 16 <= record_bytes <= wire_bytes + 64


def _is_text(head: bytes) -> bool:
    return all(byte >= 0x20 or byte in b"\t\r\n" for byte in head) and b"\x7f" not in head
