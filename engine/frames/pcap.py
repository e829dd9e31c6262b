"""The pcap file format: both byte orders, microseconds and nanoseconds, and the "modified" variant.

Source: draft-ietf-opsawg-pcap; version and length rules as libpcap's reader has them.
"""

from __future__ import annotations

from struct import Struct

from engine.errors import CaptureError
from engine.frames import pcap_search
from engine.frames.byte_stream import ByteStream
from engine.frames.file_facts import FileFacts
from engine.frames.plain_layout import PcapLayout
from engine.frames.record import ETHERNET, Record, SourceInterface, without_fcs

_MICROSECONDS, _NANOSECONDS, _MODIFIED = 0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34
_AIX_IF_TYPES = frozenset((6, 9, 15, 24))
"""Ethernet, token ring, FDDI, loopback: AIX writes interface types as link types, with version 2.2."""
_SAVE_AS = "convert it with `editcap -F pcapng IN OUT.pcapng`"

MAGICS: dict[bytes, tuple[str, int]] = {
    Struct(order + "I").pack(magic): (order, magic)
    for magic in (_MICROSECONDS, _NANOSECONDS, _MODIFIED)
    for order in "<>"
}
"""First four bytes of a file → (byte order, magic number)."""


class PcapReader:
    """Reads a pcap file behind its first four bytes. Raises CaptureError for a header that cannot be used."""

    def __init__(self, stream: ByteStream, magic: bytes, *, keeps_fcs: bool = False) -> None:
        """With `keeps_fcs` an announced FCS stays at the end of every record's data."""
        self._stream = stream
        order, number = MAGICS[magic]
        header = stream.read(20)
        if len(header) < 20:
            raise CaptureError(stream.name, 0, "the file ends inside its header", "copy or capture the file again")
        major, minor, _, _, snaplen, link_word = Struct(order + "HHiIII").unpack(header)
        if not ((major == 2 and minor <= 4) or (major == 543 and minor == 0)):
            reason = f"pcap version {major}.{minor} is not 2.0 to 2.4"
            raise CaptureError(stream.name, 4, reason, "copy or capture the file again")
        if (major, minor) == (2, 2) and link_word in _AIX_IF_TYPES:
            reason = "this is a pcap file of AIX, with times and link types of its own"
            raise CaptureError(stream.name, 4, reason, _SAVE_AS)
        # The header of the modified variant is longer by interface index, protocol, packet type and padding.
        self._head = Struct(order + ("IIIIIHBx" if number == _MODIFIED else "IIII"))
        self._fraction_ns = 1 if number == _NANOSECONDS else 1000
        # Version 2.3 wrote the two lengths either way round, older ones and DG/UX (543.0) always this way.
        self._is_swapped = major == 543 or minor < 3
        self._may_be_swapped = major == 2 and minor == 3
        has_fcs = link_word & 0x04000000
        self.interfaces = [
            SourceInterface(
                link_type=link_word & 0xFFFF,
                snaplen_bytes=snaplen,
                fcs_bytes=(link_word >> 28) * 2 if has_fcs else 0,  # counted in 16-bit words
                ticks_per_second=1_000_000_000 // self._fraction_ns,
                byte_order=order,
            )
        ]
        unit = "nanoseconds" if number == _NANOSECONDS else "microseconds"
        variant = "modified pcap" if number == _MODIFIED else "pcap"
        self.facts = FileFacts(
            format=f"{variant} {major}.{minor}, {unit}, {'little' if order == '<' else 'big'}-endian")
        self._limit_bytes = self.interfaces[0].limit_bytes
        self._fcs_bytes = 0 if keeps_fcs else self.interfaces[0].fcs_bytes
        self._last_seconds: int | None = None
        if number == _MICROSECONDS and stream.is_file and not stream.is_compressed:
            self._refuse_nokia()

    def next_record(self) -> Record | None:
        stream = self._stream
        start = stream.offset_bytes
        head = stream.read(self._head.size)
        if len(head) < self._head.size:
            if not head:
                return None
            raise stream.cut_off(start, "a record header")
        seconds, fraction, captured, length = self._head.unpack(head)[:4]
        if self._is_swapped or (self._may_be_swapped and captured > length):
            captured, length = length, captured
        if captured > self._limit_bytes:
            raise stream.damage(start, f"captured length {captured} is more than {self._limit_bytes}")
        data = stream.read(captured)
        if len(data) < captured:
            raise stream.cut_off(start, "a record")
        self._last_seconds = seconds
        time_ns = seconds * 1_000_000_000 + fraction * self._fraction_ns
        if not self._fcs_bytes:
            return Record(start, 0, time_ns, data, length)
        data, cut_bytes = without_fcs(data, length, self._fcs_bytes)
        return Record(start, 0, time_ns, data, length, cut_bytes)

    def record_at(
        self, offset_bytes: int, interface_id: int, interface: SourceInterface  # noqa: ARG002  # pcap has one interface
    ) -> Record:
        self._stream.seek(offset_bytes)
        record = self.next_record()
        if record is None:
            raise self._stream.damage(offset_bytes, "the file has become shorter")
        return record

    def plain_layout(self) -> PcapLayout | None:
        interface = self.interfaces[0]
        if interface.link_type != ETHERNET or self._is_swapped or self._may_be_swapped:
            return None
        return PcapLayout(interface.byte_order == ">", self._head.size, min(self._fcs_bytes, 4), self._limit_bytes)

    def next_plausible(self, offset_bytes: int) -> int | None:
        shape = pcap_search.Shape(
            order=self.interfaces[0].byte_order, head_bytes=self._head.size, limit_bytes=self._limit_bytes,
            fractions=1_000_000_000 // self._fraction_ns, near_seconds=self._last_seconds)
        return pcap_search.next_record(self._stream, offset_bytes, shape)

    def _refuse_nokia(self) -> None:
        """Nokia's records have four octets more behind the two lengths; nothing in the file header says so."""
        start, order = self._stream.offset_bytes, self.interfaces[0].byte_order
        plain, longer = (
            pcap_search.Shape(order=order, head_bytes=head_bytes, limit_bytes=self._limit_bytes, fractions=1_000_000)
            for head_bytes in (16, 20))
        is_nokia = (
            not pcap_search.is_record(self._stream, start, plain, followers=1)
            and pcap_search.is_record(self._stream, start, longer, followers=3))
        self._stream.seek(start)
        if is_nokia:
            raise CaptureError(self._stream.name, start, "this is a pcap file of a Nokia firewall (IPSO)", _SAVE_AS)
