"""What must hold of every NBL at every moment. Source: callouts-nbl-injection 5.3, 5.5 (I1, I2, I4)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.ndis.mdl import Mdl, chain
from engine.ndis.nbl import NetBufferList
from engine.ndis.nbl_flags import contradictions
from engine.ndis.net_buffer import NetBuffer


def broken_invariants(nbl: NetBufferList) -> Iterator[str]:
    """Say what does not hold, each with its number."""
    if _comes_round(nbl):
        yield "I4: Next leads round in a circle"
    if _comes_round(nbl.first_net_buffer):
        yield "I4: the list of NET_BUFFERs leads round in a circle"
    for nb in nbl.net_buffers():
        if _comes_round(nb.mdl_chain):
            yield "I4: the MDL chain leads round in a circle"
        room = sum([mdl.byte_count for mdl in chain(nb.mdl_chain)])
        if nb.data_offset + nb.data_length > room:
            yield (f"I1: DataOffset {nb.data_offset} and DataLength {nb.data_length} reach beyond the {room} bytes of "
                   "the MDL chain")
        elif not _points_at_offset(nb):
            yield f"I2: CurrentMdl and CurrentMdlOffset do not point at byte {nb.data_offset} of the chain"
    if nbl.nbl_flags:
        for words in contradictions(nbl.nbl_flags):
            yield f"NblFlags: {words}"


def _comes_round(first: NetBufferList | NetBuffer | Mdl | None) -> bool:
    if (None if first is None else first.next) is None:
        return False
    seen: set[int] = set()
    while first is not None:
        if id(first) in seen:
            return True
        seen.add(id(first))
        first = first.next
    return False


def _points_at_offset(nb: NetBuffer) -> bool:
    left = nb.data_offset
    for mdl in chain(nb.mdl_chain):
        if mdl is nb.current_mdl and left == nb.current_mdl_offset and left <= mdl.byte_count:
            return True
        if left < mdl.byte_count:
            return False
        left -= mdl.byte_count
    return nb.mdl_chain is None
