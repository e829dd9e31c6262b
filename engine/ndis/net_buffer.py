"""NET_BUFFER: one frame's data over an MDL chain. Source: callouts-nbl-injection 5.2, 5.5."""

from __future__ import annotations

from engine.ndis.mdl import UNDEFINED_BYTE, Mdl, Memory, address_of, chain
from engine.ndis.snapshot import NetBufferSnapshot


class NetBuffer:
    """Used data space is [data_offset, data_offset + data_length) of the chain's bytes."""

    __slots__ = ("_shot", "_shot_at", "checksum_bias", "current_mdl", "current_mdl_offset", "data_length",
                 "data_offset", "mdl_chain", "next", "reserved")

    def __init__(self, mdl_chain: Mdl | None, data_offset: int, data_length: int) -> None:
        self.next: NetBuffer | None = None
        self.mdl_chain = mdl_chain
        self.data_offset, self.data_length = data_offset, data_length
        self.current_mdl: Mdl | None = None
        self.current_mdl_offset = self.checksum_bias = 0
        self._shot: NetBufferSnapshot | None = None
        self._shot_at: Mdl | None = None
        """The current MDL when it was taken."""
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
        left = self.data_length - offset
        left = min(left, length)
        found: list[tuple[Memory, int, int]] = []
        for mdl in chain(self.mdl_chain):
            if left <= 0:
                break
            count = mdl.byte_count - skip
            if count <= 0:
                skip = -count
                continue
            count = min(count, left)
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
        return b"".join([m.data[s:s + n] for m, s, n in self.pieces(offset, wanted)])

    def is_contiguous(self, length: int) -> bool:
        """The first `length` bytes of used data lie in one MDL."""
        first = self.mdl_chain
        if first is not None and self.data_offset + length <= first.byte_count:
            return True
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
        shot = self._shot
        if (shot is not None and shot.data_offset == self.data_offset and shot.data_length == self.data_length
                and self._shot_at is self.current_mdl and shot.current_mdl_offset == self.current_mdl_offset
                and shot.checksum_bias == self.checksum_bias):
            mdl = self.mdl_chain
            for one in shot.mdls:
                if mdl is None or mdl.shot is not one:
                    break
                mdl = mdl.next
            else:
                if mdl is None:
                    return shot
        mdls = chain(self.mdl_chain)
        current = mdls.index(self.current_mdl) if len(mdls) > 1 and self.current_mdl in mdls else 0
        self._shot_at = self.current_mdl
        shot = self._shot = NetBufferSnapshot(
            self.data_offset, self.data_length, current, self.current_mdl_offset, tuple([one.shot for one in mdls]),
            self.checksum_bias)
        return shot


def undefined_memory(size: int) -> bytearray:
    return bytearray([UNDEFINED_BYTE]) * size
