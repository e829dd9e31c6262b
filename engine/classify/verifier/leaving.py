"""What a driver leaves behind, told when it is gone.

Source: callouts-nbl-injection 7 (M14, M20a, M20b, M26, M47, M63 to M65, M67).
"""

from __future__ import annotations

from engine.classify.host import Driver, Host
from engine.classify.verifier.waiting import first_line
from engine.ndis.nbl import NetBufferList
from engine.wfp.types import Guid

PHANTOM = "phantom"
"""In whose name a reference stands that was taken against the batch flag (CH-18)."""


def judge_unload(host: Host, driver: Driver) -> None:
    """M63 to M65, M67, M47: the unload routine, or a DriverEntry that failed, has returned; nothing may be left."""
    never_loaded = driver.name in host.bfe.not_loaded
    when = "when its DriverEntry has failed" if never_loaded else "at unload"
    over = when if never_loaded else "when the driver is unloaded"
    injections = [one for one in host.injections.values() if one.driver is driver]
    out = sum(one.outstanding for one in injections)
    waiting = host.ledger.work.get(driver.name, 0)
    left = [f"{out} injected NBLs"] if out else []
    if waiting:
        left.append(f"{waiting} work items or timers")
    if left:
        host.broken("M65", f"{' and '.join(left)} are under way {over}", driver=driver,
                    line=injections[0].line if injections else first_line(host, driver.name),
                    about=[nbl.id for one in injections for nbl in one.out])
    for handle in host.handles:
        if handle.driver == driver.name and handle.state != "CLOSED":
            host.broken("M64", f"{handle.id} is still open {when}", driver=driver, line=handle.line,
                        about=(handle.id,))
    for pool, (owner, line) in host.pools.items():
        if owner == driver.name:
            host.broken("M47", f"{pool} was never freed", driver=driver, line=line, about=(pool,))
    _judge_registrations(host, driver)
    for engine in host.bfe.engines:
        if engine.driver == driver.name and engine.is_open:
            host.broken("M47", f"engine session {engine.session.id} is still open {when}", driver=driver,
                        line=engine.line)
    for callback in host.bfe.power_callbacks:
        if callback.driver is driver:
            host.broken("M47", f"a power callback is still registered {when}", driver=driver, line=callback.line)


def _judge_registrations(host: Host, driver: Driver) -> None:
    for key, owner in host.callout_drivers.items():
        if owner is not driver:
            continue
        failed = host.bfe.unregister_failed.get(key)
        if failed is not None:
            host.broken("M67", f"unregistering callout {_name(host, key)} failed, and the driver was unloaded all the "
                        "same", driver=driver, line=failed, about=(f"callout {key}",))
        host.broken("M63", f"callout {_name(host, key)} is still registered at unload", driver=driver,
                    line=host.bfe.registrations[key].line or driver.script.name, about=(f"callout {key}",))


def _name(host: Host, key: Guid) -> str:
    known = host.policy.callouts.get(key)
    return key if known is None else repr(known.name)


def judge_wait(host: Host, driver: Driver) -> None:
    """M20b: a driver waits, nothing of its is under way, and an injection was refused to it."""
    out = any(one.driver is driver for one in host.injections.values())
    if not out and not host.ledger.work.get(driver.name) and driver.name in host.ledger.ever_refused:
        host.broken("M20b", "the wait never ends: no injection is under way; the count may hold one that was refused",
                    driver=driver)


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


def referrer(host: Host, nbl: NetBufferList, driver: str) -> tuple[Driver | None, str | None]:
    """Whose references these are, and where the latest was taken. A phantom reference is that of the latest taker."""
    name, line = host.ledger.reference_lines.get(nbl.id, ("", None))
    if driver in (name, PHANTOM):
        return host.drivers.get(name), line
    return host.drivers.get(driver), None


def judge_references(host: Host) -> None:
    """M26: a clone was refused for another's batch flag, and the way out of that forgot the reference."""
    ledger = host.ledger
    for (id_, driver), line in sorted(ledger.victims.items()):
        if ledger.balance.get((id_, driver), 0) > 0:
            host.broken("M26", f"{driver} was refused a clone of {id_} for another callout's batch flag and never gave "
                        "its reference back", host.nbls.get(id_), driver=host.drivers.get(driver), line=line)
