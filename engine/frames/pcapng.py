"""The pcapng file format: sections, interfaces, enhanced, simple and obsolete packets.

Source: draft-ietf-opsawg-pcapng, section 4.
"""

from __future__ import annotations

from struct import Struct

from engine.errors import CaptureError
from engine.frames.byte_stream import ByteStream
from engine.frames.pcapng_options import described_interface, options, packet_options
from engine.frames.record import Record, SourceInterface, without_fcs

MAGIC = b"\n\r\r\n"
"""Type of a section header block: the same in both byte orders."""

_INTERFACE, _OBSOLETE_PACKET, _SIMPLE_PACKET, _ENHANCED_PACKET = 1, 2, 3, 6
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_MOST_INTERFACES = 65_536
_BLOCK_LIMIT_BYTES = 64 * 1024 * 1024
_U32 = {order: Struct(order + "I") for order in "<>"}
_ENHANCED = {order: Struct(order + "IIIII") for order in "<>"}
_OBSOLETE = {order: Struct(order + "HHIIII") for order in "<>"}


class PcapngReader:
    """Reads a pcapng file behind its first four bytes. Raises CaptureError for a header that cannot be used."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.interfaces: list[SourceInterface] = []
        self._order = "<"
        self._first_interface_id = 0
        """Of the current section."""
        self._begin_section(0)

    def next_record(self) -> Record | None:
        while True:
            start = self._stream.offset_bytes
            first = self._stream.read(4)
            if not first:
                return None
            if len(first) < 4:
                raise self._damage(start, "the file ends inside a block header")
            if first == MAGIC:
                self._begin_section(start)
                continue
            kind = _U32[self._order].unpack(first)[0]
            body = self._body(start)
            if kind == _INTERFACE:
                if len(self.interfaces) == _MOST_INTERFACES:
                    raise self._damage(start, f"there are more than {_MOST_INTERFACES} interfaces")
                self.interfaces.append(described_interface(self._stream, self._order, body, start + 8))
            elif kind in {_ENHANCED_PACKET, _OBSOLETE_PACKET, _SIMPLE_PACKET}:
                id_ = self._first_interface_id + self._interface_of(kind, body, start)
                if id_ >= len(self.interfaces):
                    raise self._damage(start, f"the packet names interface {id_}, which no block before it describes")
                return self._packet(kind, body, start, id_, self.interfaces[id_])

    def record_at(self, offset_bytes: int, interface_id: int, interface: SourceInterface) -> Record:
        self._stream.seek(offset_bytes)
        self._order = interface.byte_order
        kind = _U32[self._order].unpack(self._stream.read_all(4, offset_bytes, "a block header"))[0]
        return self._packet(kind, self._body(offset_bytes), offset_bytes, interface_id, interface)

    def _begin_section(self, start: int) -> None:
        """Read a section header block behind its type."""
        head = self._stream.read(8)
        order = _ORDERS.get(head[4:])
        if order is None:
            raise self._damage(start, "the section header has no byte-order magic 1a2b3c4d")
        self._order = order
        self._first_interface_id = len(self.interfaces)
        body = head[4:] + self._rest(start, _U32[order].unpack(head[:4])[0], already_bytes=4, least_bytes=28)
        major, minor = Struct(order + "HH").unpack_from(body, 4)
        if major != 1 or minor not in {0, 2}:
            raise self._damage(start, f"pcapng version {major}.{minor} is not 1.0")
        for _ in options(self._stream, order, body, 16, start + 8):
            pass  # walking them proves their lengths

    def _body(self, start: int) -> bytes:
        """Read a block behind its type, return it without its lengths."""
        total = _U32[self._order].unpack(self._stream.read_all(4, start, "a block header"))[0]
        return self._rest(start, total, already_bytes=0, least_bytes=12)

    def _rest(self, start: int, total_bytes: int, *, already_bytes: int, least_bytes: int) -> bytes:
        if total_bytes % 4:
            raise self._damage(start, f"block length {total_bytes} is not a multiple of 4")
        if not least_bytes <= total_bytes <= _BLOCK_LIMIT_BYTES:
            raise self._damage(start, f"block length {total_bytes} is not {least_bytes} to {_BLOCK_LIMIT_BYTES}")
        rest = self._stream.read(total_bytes - 8 - already_bytes)
        if len(rest) < total_bytes - 8 - already_bytes:
            raise self._damage(start, f"the file ends inside a block of {total_bytes} bytes")
        if _U32[self._order].unpack_from(rest, len(rest) - 4)[0] != total_bytes:
            raise self._damage(start, f"the two lengths of the block differ, the first is {total_bytes}")
        return rest[:-4]

    def _interface_of(self, kind: int, body: bytes, start: int) -> int:
        """Return the id of the packet's interface within its section; prove that the fixed members are there."""
        if len(body) < (4 if kind == _SIMPLE_PACKET else 20):
            raise self._damage(start, "the packet block is too short")
        if kind == _SIMPLE_PACKET:
            return 0
        layout = _U32 if kind == _ENHANCED_PACKET else _OBSOLETE
        return int(layout[self._order].unpack_from(body)[0])

    def _packet(self, kind: int, body: bytes, start: int, id_: int, interface: SourceInterface) -> Record:
        order = self._order
        if kind == _SIMPLE_PACKET:
            return self._simple_packet(body, start, id_, interface)
        if kind == _ENHANCED_PACKET:
            _, high, low, captured, length = _ENHANCED[order].unpack_from(body)
        else:
            _, _, high, low, captured, length = _OBSOLETE[order].unpack_from(body)
        data = self._data(body, 20, captured, start, interface)
        time_ns = interface.time_ns(high << 32 | low)
        end = 20 + captured + (-captured & 3)
        found = options(self._stream, order, body, end, start + 8)
        direction, fcs_bytes, comments = packet_options(found, order, interface.fcs_bytes)
        data, cut_bytes = without_fcs(data, length, fcs_bytes) if fcs_bytes else (data, 0)
        return Record(start, id_, time_ns, data, length, cut_bytes, direction, comments)

    def _simple_packet(self, body: bytes, start: int, id_: int, interface: SourceInterface) -> Record:
        """Read a packet that has no time and no captured length of its own."""
        length = _U32[self._order].unpack_from(body)[0]
        data = self._data(body, 4, min(length, interface.snaplen_bytes or length), start, interface)
        data, cut_bytes = without_fcs(data, length, interface.fcs_bytes) if interface.fcs_bytes else (data, 0)
        return Record(start, id_, 0, data, length, cut_bytes)

    def _data(self, body: bytes, at: int, captured: int, start: int, interface: SourceInterface) -> bytes:
        if captured > len(body) - at:
            raise self._damage(start, f"captured length {captured} is longer than its block")
        if captured > interface.limit_bytes:
            raise self._damage(start, f"captured length {captured} is more than {interface.limit_bytes}")
        return body[at : at + captured]

    def _damage(self, start: int, reason: str) -> CaptureError:
        if start == 0:
            return CaptureError(self._stream.name, 0, reason, "copy or capture the file again")
        return self._stream.damage(start, reason)
