"""Which NBLs have an address, or a run of bytes; what !ndiskd.nblpool -find tells. Source: callouts-nbl-injection 8."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.ndis.mdl import memory_address
from engine.ndis.snapshot import MdlSnapshot, NblId, NblSnapshot
from engine.trace.pools import is_over
from engine.trace.world import World

_ADDRESS = re.compile(r"(?:0x)?([0-9a-f]{8})`?([0-9a-f]{8})", re.IGNORECASE)
_BYTES = re.compile(r"[0-9a-f]{2}(?:[ :-]?[0-9a-f]{2})*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundIn:
    """An NBL that has it."""

    nbl: NblId
    mdl: str
    offset: int
    """Within the MDL, bytes."""


def find_nbls(world: World, text: str) -> list[FoundIn] | None:
    """The NBLs that are out and have an address (`ffff8000`00410000`) or bytes (`de ad be ef`) in an MDL of theirs.

    None where the text is neither.
    """
    text = text.strip()
    address = _ADDRESS.fullmatch(text)
    if address is not None:
        wanted = int(address[1] + address[2], 16)
        return [FoundIn(nbl.id, mdl.id, wanted - _begin(mdl)) for nbl, mdl in _mdls(world)
                if 0 <= wanted - _begin(mdl) < mdl.byte_count]
    if _BYTES.fullmatch(text) is None:
        return None
    data = bytes.fromhex(re.sub(r"[ :-]", "", text))
    found = []
    for nbl, mdl in _mdls(world):
        at = world.memories.get(mdl.memory, b"")[mdl.start:mdl.start + mdl.byte_count].find(data)
        if at >= 0:
            found.append(FoundIn(nbl.id, mdl.id, at))
    return found


def _mdls(world: World) -> list[tuple[NblSnapshot, MdlSnapshot]]:
    return [(nbl, mdl) for nbl in world.nbls.values() if not is_over(nbl)
            for buffer in nbl.net_buffers for mdl in buffer.mdls]


def _begin(mdl: MdlSnapshot) -> int:
    return memory_address(mdl.memory) + mdl.start
