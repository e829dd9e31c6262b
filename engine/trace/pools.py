"""Pools and MDLs as the trace tells them: what was allocated where. Source: callouts-nbl-injection 5.8, 8."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.ndis.snapshot import NblId, NblKind, NblSnapshot, NblState
from engine.trace import events as ev
from engine.trace.record import Record

NDIS_POOL = "NDIS default pool"
"""Of clones and other derived NBLs for which a driver named none."""


@dataclass(slots=True)
class Pool:
    """One pool. What is out of it is counted from the NBLs that live."""

    id: str
    owner: str
    line: str
    """Where it was made; empty for the system's own."""
    seq: int
    allocated: int = 0
    sites: dict[str, int] = field(default_factory=dict)
    """NBLs that were allocated, by the line that did it."""
    is_freed: bool = False

    def copy(self) -> Pool:
        return Pool(self.id, self.owner, self.line, self.seq, self.allocated, dict(self.sites), self.is_freed)


@dataclass(frozen=True, slots=True)
class MdlOut:
    """An MDL that a driver has allocated and not freed."""

    id: str
    driver: str
    line: str
    seq: int
    time_ns: int


@dataclass(slots=True)
class PoolBook:
    """All pools of a run so far, the MDLs that are out, and whose the references are."""

    pools: dict[str, Pool] = field(default_factory=dict)
    mdls: dict[str, MdlOut] = field(default_factory=dict)
    references: dict[NblId, dict[str, int]] = field(default_factory=dict)
    """References that drivers have of NBLs that wait for them."""

    def copy(self) -> PoolBook:
        return PoolBook({id_: pool.copy() for id_, pool in self.pools.items()}, dict(self.mdls),
                        {nbl: dict(held) for nbl, held in self.references.items()})

    def take(self, record: Record) -> None:
        """Take in a record of one of `KINDS`; others say nothing of pools."""
        move = KINDS.get(type(record.event))
        if move is not None:
            move(self, record, record.event)

    def count(self, snapshot: NblSnapshot, record: Record, line: str) -> None:
        """An NBL was allocated."""
        id_ = pool_of(snapshot)
        pool = self.pools.get(id_)
        if pool is None:
            pool = self.pools[id_] = Pool(id_, "NDIS" if id_ == NDIS_POOL else id_.partition(" ")[0], "", record.seq)
        pool.allocated += 1
        pool.sites[line] = pool.sites.get(line, 0) + 1


def pool_of(snapshot: NblSnapshot) -> str:
    return snapshot.pool or NDIS_POOL


def is_over(snapshot: NblSnapshot) -> bool:
    """Nobody has this NBL any more: it is freed, or an original that is back where it came from."""
    if snapshot.kind is NblKind.ORIGINAL:
        return snapshot.state in (NblState.RETURNED, NblState.COMPLETED)
    return snapshot.state is NblState.FREED


def _entered(book: PoolBook, record: Record, event: ev.FrameEntered) -> None:
    for snapshot in event.changed[:1]:
        if snapshot.frame == event.number:  # else it shares the NBL of a frame before it
            book.count(snapshot, record, "")


def _allocated(book: PoolBook, record: Record, event: ev.NblAllocated | ev.NblCloned) -> None:
    """What is new stands last; where nothing is, the call has failed."""
    new = event.clone if isinstance(event, ev.NblCloned) else event.nbl
    for snapshot in event.changed[-1:] if new is not None else ():
        book.count(snapshot, record, event.line)


def _freed(book: PoolBook, _: Record, event: ev.NblFreed) -> None:
    """The MDLs that the engine had made for the NBL go with it."""
    for buffer in event.changed[0].net_buffers if event.changed else ():
        for mdl in buffer.mdls:
            if mdl.owner == "engine":
                book.mdls.pop(mdl.id, None)


def _referenced(book: PoolBook, _: Record, event: ev.NblReferenced) -> None:
    held = book.references.setdefault(event.nbl, {})
    held[event.driver] = held.get(event.driver, 0) + 1


def _dereferenced(book: PoolBook, _: Record, event: ev.NblDereferenced) -> None:
    held = book.references.get(event.nbl, {})
    held[event.driver] = held.get(event.driver, 0) - 1
    if not event.count:
        book.references.pop(event.nbl, None)


def _mdl_allocated(book: PoolBook, record: Record, event: ev.MdlAllocated) -> None:
    book.mdls[event.mdl] = MdlOut(event.mdl, event.driver, event.line, record.seq, record.time_ns)


def _mdl_freed(book: PoolBook, _: Record, event: ev.MdlFreed) -> None:
    book.mdls.pop(event.mdl, None)


def _pool_allocated(book: PoolBook, record: Record, event: ev.PoolAllocated) -> None:
    book.pools[event.pool] = Pool(event.pool, event.driver, event.line, record.seq)


def _pool_freed(book: PoolBook, _: Record, event: ev.PoolFreed) -> None:
    if event.pool in book.pools:
        book.pools[event.pool].is_freed = True


KINDS: dict[type[Any], Callable[[PoolBook, Record, Any], None]] = {
    ev.FrameEntered: _entered,
    ev.NblAllocated: _allocated,
    ev.NblCloned: _allocated,
    ev.NblFreed: _freed,
    ev.NblReferenced: _referenced,
    ev.NblDereferenced: _dereferenced,
    ev.MdlAllocated: _mdl_allocated,
    ev.MdlFreed: _mdl_freed,
    ev.PoolAllocated: _pool_allocated,
    ev.PoolFreed: _pool_freed,
}
