"""How an NBL is put together at one moment, to be compared and put back. Source: callouts-nbl-injection 5.5 (I8)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.ndis.mdl import Mdl, chain
from engine.ndis.nbl import NetBufferList
from engine.ndis.net_buffer import NetBuffer

_Data = tuple[int, int, Mdl | None, int, Sequence[Mdl], Mdl | None]


class Structure:
    """Links, offsets and MDL chains of one NBL. A callout must leave a received one as it found it."""

    __slots__ = ("_buffers", "_data", "_next")

    def __init__(self, nbl: NetBufferList) -> None:
        self._next = nbl.next
        self._buffers = nbl.net_buffers()
        self._data = [_data(nb) for nb in self._buffers]

    def broken_rules(self, nbl: NetBufferList) -> list[tuple[str, str]]:
        """Rule and detail of each thing that is not as it was."""
        found: list[tuple[str, str]] = []
        if nbl.next is not self._next:
            found.append(("M39", "Next of a received NBL differs on return"))
        if nbl.net_buffers() != self._buffers or (self._buffers and self._buffers[-1].next is not None):
            found.append(("M39a", "the list of NET_BUFFERs of a received NBL differs on return"))
        now = [_data(nb) for nb in self._buffers]
        if now != self._data or [data for data in now if data[-1] is not None]:
            found.append(("M43", "DataOffset, DataLength or the MDL chain differ on return"))
        return found

    def restore(self, nbl: NetBufferList) -> None:
        nbl.next = self._next
        nbl.first_net_buffer = self._buffers[0] if self._buffers else None
        followers = [*self._buffers[1:], None]
        for nb, data, following in zip(self._buffers, self._data, followers, strict=False):
            nb.data_offset, nb.data_length, nb.current_mdl, nb.current_mdl_offset, mdls, _ = data
            nb.mdl_chain = mdls[0] if mdls else None
            nb.next = following
            for mdl, behind in zip(mdls, [*mdls[1:], None], strict=True):
                mdl.next = behind


def _data(nb: NetBuffer) -> _Data:
    """Offsets and MDLs, and what follows the last: something where the chain leads round in a circle (I4)."""
    mdls = chain(nb.mdl_chain)
    return (nb.data_offset, nb.data_length, nb.current_mdl, nb.current_mdl_offset, mdls,
            mdls[-1].next if mdls else None)
