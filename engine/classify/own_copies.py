"""NBLs whose data the engine copies for whoever keeps them.

Source: callouts-nbl-injection 1.5, 7 (M62); CH-07, CH-35.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.classify.host import Host
from engine.ndis.mdl import Memory, chain
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import MemoryId
from engine.trace import events as ev


def own_copy(host: Host, nbls: Sequence[NetBufferList], of: NetBufferList, reason: str) -> None:
    """Give these NBLs other memory (EV_DEEP_COPY_BY_ENGINE), and let those that share it now share it then."""
    lineage = host.lineage(of.frame)
    copies: dict[MemoryId, Memory] = {}
    for nbl in nbls:
        for nb in nbl.net_buffers():
            for mdl in chain(nb.mdl_chain):
                if mdl.allocated_by is not None:
                    continue  # the driver's own memory stays its own
                old = mdl.memory
                if old.id not in copies:
                    copies[old.id] = Memory(lineage.new_memory(), bytearray(old.data), "engine")
                mdl.move_to(copies[old.id])
    memories = {memory.id: bytes(memory.data) for memory in copies.values()}
    host.emit(ev.DeepCopiedByEngine(of.id, reason, memories, changed=tuple(nbl.snapshot() for nbl in nbls)))


def reclaimed(host: Host, nbl: NetBufferList) -> None:
    """The miniport wants an NBL back that somebody keeps (M62)."""
    if host.options.resources_hold == "unprotected":
        host.broken("M62", f"{nbl.id} came with NDIS_RECEIVE_FLAGS_RESOURCES and is kept: the miniport has it back "
                    "when the indication returns", nbl)
        return
    nbl.is_lent = False
    host.broken("M62", f"{nbl.id} came with NDIS_RECEIVE_FLAGS_RESOURCES and is kept: the engine copies its data", nbl,
                severity="I")
    sharers = [host.nbls[id_] for id_ in sorted(host.lineage(nbl.frame).live) if id_ in host.nbls]
    own_copy(host, [one for one in sharers if one is nbl or one.parent is nbl], nbl, "NDIS_RECEIVE_FLAGS_RESOURCES")
