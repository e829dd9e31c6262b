"""The packets of a pcapng file, and the interfaces they belong to.

Source: draft-ietf-opsawg-pcapng, section 4.
"""

from __future__ import annotations

from collections import Counter
from struct import Struct

from engine.errors import CaptureError
from engine.frames.byte_stream import ByteStream
from engine.frames.file_facts import FileFacts
from engine.frames.pcapng_blocks import (
    ENHANCED_PACKET,
    INTERFACE,
    MAGIC,
    NAMES,
    PACKETS,
    SECTION,
    SIMPLE_PACKET,
    STATISTICS,
    Block,
    BlockReader,
)
from engine.frames.pcapng_facts import CONTENTS, add_block, add_blocks, add_section
from engine.frames.pcapng_options import described_interface, options, packet_options
from engine.frames.pcapng_passing import Kinds
from engine.frames.plain_layout import PcapngLayout
from engine.frames.record import Record, SourceInterface, without_fcs

__all__ = ["MAGIC", "PcapngReader"]

_MOST_INTERFACES = 65_536
_KEPT_BYTES, _MOST_KEPT = 1_024, 1_024
"""Descriptions that are known when they are met again."""
_READ = PACKETS | {SECTION, INTERFACE, STATISTICS, NAMES}
_MANY = 64
"""So many blocks that are no packets, one behind the other, are many."""
_U32 = {order: Struct(order + "I") for order in "<>"}
_ENHANCED = {order: Struct(order + "IIIII") for order in "<>"}
_OBSOLETE = {order: Struct(order + "HHIIII") for order in "<>"}
_NO_DROPS = 0xFFFF
"""Drop count of an obsolete packet: nobody counted."""


class PcapngReader:
    """Reads a pcapng file behind its first four bytes. Raises CaptureError for a header that cannot be used."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._blocks = BlockReader(stream)
        self.interfaces: list[SourceInterface] = []
        self.facts = FileFacts(format="pcapng")
        """What stands beside the packets, so far."""
        self._first_interface_id = 0
        """Of the current section."""
        self._described: dict[tuple[str, bytes], SourceInterface] = {}
        """By block: capture tools that begin a section for each part of a file describe the same ones again."""
        self._take(self._blocks.first())

    def next_record(self) -> Record | None:
        others = 0
        while (block := self._blocks.next(whole=_READ)) is not None:
            if block.kind not in PACKETS:
                self._take(block)
                others += 1
                if others % _MANY == 0:
                    self._pass_over()
                continue
            id_ = self._first_interface_id + self._interface_of(block)
            if id_ >= len(self.interfaces):
                raise self._damage(
                    block.offset_bytes, f"the packet names interface {id_}, which no block before it describes")
            return self._packet(block, id_, self.interfaces[id_])
        return None

    def _pass_over(self) -> None:
        """Blocks whose content nobody tells are only counted, where there are many."""
        kinds: Kinds = Counter()
        self._blocks.pass_over_many(_READ, CONTENTS, kinds)
        for (kind, first), count in kinds.items():
            add_blocks(self.facts, kind, first, count)

    def record_at(self, offset_bytes: int, interface_id: int, interface: SourceInterface) -> Record:
        block = self._blocks.at(offset_bytes, interface.byte_order)
        if block.kind not in PACKETS or len(block.body) < (4 if block.kind == SIMPLE_PACKET else 20):
            raise self._damage(offset_bytes, "the packet that was here is gone: the file has changed")
        return self._packet(block, interface_id, interface)

    def plain_layout(self) -> PcapngLayout:
        return PcapngLayout(self._blocks.order == ">", self._first_interface_id)

    def next_plausible(self, offset_bytes: int) -> int | None:
        return self._blocks.next_plausible(offset_bytes)

    def _take(self, block: Block) -> None:
        """Take in a block that is no packet."""
        order, body = block.order, block.body
        if block.kind == SECTION:
            self._first_interface_id = len(self.interfaces)
            add_section(self.facts, order, [*options(self._stream, order, body, 16, block.offset_bytes + 8)])
        elif block.kind == INTERFACE:
            if len(self.interfaces) == _MOST_INTERFACES:
                raise self._damage(block.offset_bytes, f"there are more than {_MOST_INTERFACES} interfaces")
            known = self._described.get((order, body))
            if known is None:
                known = described_interface(self._stream, order, body, block.offset_bytes + 8)
                if len(body) <= _KEPT_BYTES and len(self._described) < _MOST_KEPT:
                    self._described[order, body] = known
            self.interfaces.append(known)
        else:
            add_block(self.facts, block, self._first_interface_id)

    def _interface_of(self, block: Block) -> int:
        """Return the id of the packet's interface within its section; prove that the fixed members are there."""
        if len(block.body) < (4 if block.kind == SIMPLE_PACKET else 20):
            raise self._damage(block.offset_bytes, "the packet block is too short")
        if block.kind == SIMPLE_PACKET:
            return 0
        layout = _U32 if block.kind == ENHANCED_PACKET else _OBSOLETE
        return int(layout[block.order].unpack_from(block.body)[0])

    def _packet(self, block: Block, id_: int, interface: SourceInterface) -> Record:
        order, body, start = block.order, block.body, block.offset_bytes
        if block.kind == SIMPLE_PACKET:
            return self._simple_packet(block, id_, interface)
        drops = _NO_DROPS
        if block.kind == ENHANCED_PACKET:
            _, high, low, captured, length = _ENHANCED[order].unpack_from(body)
        else:
            _, drops, high, low, captured, length = _OBSOLETE[order].unpack_from(body)
        data = self._data(body, 20, captured, start, interface)
        time_ns = interface.time_ns(high << 32 | low)
        end = 20 + captured + (-captured & 3)
        fcs_bytes = interface.fcs_bytes
        if end >= len(body) and drops == _NO_DROPS:
            data, cut_bytes = without_fcs(data, length, fcs_bytes) if fcs_bytes else (data, 0)
            return Record(start, id_, time_ns, data, length, cut_bytes)
        found = options(self._stream, order, body, end, start + 8)
        said = packet_options(found, order, fcs_bytes)
        details = said.details if drops == _NO_DROPS else (("drop count", str(drops)), *said.details)
        data, cut_bytes = without_fcs(data, length, said.fcs_bytes) if said.fcs_bytes else (data, 0)
        return Record(start, id_, time_ns, data, length, cut_bytes, said.direction, said.comments, details)

    def _simple_packet(self, block: Block, id_: int, interface: SourceInterface) -> Record:
        """Read a packet that has no time and no captured length of its own."""
        length = _U32[block.order].unpack_from(block.body)[0]
        captured = min(length, interface.snaplen_bytes or length)
        data = self._data(block.body, 4, captured, block.offset_bytes, interface)
        data, cut_bytes = without_fcs(data, length, interface.fcs_bytes) if interface.fcs_bytes else (data, 0)
        return Record(block.offset_bytes, id_, 0, data, length, cut_bytes)

    def _data(self, body: bytes, at: int, captured: int, start: int, interface: SourceInterface) -> bytes:
        if captured > len(body) - at:
            raise self._damage(start, f"captured length {captured} is longer than its block")
        if captured > interface.limit_bytes:
            raise self._damage(start, f"captured length {captured} is more than {interface.limit_bytes}")
        return body[at : at + captured]

    def _damage(self, start: int, reason: str) -> CaptureError:
        return self._blocks.damage(start, reason)
