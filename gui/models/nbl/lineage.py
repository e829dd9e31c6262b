"""Which NBLs stand beside the one in focus: its lineage, and whatever is chained or injected with that."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest

from engine.ndis.snapshot import NblId, NblSnapshot, NblState
from engine.trace.world import World

DRAWN_AT_MOST = 128
"""More boxes than this help nobody: the title says how many others there are."""


@dataclass(frozen=True, slots=True)
class Chain:
    """NBLs linked by Next, in that order; often one alone."""

    nbls: tuple[NblId, ...]
    generation: int
    """0 when none of them has a shown parent, else one more than the highest of their parents."""


@dataclass(frozen=True, slots=True)
class Family:
    """What is shown for a frame."""

    chains: tuple[Chain, ...] = ()
    """Parents before their clones."""
    left_out: int = 0
    calls: tuple[tuple[NblId, ...], ...] = ()
    """NBLs that one call injected as a chain, in the order of the call, those that are shown."""

    @property
    def nbls(self) -> tuple[NblId, ...]:
        return tuple(id_ for chain in self.chains for id_ in chain.nbls)

    @property
    def is_chained(self) -> bool:
        """Some NBL has a Next, or had one when it was injected."""
        return bool(self.calls) or any(len(chain.nbls) > 1 for chain in self.chains)


def order_key(id_: NblId) -> tuple[int, int]:
    """Frame, then copy, as numbers."""
    frame, _, copy = id_.partition(".")
    return int(frame), int(copy)


def family_of(world: World, frame: int, most: int = DRAWN_AT_MOST) -> Family:
    """Everything around one frame's NBLs at the cursor.

    `most` boxes are kept: what the last step changed, then the frame's own, then live ones before freed ones.
    """
    found = _related(world, frame)
    kept = found if len(found) <= most else _first(world, frame, found, most)
    nbls = {id_: world.nbls[id_] for id_ in sorted(kept, key=order_key)}
    links = _chains(nbls)
    generations = _generations(nbls)
    chains = [Chain(link, max(generations[id_] for id_ in link)) for link in links]
    chains.sort(key=lambda chain: (chain.generation, order_key(chain.nbls[0])))
    return Family(tuple(chains), len(found) - len(nbls), _calls(world, nbls))


def _first(world: World, frame: int, found: set[NblId], most: int) -> list[NblId]:
    changed = set(world.changed)

    def rank(id_: NblId) -> tuple[bool, bool, bool, tuple[int, int]]:
        nbl = world.nbls[id_]
        return id_ not in changed, nbl.frame != frame, nbl.state is NblState.FREED, order_key(id_)

    return nsmallest(most, found, key=rank)


def _calls(world: World, nbls: dict[NblId, NblSnapshot]) -> tuple[tuple[NblId, ...], ...]:
    """An NBL that was injected more than once belongs to its last call."""
    found = []
    for id_ in dict.fromkeys(nbl.history[-1].injection for nbl in nbls.values() if nbl.history):
        injection = world.injections.get(id_)
        sent = () if injection is None else injection.nbls
        shown = tuple(nbl for nbl in sent if nbl in nbls and nbls[nbl].history[-1].injection == id_)
        if len(shown) > 1:
            found.append(shown)
    return tuple(found)


def _related(world: World, frame: int) -> set[NblId]:
    """The lineage, what was injected together with it or is reached from it by Next, and the parents of all those."""
    found = {nbl.id for nbl in world.frame_nbls(frame)}
    before: dict[NblId, list[NblId]] = {}
    mates: dict[int, list[NblId]] = {}
    for nbl in world.nbls.values():
        if nbl.next is not None:
            before.setdefault(nbl.next, []).append(nbl.id)
        if nbl.history:
            mates.setdefault(nbl.history[-1].injection, []).append(nbl.id)
    waiting = list(found)
    while waiting:
        nbl = world.nbls[waiting.pop()]
        near = [nbl.next, nbl.parent, *before.get(nbl.id, ())]
        if nbl.history:
            # Removed from here: each injection is looked through once.
            near += mates.pop(nbl.history[-1].injection, ())
        new = {id_ for id_ in near if id_ is not None and id_ in world.nbls and id_ not in found}
        found |= new
        waiting += new
    return found


def _chains(nbls: dict[NblId, NblSnapshot]) -> list[tuple[NblId, ...]]:
    """Each NBL once. A Next that leads to an NBL already placed, as in a cycle, starts no second place for it."""
    targets = {nbl.next for nbl in nbls.values()}
    heads = [id_ for id_ in nbls if id_ not in targets]
    placed: set[NblId] = set()
    chains = []
    for head in (*heads, *nbls):  # those of a cycle have no head: each is tried in the end
        chain = []
        id_: NblId | None = head
        while id_ is not None and id_ in nbls and id_ not in placed:
            placed.add(id_)
            chain.append(id_)
            id_ = nbls[id_].next
        if chain:
            chains.append(tuple(chain))
    return chains


def _generations(nbls: dict[NblId, NblSnapshot]) -> dict[NblId, int]:
    found: dict[NblId, int] = {}
    for id_, nbl in nbls.items():
        depth, at, seen = 0, nbl.parent, {id_}
        while at is not None and at in nbls and at not in seen:
            seen.add(at)
            depth, at = depth + 1, nbls[at].parent
        found[id_] = depth
    return found
