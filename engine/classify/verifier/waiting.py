"""Work items and timers that wait, and where they were queued. Source: callouts-nbl-injection 7 (M65)."""

from __future__ import annotations

from engine.classify.host import Host


def queued(host: Host, driver: str, line: str) -> None:
    """A driver has queued a work item or set a timer at this line."""
    ledger = host.ledger
    ledger.work[driver] = ledger.work.get(driver, 0) + 1
    lines = ledger.work_lines.setdefault(driver, {})
    lines[line] = lines.get(line, 0) + 1


def taken_off(host: Host, driver: str, line: str) -> None:
    """It runs now, or was cancelled."""
    host.ledger.work[driver] -= 1
    lines = host.ledger.work_lines[driver]
    lines[line] -= 1
    if not lines[line]:
        del lines[line]


def first_line(host: Host, driver: str) -> str | None:
    """Where the driver queued something that still waits."""
    return next(iter(host.ledger.work_lines.get(driver, ())), None)
