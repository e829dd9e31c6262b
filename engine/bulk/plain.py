"""Lets the kernels fold plain records, whichever format they are of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.bulk.chunks import Chunks
from engine.bulk.fold_kernel import Facts, fold_pcap, fold_pcapng
from engine.bulk.table import FrameTable
from engine.frames.plain_layout import PcapLayout, PcapngLayout, PlainLayout
from engine.frames.record import ETHERNET, SourceInterface


class PlainFold:
    """Folds records that lie as a layout says. `interfaces` are those of the file so far."""

    def __init__(self, layout: PlainLayout, interfaces: Sequence[SourceInterface]) -> None:
        self.layout, self.interface_count = layout, len(interfaces)
        self._facts: Facts = np.empty((0, 3), np.int64)
        if isinstance(layout, PcapngLayout):
            first = layout.first_interface
            rows = [(first + place if one.link_type == ETHERNET else -1, min(one.fcs_bytes, 4), one.limit_bytes)
                    for place, one in enumerate(interfaces[first:])]
            self._facts = np.array(rows or np.empty((0, 3)), np.int64)

    def holds_for(self, layout: PlainLayout | None, interfaces: Sequence[SourceInterface]) -> bool:
        """Records still lie like this."""
        return self.layout == layout and self.interface_count == len(interfaces)

    def fold(self, chunks: Chunks, table: FrameTable, last: int | None = None, until: int | None = None) -> int:
        """Go as far as a kernel can over what is there, up to frame `last` and to offset `until`; why it stopped."""
        classes, offsets = table.room()
        if last is not None:
            classes, offsets = classes[: last - table.count], offsets[: last - table.count]
        data, base, layout = chunks.data, chunks.offset_bytes, self.layout
        if until is not None:
            data = data[: max(until - base, 0)]
        if isinstance(layout, PcapLayout):
            at, frames, known, why = fold_pcap(
                data, 0, base, layout.is_big_endian, layout.head_bytes, layout.fcs_bytes, layout.limit_bytes,
                table.slots, table.word_room, table.classes, classes, offsets)
        else:
            at, frames, known, why = fold_pcapng(
                data, 0, base, layout.is_big_endian, self._facts, table.slots, table.word_room, table.classes, classes,
                offsets)
        table.filled(frames, known)
        chunks.seek(base + at)
        return why
