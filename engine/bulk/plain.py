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
        self.layout, self.interface_count = layout, 0
        self._rows: Facts = np.empty((0, 5), np.int64)
        """More than are filled: a file may name an interface before each of its packets."""
        self._facts: Facts = self._rows if isinstance(layout, PcapngLayout) else np.array([
            layout.is_big_endian, layout.head_bytes, layout.fcs_bytes, layout.limit_bytes,
            1_000_000_000 // interfaces[0].ticks_per_second], np.int64)
        self.meet(interfaces)

    def meet(self, interfaces: Sequence[SourceInterface]) -> None:
        """The file has named these, some of them since the last time."""
        layout = self.layout
        if isinstance(layout, PcapngLayout):
            first = layout.first_interface
            filled = max(self.interface_count - first, 0)
            found = [_pcapng_facts(id_, interfaces[id_]) for id_ in range(first + filled, len(interfaces))]
            if found:
                end = filled + len(found)
                if end > len(self._rows):
                    rows = np.empty((max(end, 2 * len(self._rows)), 5), np.int64)
                    rows[:filled] = self._rows[:filled]
                    self._rows = rows
                self._rows[filled:end] = found
                self._facts = self._rows[:end]
        self.interface_count = len(interfaces)

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


def _pcapng_facts(id_: int, one: SourceInterface) -> tuple[int, ...]:
    """The row of an interface, as the kernel takes it."""
    return (id_ if one.link_type == ETHERNET and _is_plain_clock(one) else -1, min(one.fcs_bytes, 4), one.limit_bytes,
            min(one.ticks_per_second, _MOST_TICKS), max(min(one.offset_ns, _MOST_NS), -_MOST_NS))


def _is_plain_clock(interface: SourceInterface) -> bool:
    """Its times can be told in 64 bits all the way."""
    rate = interface.ticks_per_second
    return abs(interface.offset_ns) < _MOST_NS and (
        rate <= 1 << 33 or (rate < _MOST_TICKS and rate % 1_000_000_000 == 0))
