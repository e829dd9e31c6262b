"""Pools with what is out of them, by the line that allocated it; what !ndiskd.nblpool and .nbpool tell.

Source: callouts-nbl-injection 8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from engine.ndis.snapshot import NblId, NblSnapshot
from engine.trace.pools import PoolBook, is_over, pool_of

MDLS = "MDLs"


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One line of a script that allocates."""

    line: str
    """Empty for what the system allocates itself."""
    allocated: int
    out: int
    nbls: tuple[str, ...]
    """What is out, in order of its allocation; MDLs by id."""


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One pool. `allocated` is None for MDLs, which no pool counts."""

    id: str
    owner: str
    line: str
    seq: int
    allocated: int | None
    out: int
    is_freed: bool
    sites: tuple[SiteRow, ...]

    @property
    def state(self) -> str:
        if not self.is_freed:
            return "in use" if self.out else "idle"
        return "freed while NBLs of it were out" if self.out else "freed"


def pool_rows(book: PoolBook, nbls: Mapping[NblId, NblSnapshot]) -> list[PoolRow]:
    """A row for each pool, in order of their first use, and one for the MDLs that are out."""
    out: dict[str, dict[str, list[str]]] = {}
    for nbl in nbls.values():
        if not is_over(nbl):
            out.setdefault(pool_of(nbl), {}).setdefault(nbl.origin or "", []).append(nbl.id)
    rows = []
    for pool in book.pools.values():
        of_pool = out.get(pool.id, {})
        sites = tuple(
            SiteRow(line, pool.sites.get(line, 0), len(of_pool.get(line, ())), tuple(of_pool.get(line, ())))
            for line in dict.fromkeys((*pool.sites, *of_pool)))
        rows.append(PoolRow(pool.id, pool.owner, pool.line, pool.seq, pool.allocated,
                            sum(site.out for site in sites), pool.is_freed, sites))
    return [*rows, *_mdls(book)]


def _mdls(book: PoolBook) -> list[PoolRow]:
    if not book.mdls:
        return []
    by_line: dict[str, list[str]] = {}
    for mdl in book.mdls.values():
        by_line.setdefault(mdl.line, []).append(mdl.id)
    first = next(iter(book.mdls.values()))
    drivers = Counter(mdl.driver for mdl in book.mdls.values())
    sites = tuple(SiteRow(line, len(mdls), len(mdls), tuple(mdls)) for line, mdls in by_line.items())
    return [PoolRow(MDLS, ", ".join(drivers), "", first.seq, None, len(book.mdls), False, sites)]
