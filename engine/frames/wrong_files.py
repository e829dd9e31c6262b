"""What a file is that is no capture, told by its first bytes, and what to do about it."""

from __future__ import annotations

from typing import Literal

from engine.errors import CaptureError

HEAD_BYTES = 4096
"""So many first bytes are looked at."""

_SAVE_AS = "convert it with `editcap -F pcapng IN OUT.pcapng` (from Wireshark)"
_CONVERT_ETL = "convert it with `etl2pcapng IN.etl OUT.pcapng` or `pktmon etl2pcap IN.etl`"
_UNPACK = "unpack it and open the capture inside"
_NO_CAPTURE = "name a pcap or pcapng file"

_BY_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"snoop\0\0\0", "this is a snoop capture", _SAVE_AS),
    (b"GMBU", "this is a Network Monitor capture", _SAVE_AS),
    (b"RTSS", "this is a Network Monitor capture", _SAVE_AS),
    (b"XCP\0", "this is a NetXRay capture", _SAVE_AS),
    (b"\x54\x52\x53\x4e", "this is a Sniffer capture", _SAVE_AS),
    (b"TRSNIFF data", "this is a Sniffer capture", _SAVE_AS),
    (b"\x7fver", "this is an OmniPeek capture", _SAVE_AS),
    (b"btsnoop\0", "this is a btsnoop capture (Bluetooth)", _SAVE_AS),
    (b"LOGG", "this is a Vector BLF log", _SAVE_AS),
    (b"iptrace 1.0", "this is an AIX iptrace capture", _SAVE_AS),
    (b"iptrace 2.0", "this is an AIX iptrace capture", _SAVE_AS),
    (b"ObserverPktBufferVersion=", "this is a Network Instruments Observer capture", _SAVE_AS),
    (b"NetS", "this is a NetScaler trace", _SAVE_AS),
    (b"ElfFile\0", "this is a Windows event log (.evtx)",
     "record with `netsh trace start capture=yes` or `pktmon start --capture` and convert the .etl"),
    (b"PK\x03\x04", "this is a zip archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "this is a 7-Zip archive", _UNPACK),
    (b"Rar!", "this is a RAR archive", _UNPACK),
    (b"\xfd7zXZ\0", "this is xz-compressed", "decompress it with `xz -d`"),
    (b"BZh", "this is bzip2-compressed", "decompress it with `bunzip2`"),
    (b"\x02\x21\x4c\x18", "this is LZ4-compressed in the legacy format", "decompress it with `lz4 -d`"),
    (b"%PDF", "this is a PDF", _NO_CAPTURE),
    (b"SQLite format 3\0", "this is a SQLite database", _NO_CAPTURE),
    (b"\x7fELF", "this is a program", _NO_CAPTURE),
    (b"MZ", "this is a Windows program", _NO_CAPTURE),
    (b"\xff\xfe", "this is text (UTF-16)", _NO_CAPTURE),
)
_CABINET = b"MSCF"
_ORDERS: tuple[Literal["big", "little"], ...] = ("big", "little")
_PCAP_VARIANTS = {
    magic.to_bytes(4, order)
    for magic in (0xA1E2CB12, 0x1C0001AC, 0x1C0001AB)  # Navtel, IXIA hardware, IXIA software
    for order in _ORDERS
}


def refusal(name: str, head: bytes) -> CaptureError:
    """Make the error for a file whose first bytes (up to `HEAD_BYTES`) are those of no capture that can be read."""
    reason, remedy = _what_it_is(head)
    return CaptureError(name, 0, reason, remedy)


def _what_it_is(head: bytes) -> tuple[str, str]:
    if not head:
        return "the file is empty", "capture again"
    for magic, reason, remedy in _BY_MAGIC:
        if head.startswith(magic):
            return reason, remedy
    if head.startswith(_CABINET):
        return _cabinet(head)
    if head[:4] in _PCAP_VARIANTS:
        return "this is an equipment maker's variant of pcap", _SAVE_AS
    if _is_etl(head):
        return "this is an event trace log (.etl)", _CONVERT_ETL
    if _is_erf(head):
        return "this is an ERF capture", _SAVE_AS
    if _is_text(head):
        return _text(head)
    return f"the first bytes {head[:4].hex(' ')} are those of no pcap or pcapng file", _NO_CAPTURE


def _cabinet(head: bytes) -> tuple[str, str]:
    """The names of the files inside stand near the beginning, uncompressed."""
    if b"wfpdiag" in head.lower():
        return (
            "this is the cabinet of `netsh wfp capture`",
            ("`expand -F:* IN.cab .` it: wfpdiag.etl goes through etl2pcapng, wfpdiag.xml into "
             "`l2scope import-netsh`"))
    return (
        "this is a cabinet file (netsh trace writes one beside the .etl)",
        "the frames are in the .etl beside it: `etl2pcapng IN.etl OUT.pcapng`")


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


def _text(head: bytes) -> tuple[str, str]:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return "this is XML", f"{_NO_CAPTURE}; the output of `netsh wfp show state` goes through `l2scope import-netsh`"
    if start.startswith((b"0000 ", b"000000 ", b"00000000 ", b"0x0000")):
        return "this is a hex dump", "convert it with `text2pcap IN OUT.pcapng` (from Wireshark)"
    return "this is text", f"{_NO_CAPTURE}; policies go to --policy"
