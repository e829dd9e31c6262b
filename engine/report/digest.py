"""A run in a few sentences: the head of a report."""

from __future__ import annotations

from collections.abc import Iterator

from engine.report.report_model import FilterRow, Totals


def number_text(count: int) -> str:
    """Thousands apart by a narrow space that does not break."""
    return f"{count:,}".replace(",", "\u202f")


def digest(totals: Totals, filters: tuple[FilterRow, ...], stopped: str | None) -> str:
    """`The policy blocks 1 418 frames and absorbs 4 477. One filter of 13 was never evaluated, two never matched.`"""
    return " ".join(_sentences(totals, [one for one in filters if one.enforced], stopped))


def _sentences(totals: Totals, filters: list[FilterRow], stopped: str | None) -> Iterator[str]:
    if stopped is not None:
        yield f"The run ended early: {stopped}."
    blocked, absorbed = totals.outcomes.get("blocked", 0), totals.outcomes.get("absorbed", 0)
    if not filters:
        yield "No layer has a filter, so nothing is classified: each frame passes by default."
    elif blocked or absorbed:
        acts = [f"blocks {_frames(blocked)}"] if blocked else []
        acts += [f"absorbs {number_text(absorbed) if blocked else _frames(absorbed)}"] if absorbed else []
        yield f"The policy {' and '.join(acts)}."
    else:
        yield "The policy lets every frame pass that could be classified."
    if totals.injected:
        lost = f", of which {_count(totals.injections_failed, 'fails', 'fail')}" if totals.injections_failed else ""
        yield f"{_count(totals.injected, 'injection is', 'injections are')} accepted{lost}."
    if totals.injections_refused:
        yield f"{_count(totals.injections_refused, 'injection is', 'injections are')} refused."
    if skipped := totals.outcomes.get("skipped", 0):
        yield f"{_count(skipped, 'frame is', 'frames are')} skipped."
    idle = sum(not one.tested for one in filters)
    unmatched = sum(one.tested > 0 and not one.matched for one in filters)
    parts = [f"{number_text(idle)} never evaluated"] if idle else []
    parts += [f"{number_text(unmatched)} never matched"] if unmatched else []
    if parts:
        yield f"Of {_count(len(filters), 'filter', 'filters')}, {' and '.join(parts)}."


def _frames(count: int) -> str:
    return _count(count, "frame", "frames")


def _count(count: int, one: str, many: str) -> str:
    return f"{number_text(count)} {one if count == 1 else many}"
