"""Run-time callouts come and go: FwpsCalloutRegister0 to 3 and FwpsCalloutUnregister.

Source: callouts-nbl-injection 1.1 to 1.3, 7 (M27); CH-02, CH-04.
"""

from __future__ import annotations

from engine.classify.bfe import Registration
from engine.classify.host import BATCH, Driver, Host
from engine.classify.verifier.registration import judge_flow
from engine.trace import events as ev
from engine.wfp.types import Guid

OLDEST_WITH_BATCH = 2
"""FWPS_CALLOUT2."""


def register(host: Host, driver: Driver, key: Guid, flags: int, *, version: int = 2,
             has_flow_delete: bool = False, line: str = "") -> Registration:
    """The callout is invoked from now on. Whoever has the key already has been asked before."""
    effective = flags
    if version < OLDEST_WITH_BATCH and flags & BATCH:
        effective = flags & ~BATCH
        host.broken("M27", f"FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY in FWPS_CALLOUT{version} is ignored: it gets one "
                    "NBL for each call", driver=driver, line=line or None)
    registration = Registration(host.bfe.next_registration, driver.name, effective, version, has_flow_delete, line)
    host.bfe.next_registration += 1
    host.bfe.registrations[key] = registration
    host.callout_drivers[key] = driver
    if key not in driver.instances:  # a key that the policy does not know
        first = next(iter(driver.instances))
        driver.instances[key], driver.lines[key] = driver.instances[first], driver.lines[first]
    host.emit(ev.CalloutRegistered(key, driver.name, flags, registration.id, version))
    judge_flow(host, key)
    return registration


def unregister(host: Host, driver: Driver, key: Guid) -> None:
    """Filters that name it act by their default from now on."""
    del host.bfe.registrations[key], host.callout_drivers[key]
    host.bfe.unregister_failed.pop(key, None)
    host.emit(ev.CalloutUnregistered(key, driver.name))
