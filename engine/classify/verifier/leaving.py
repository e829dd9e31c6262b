"""What a driver leaves behind, told when it is gone.

Source: callouts-nbl-injection 7 (M14, M20a, M26, M65).
"""

from __future__ import annotations

from engine.classify.host import Driver, Host
from engine.ndis.nbl import NetBufferList


def judge_unload(host: Host, driver: Driver) -> None:
    """M65: `stop` has returned; nothing of the driver's may be under way any more."""
    out = sum(one.outstanding for one in host.injections.values() if one.driver is driver)
    waiting = host.ledger.work.get(driver.name, 0)
    left = [f"{out} injected NBLs"] if out else []
    if waiting:
        left.append(f"{waiting} work items or timers")
    if left:
        host.broken("M65", f"{' and '.join(left)} are under way when the driver is unloaded", driver=driver,
                    line=driver.script.name)


def judge_leak(host: Host, nbl: NetBufferList) -> None:
    """An NBL of a driver was never freed: say what led there."""
    refused = host.ledger.refused.get(nbl.id)
    if refused is not None:
        name, line = refused
        host.broken("M20a", f"the injection of {nbl.id} was refused, and the driver, whose it stayed, never freed it",
                    nbl, driver=host.drivers.get(name), line=line)
    left_over = host.ledger.left_over.get(nbl.id)
    if left_over is not None:
        name, line = left_over
        host.broken("M14", f"{nbl.id} came back in a segment of which others were freed, and never was", nbl,
                    driver=host.drivers.get(name), line=line)


def judge_references(host: Host) -> None:
    """M26: a clone was refused for another's batch flag, and the way out of that forgot the reference."""
    ledger = host.ledger
    for (id_, driver), line in sorted(ledger.victims.items()):
        if ledger.balance.get((id_, driver), 0) > 0:
            host.broken("M26", f"{driver} was refused a clone of {id_} for another callout's batch flag and never gave "
                        "its reference back", host.nbls.get(id_), driver=host.drivers.get(driver), line=line)
