"""How an NBL is put together at one moment, to be compared and put back. Source: callouts-nbl-injection 5.5 (I8)."""

from __future__ import annotations

from engine.ndis.mdl import Mdl, chain
from engine.ndis.nbl import NetBufferList
from engine.ndis.net_buffer import NetBuffer

_Data = tuple[int, int, Mdl | None, int]


class Structure:
    """Links, offsets and MDL chains of one NBL. A callout must leave a received one as it found it."""

    __slots__ = ("_buffers", "_data", "_mdls", "_next")

    def __init__(self, nbl: NetBufferList) -> None:
        self._next = nbl.next
        self._buffers: list[NetBuffer] = list(nbl.net_buffers())
        self._data = [_data(nb) for nb in self._buffers]
        self._mdls: list[list[Mdl]] = [list(chain(nb.mdl_chain)) for nb in self._buffers]

    def broken_rules(self, nbl: NetBufferList) -> list[tuple[str, str]]:
        """Rule and detail of each thing that is not as it was."""
        found: list[tuple[str, str]] = []
        if nbl.next is not self._next:
            found.append(("M39", "Next of a received NBL differs on return"))
        tail = self._buffers[-1].next if self._buffers else None
        if list(nbl.net_buffers()) != self._buffers or tail is not None:
            found.append(("M39a", "the list of NET_BUFFERs of a received NBL differs on return"))
        if any(_data(nb) != data or list(chain(nb.mdl_chain)) != mdls
               or (mdls and mdls[-1].next is not None)
               for nb, data, mdls in zip(self._buffers, self._data, self._mdls, strict=True)):
            found.append(("M43", "DataOffset, DataLength or the MDL chain differ on return"))
        return found

    def restore(self, nbl: NetBufferList) -> None:
        nbl.next = self._next
        nbl.first_net_buffer = self._buffers[0] if self._buffers else None
        followers = [*self._buffers[1:], None]
        for nb, data, mdls, following in zip(self._buffers, self._data, self._mdls, followers, strict=False):
            nb.data_offset, nb.data_length, nb.current_mdl, nb.current_mdl_offset = data
            nb.mdl_chain = mdls[0] if mdls else None
            nb.next = following
            for mdl, behind in zip(mdls, [*mdls[1:], None], strict=True):
                mdl.next = behind


def _data(nb: NetBuffer) -> _Data:
    return nb.data_offset, nb.data_length, nb.current_mdl, nb.current_mdl_offset
