"""Lets the kernels fold plain records, whichever format they are of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.bulk.chunks import Chunks
from engine.bulk.kernel.calls import fold_pcap, fold_pcapng
from engine.bulk.table import FrameTable
from engine.bulk.words import Facts
from engine.frames.plain_layout import PcapLayout, PcapngLayout, PlainLayout
from engine.frames.record import ETHERNET, SourceInterface

_MOST_NS = 10**17
_MOST_TICKS = 1 << 62


class PlainFold:
    """Folds records that lie as a layout says. `interfaces` are those of the file so far."""

    def __init__(self, layout: PlainLayout, interfaces: Sequence[SourceInterface]) -> None:
        self.layout, self.interface_count = layout, len(interfaces)
        self._facts = _pcapng_facts(layout, interfaces) if isinstance(layout, PcapngLayout) else np.array([
            layout.is_big_endian, layout.head_bytes, layout.fcs_bytes, layout.limit_bytes,
            1_000_000_000 // interfaces[0].ticks_per_second], np.int64)

    def holds_for(self, layout: PlainLayout | None, interfaces: Sequence[SourceInterface]) -> bool:
        """Records still lie like this."""
        return self.layout == layout and self.interface_count == len(interfaces)

    def fold(self, chunks: Chunks, table: FrameTable, last: int | None = None, until: int | None = None) -> int:
        """Go as far as a kernel can over what is there, up to frame `last` and to offset `until`; why it stopped."""
        room = table.room(None if last is None else last - table.count)
        data, base, layout = chunks.data, chunks.offset_bytes, self.layout
        if until is not None:
            data = data[: max(until - base, 0)]
        if isinstance(layout, PcapLayout):
            found = fold_pcap(data, base, self._facts, table.known_classes.known, room)
        else:
            found = fold_pcapng(data, base, layout.is_big_endian, self._facts, table.known_classes.known, room)
        table.filled(found.frames, found.classes)
        chunks.seek(base + found.at)
        return found.why


def _pcapng_facts(layout: PcapngLayout, interfaces: Sequence[SourceInterface]) -> Facts:
    """A row for each interface of the section, as the kernel takes it."""
    first = layout.first_interface
    rows = [(first + place if one.link_type == ETHERNET and _is_plain_clock(one) else -1, min(one.fcs_bytes, 4),
             one.limit_bytes, min(one.ticks_per_second, _MOST_TICKS), max(min(one.offset_ns, _MOST_NS), -_MOST_NS))
            for place, one in enumerate(interfaces[first:])]
    return np.array(rows or np.empty((0, 5)), np.int64)


def _is_plain_clock(interface: SourceInterface) -> bool:
    """Its times can be told in 64 bits all the way."""
    rate = interface.ticks_per_second
    return abs(interface.offset_ns) < _MOST_NS and (
        rate <= 1 << 33 or (rate < _MOST_TICKS and rate % 1_000_000_000 == 0))
