"""How long a classify call would take. Source: callouts-nbl-injection 1.5, 7 (M70).

Python's own time says nothing of a driver in C. What is counted is what such a driver would do as often: turns of
loops, calls of its functions, bytes of frames. Costs move no clock: a slow callout is told of, and
nothing else changes.
"""

from __future__ import annotations

from engine.classify.host import Driver, Host
from engine.ndis.nbl import NetBufferList
from engine.wfp.objects import Filter

STEP_NS, BYTE_NS = 10, 1


def judge_cost(host: Host, driver: Driver, filter_: Filter, nbl: NetBufferList) -> None:
    """M70: a classify call has returned. Told once for each callout."""
    ledger, callout = host.ledger, filter_.callout
    cost_ns = ledger.steps * STEP_NS + ledger.bytes * BYTE_NS
    if cost_ns <= host.options.classify_budget_ns or callout is None or ("M70", callout, 0) in ledger.told:
        return
    ledger.told.add(("M70", callout, 0))
    host.broken("M70", f"the call costs some {cost_ns / 1000:g} µs at DISPATCH_LEVEL: {ledger.steps} loop turns and "
                f"calls, {ledger.bytes} bytes", nbl, driver=driver, line=driver.lines[callout])
