"""Clones given back changed, retreats that failed, data that was not there, a clone refused for another's batch flag.

Source: callouts-nbl-injection 7 (M26, M45, M60, M61).
"""

from __future__ import annotations

from engine.classify.host import Driver, Host
from engine.classify.verifier.ledger import Shape
from engine.ndis.mdl import chain
from engine.ndis.nbl import NetBufferList


def shape(nbl: NetBufferList) -> Shape:
    """NET_BUFFERs and MDLs of an NBL as they hang together now."""
    return tuple([(nb, tuple(chain(nb.mdl_chain))) for nb in nbl.net_buffers()])


def judge_clone_free(host: Host, nbl: NetBufferList) -> None:
    """M45: a clone is freed; its lists must be those of its allocation."""
    was = host.ledger.shapes.pop(nbl.id, None)
    if was is None:
        return
    now = shape(nbl)
    if now != was:
        what = "MDL chain" if [nb for nb, _ in now] == [nb for nb, _ in was] else "list of NET_BUFFERs"
        host.broken("M45", f"the {what} of clone {nbl.id} is not what it was when it was allocated", nbl)


def clone_refused(host: Host, nbl: NetBufferList, driver: str, line: str) -> None:
    """M26, told at the end: a clone was refused for the batch flag of another's callout."""
    if not host.batch_call:
        host.ledger.victims[nbl.id, driver] = line


def count_reference(host: Host, nbl: NetBufferList, driver: str, line: str, step: int) -> None:
    """A driver has asked for a reference (+1) or given one back (-1)."""
    ledger, key = host.ledger, (nbl.id, driver)
    ledger.balance[key] = ledger.balance.get(key, 0) + step
    if step > 0:
        ledger.reference_lines[nbl.id] = driver, line
    if not ledger.balance[key]:
        del ledger.balance[key]


def used_after_failed_retreat(host: Host, nbl: NetBufferList, what: str) -> None:
    """M61: the retreat failed, and the function goes on as if it had not; told once."""
    if nbl.id in host.ledger.failed_retreats:
        host.ledger.failed_retreats.discard(nbl.id)
        host.broken("M61", f"{what} of {nbl.id} after a retreat that failed", nbl)


def judge_failure(host: Host, driver: Driver, reason: str, line: str | None) -> None:
    """M60: a script stumbles over the NULL that NdisGetDataBuffer has given it."""
    if host.ledger.null_data and "NoneType" in reason:
        host.broken("M60", "NdisGetDataBuffer returned NULL, and its result was used", driver=driver, line=line)
