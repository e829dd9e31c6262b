"""Pending NBLs, pools and the log of an NBL in the cells of a table."""

from __future__ import annotations

from collections.abc import Sequence

from engine.classify.options import EngineOptions
from engine.ndis.snapshot import NblId, NblKind
from engine.report.html import seconds_text
from engine.report.ledgers.left_over import MARKS_STUCK, limits_of
from engine.report.ledgers.nbl_log import LogRow, balances
from engine.report.ledgers.pending import Pending
from engine.report.ledgers.pool_rows import PoolRow, SiteRow
from gui.models.findings import SEVERITY_MARKS
from gui.models.ledgers.model import LedgerRow
from gui.widgets.cell import Cell
from gui.widgets.roles import Tone

PENDING = ("NBL", "Held by", "Why", "Age", "Allocated at", "Since")
POOLS = ("Pool", "Owner", "Allocated", "Out", "State", "Made at")
LOG = ("NBL", "IRQL", "Event", "Detail", "By", "Holders", "At", "Step")
"""Those of !ndiskd.nbllog first."""
NAMED = 3
_KINDS = {NblKind.REASSEMBLED: "joined"}


def pending_rows(found: Sequence[Pending], options: EngineOptions) -> list[LedgerRow]:
    limits, marks = limits_of(options), int(options.recording_level) >= MARKS_STUCK
    rows = []
    for one in found:
        severity = limits.severity(one.age_ns) if marks else ""
        mark = SEVERITY_MARKS[severity] if severity else None
        cells = (
            Cell(text=one.nbl, mono=True, secondary=_KINDS.get(one.kind, one.kind.value.lower())),
            Cell(text=one.holder, tone=Tone.STRONG),
            Cell(text=one.why, mark=mark),
            Cell(text=seconds_text(one.age_ns), number=True),
            Cell(text=one.line, mono=True, tone=Tone.SECONDARY),
            Cell(text=f"#{one.since_seq}", number=True, tone=Tone.SECONDARY),
        )
        tip = f"{one.nbl}, {one.state.value}, pool {one.pool}" if one.pool else f"{one.nbl}, {one.state.value}"
        rows.append(LedgerRow(cells=cells, seq=one.since_seq, nbl=one.nbl, tip=tip))
    return rows


def pool_lines(found: Sequence[PoolRow]) -> list[LedgerRow]:
    """Each pool, and below it the lines that allocate from it."""
    rows = []
    for pool in found:
        lost = pool.is_freed and pool.out
        cells = (
            Cell(text=pool.id, tone=Tone.STRONG),
            Cell(text=pool.owner),
            Cell(text="" if pool.allocated is None else str(pool.allocated), number=True),
            Cell(text=str(pool.out), number=True, tone=Tone.STRONG if pool.out else Tone.DIM),
            Cell(text=pool.state, mark="error" if lost else None, tone=Tone.NORMAL if pool.out else Tone.DIM),
            Cell(text=pool.line, mono=True, tone=Tone.SECONDARY),
        )
        rows.append(LedgerRow(cells=cells, seq=pool.seq))
        rows += [_site(site) for site in pool.sites if site.line]
    return rows


def _site(site: SiteRow) -> LedgerRow:
    more = f" and {len(site.nbls) - NAMED} more" if len(site.nbls) > NAMED else ""
    out = ", ".join(site.nbls[:NAMED]) + more
    cells = (
        Cell(text=f"    {site.line}", mono=True, tone=Tone.SECONDARY),
        Cell(),
        Cell(text=str(site.allocated), number=True, tone=Tone.SECONDARY),
        Cell(text=str(site.out), number=True, tone=Tone.NORMAL if site.out else Tone.DIM),
        Cell(text=out, mono=True, tone=Tone.SECONDARY),
        Cell(),
    )
    first = site.nbls[0] if site.nbls and "." in site.nbls[0] else None
    return LedgerRow(cells=cells, nbl=None if first is None else NblId(first), tip=", ".join(site.nbls))


def log_rows(found: Sequence[LogRow]) -> list[LedgerRow]:
    rows = []
    for one in found:
        change = {1: "+1", -1: "-1"}.get(one.change, "")
        cells = (
            Cell(text=one.nbl, mono=True),
            Cell(text="DPC" if one.irql else "", tone=Tone.DIM),
            Cell(text=one.event, tone=Tone.STRONG if one.change else Tone.NORMAL),
            Cell(text=one.detail),
            Cell(text=one.who),
            Cell(text=str(one.held) if one.held or change else "", secondary=change, number=True),
            Cell(text=one.line, mono=True, tone=Tone.SECONDARY),
            Cell(text=f"#{one.seq}", number=True, tone=Tone.SECONDARY),
        )
        tip = " › ".join(one.stack) or " ".join(part for part in (one.event, one.detail) if part)
        rows.append(LedgerRow(cells=cells, seq=one.seq, nbl=one.nbl, tip=tip))
    return rows


def balance_text(found: Sequence[LogRow]) -> str:
    """`driver holds 2`, or that nobody holds it."""
    held = balances(found)
    return ", ".join(f"{who} holds {count}" for who, count in sorted(held.items())) or "nobody holds it"
