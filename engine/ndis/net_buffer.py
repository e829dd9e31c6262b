"""NET_BUFFER: one frame's data over an MDL chain. Source: callouts-nbl-injection 5.2, 5.5."""

from __future__ import annotations

from engine.ndis.mdl import UNDEFINED_BYTE, Mdl, Memory, address_of, chain
from engine.ndis.snapshot import NetBufferSnapshot


class NetBuffer:
    """Used data space is [data_offset, data_offset + data_length) of the chain's bytes."""

    __slots__ = ("_shot", "checksum_bias", "current_mdl", "current_mdl_offset", "data_length", "data_offset",
                 "mdl_chain", "next", "reserved")

    def __init__(self, mdl_chain: Mdl | None, data_offset: int, data_length: int) -> None:
        self.next: NetBuffer | None = None
        self.mdl_chain = mdl_chain
        self.data_offset, self.data_length = data_offset, data_length
        self.current_mdl: Mdl | None = None
        self.current_mdl_offset = self.checksum_bias = 0
        self._shot: NetBufferSnapshot | None = None
        self.reserved: dict[str, list[object]] = {}
        """NdisReserved and its like, once a driver has looked at them."""
        self.adjust_current_mdl()

    def adjust_current_mdl(self) -> None:
        """I2: current MDL and its offset point at byte `data_offset` of the chain."""
        left = self.data_offset
        self.current_mdl, self.current_mdl_offset = self.mdl_chain, left
        for mdl in chain(self.mdl_chain):
            self.current_mdl, self.current_mdl_offset = mdl, left
            if left < mdl.byte_count:
                break
            left -= mdl.byte_count

    def pieces(self, offset: int, length: int) -> list[tuple[Memory, int, int]]:
        """`(memory, start, count)` of the bytes [offset, offset + length) of the used data; shorter at its end."""
        skip = self.data_offset + offset
        left = min(length, self.data_length - offset)
        found: list[tuple[Memory, int, int]] = []
        for mdl in chain(self.mdl_chain):
            if left <= 0:
                break
            if skip >= mdl.byte_count:
                skip -= mdl.byte_count
                continue
            count = min(mdl.byte_count - skip, left)
            found.append((mdl.memory, mdl.start + skip, count))
            left -= count
            skip = 0
        return found

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Used data from `offset` on; fewer bytes than asked for when the data ends before."""
        wanted = self.data_length - offset if length is None else length
        mdl, start = self.mdl_chain, self.data_offset + offset
        if mdl is not None and 0 < wanted <= min(mdl.byte_count - start, self.data_length - offset):
            return bytes(mdl.memory.data[mdl.start + start:mdl.start + start + wanted])  # all of it in the first MDL
        return b"".join(bytes(m.data[s:s + n]) for m, s, n in self.pieces(offset, wanted))

    def is_contiguous(self, length: int) -> bool:
        """The first `length` bytes of used data lie in one MDL."""
        return len(self.pieces(0, length)) <= 1

    @property
    def address(self) -> int:
        """Where its used data begins (I3); 0 where it has none."""
        left = self.data_offset
        for mdl in chain(self.mdl_chain):
            if left < mdl.byte_count:
                return address_of(mdl) + left
            left -= mdl.byte_count
        return 0

    def advance(self, delta: int) -> None:
        """NdisAdvanceNetBufferDataStart with FreeMdl FALSE. `delta` must not exceed `data_length`."""
        self.data_offset += delta
        self.data_length -= delta
        self.adjust_current_mdl()

    def retreat(self, delta: int) -> None:
        """NdisRetreatNetBufferDataStart within the unused space: `delta` ≤ `data_offset`."""
        self.data_offset -= delta
        self.data_length += delta
        self.adjust_current_mdl()

    def retreat_with(self, mdl: Mdl, delta: int) -> None:
        """The other retreat: `mdl` is put at the head and holds what the unused space could not."""
        missing = delta - self.data_offset
        mdl.next, self.mdl_chain = self.mdl_chain, mdl
        mdl.allocated_for_retreat = True
        self.data_offset = mdl.byte_count - missing
        self.data_length += delta
        self.adjust_current_mdl()

    def free_retreat_mdls(self) -> list[Mdl]:
        """Take off head MDLs that a retreat allocated and that hold no used data any more (FreeMdl TRUE)."""
        gone: list[Mdl] = []
        while (head := self.mdl_chain) is not None and head.allocated_for_retreat:
            if self.data_offset < head.byte_count:
                break
            self.mdl_chain = head.next
            self.data_offset -= head.byte_count
            head.freed = True
            gone.append(head)
        self.adjust_current_mdl()
        return gone

    def snapshot(self) -> NetBufferSnapshot:
        """The same object as before while nothing has changed: many steps share it."""
        mdls = chain(self.mdl_chain)
        current = mdls.index(self.current_mdl) if len(mdls) > 1 and self.current_mdl in mdls else 0
        shots = tuple([mdl.snapshot() for mdl in mdls])
        shot = self._shot
        if (shot is None or shot.mdls != shots or shot.data_offset != self.data_offset
                or shot.data_length != self.data_length or shot.current_mdl != current
                or shot.current_mdl_offset != self.current_mdl_offset or shot.checksum_bias != self.checksum_bias):
            shot = self._shot = NetBufferSnapshot(
                self.data_offset, self.data_length, current, self.current_mdl_offset, shots, self.checksum_bias)
        return shot


def undefined_memory(size: int) -> bytearray:
    return bytearray([UNDEFINED_BYTE]) * size
