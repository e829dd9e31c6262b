"""How long frames are held, and the stall when a ring or a send window holds nothing else.

Source: callouts-nbl-injection 2.5, 7 (M48), A.7; CH-36.
"""

from __future__ import annotations

from collections import Counter

from engine.classify.host import Driver, Host, Steps
from engine.classify.verifier.ledger import Hold
from engine.frames.frame import INBOUND, Direction
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import ABSORBED_HELD
from engine.trace import events as ev
from engine.wfp.types import Guid

SECOND_NS = 1_000_000_000
NEVER_NS = 2**63
STALL_PATIENCE_NS = 1_000_000
"""So long an arrival waits for a place in the ring or the window before the direction counts as stalled."""


def began(host: Host, nbl: NetBufferList, direction: Direction) -> None:
    """The NBL waits for its holders from now on."""
    ledger = host.ledger
    ledger.holds[0][nbl.id] = Hold(nbl, direction, host.now_ns)
    ledger.ages_due_ns = min(ledger.ages_due_ns, host.now_ns + host.choices.hold_limits[0][0])


def keeps(host: Host, nbl: NetBufferList) -> bool:
    """The driver that runs has absorbed what another has injected, and has a reference of it."""
    driver = host.driver
    if driver is None or nbl.injection is None or nbl.state is not ABSORBED_HELD:
        return False
    return nbl.references.get(driver.name, 0) > 0 and host.injections[nbl.injection].driver is not driver


def ended(host: Host, nbl: NetBufferList) -> None:
    """Its last holder has gone."""
    ledger, is_last = host.ledger, True
    for book in ledger.holds:
        if book:
            book.pop(nbl.id, None)
            is_last = is_last and not book
    if is_last:
        ledger.ages_due_ns = NEVER_NS
    ledger.reference_lines.pop(nbl.id, None)


def tell_ages(host: Host) -> Steps[None]:
    """What has been held too long, and whatever waits in `host.pending`."""
    if host.stopped is None:
        judge_ages(host)
        yield from host.flush()


def judge_ages(host: Host) -> None:
    """M48: told once at each limit, at the first thing that happens after it."""
    holds = host.ledger.holds
    for place, (limit_ns, severity) in enumerate(host.choices.hold_limits):
        book = holds[place]
        while book:
            hold = next(iter(book.values()))
            if host.now_ns - hold.since_ns < limit_ns:
                break
            del book[hold.nbl.id]
            holds[place + 1][hold.nbl.id] = hold
            driver, line = holder(host, hold.nbl)
            seconds = f"{limit_ns / SECOND_NS:g}"
            place_before, host.frame = host.frame, hold.nbl.frame
            host.broken("M48", f"{hold.nbl.id} has been held for {seconds} s ({hold.nbl.reference_count} references, "
                        f"{hold.nbl.child_ref_count} clones)", hold.nbl, driver=driver, line=line, severity=severity)
            host.frame = place_before
    host.ledger.ages_due_ns = _next_age_ns(host)


def _next_age_ns(host: Host) -> int:
    oldest = [(next(iter(book.values())), limit_ns)
              for book, (limit_ns, _) in zip(host.ledger.holds, host.choices.hold_limits, strict=False) if book]
    return min([hold.since_ns + limit_ns for hold, limit_ns in oldest], default=NEVER_NS)


def held(host: Host, direction: Direction, interface: int) -> list[Hold]:
    """Holds that take a place in the ring of the interface or in its send window, the oldest first."""
    found = [hold for book in reversed(host.ledger.holds) for hold in book.values()]
    return [hold for hold in found if hold.direction is direction and hold.nbl.interface_index == interface
            and hold.nbl.injection is None]


def is_full(host: Host, direction: Direction, interface: int) -> bool:
    """2.5: the ring, or the window, holds nothing but frames that somebody keeps."""
    size = host.options.rx_ring_size if direction is INBOUND else host.options.tx_window
    return sum(map(len, host.ledger.holds)) >= size and len(held(host, direction, interface)) >= size


def judge_stall(host: Host, direction: Direction, interface: int) -> str | None:
    """Why a frame cannot arrive; None when it can. The beginning of a stall is told once (M48, fatal)."""
    key = direction, interface
    if not is_full(host, direction, interface):
        host.ledger.stalled.discard(key)
        return None
    books = held(host, direction, interface)
    what = "receive ring" if direction is INBOUND else "send window"
    if key not in host.ledger.stalled:
        host.ledger.stalled.add(key)
        oldest = books[0]
        holders = Counter(found.name for found in (holder(host, hold.nbl)[0] for hold in books) if found is not None)
        age_ms = (host.now_ns - oldest.since_ns) / 1e6
        driver, line = holder(host, oldest.nbl)
        age = f"the oldest for {age_ms:g} ms"
        host.emit(ev.StallDetected(direction.value, interface, len(books), dict(sorted(holders.items())),
                                   None if oldest.nbl.taker is None else Guid(oldest.nbl.taker), oldest.nbl.id,
                                   host.now_ns - oldest.since_ns))
        by = ", ".join(f"{name} {count}" for name, count in sorted(holders.items())) or "nobody who could let go"
        host.broken("M48", f"{direction.value} stalls on interface {interface}: its {what} is full of {len(books)} "
                    f"held NBLs ({by}), {age}", oldest.nbl, driver=driver, line=line, severity="F")
    return f"the {what} of interface {interface} is full of {len(books)} held NBLs"


def holder(host: Host, nbl: NetBufferList) -> tuple[Driver | None, str | None]:
    """A driver that holds it, and the line where it began to."""
    name, line = host.ledger.reference_lines.get(nbl.id, (None, None))
    if name is not None and nbl.reference_count:
        return host.drivers.get(name), line
    lineage = host.lineages.get(nbl.frame)
    for id_ in sorted(lineage.live) if lineage is not None else ():
        clone = host.nbls.get(id_)
        if clone is not None and clone.parent is nbl:
            return host.drivers.get(clone.allocated_by or ""), clone.origin
    return None, None
