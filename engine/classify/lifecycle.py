"""Drivers start and go: DriverEntry, registration, unload, and code of a driver that is gone.

Source: callouts-nbl-injection 1.3, 6.12 (T11).
"""

from __future__ import annotations

from copy import deepcopy

from engine.callouts.api import Callout
from engine.classify.host import PASSIVE_LEVEL, Driver, Host, Steps
from engine.classify.registering import register, unregister
from engine.classify.scripts import run_script
from engine.classify.verifier.leaving import judge_unload
from engine.ndis.status import nt_success
from engine.trace import events as ev
from engine.wfp.document import PolicyDocument
from engine.wfp.types import Guid
from engine.wfp.validation import key_of


def start_drivers(host: Host, document: PolicyDocument) -> Steps[None]:
    """DriverEntry of each driver: `start` of its callouts, each of which is registered then, unless it does so itself.

    A `start` that raises leaves its own callout unregistered. One that returns an error is DriverEntry's error.
    """
    host.irql = PASSIVE_LEVEL
    configs = {key_of(spec): spec.config for spec in document.callouts}
    for driver in host.drivers.values():
        yield ev.DriverStarted(driver.name, driver.script.name)
        driver.loaded = True
        host.bfe.started[driver.name] = tuple(driver.instances.items())
        for place, (key, instance) in enumerate(host.bfe.started[driver.name]):
            ok, said = run_script(host, driver, "start",
                               lambda instance=instance, key=key, driver=driver: instance.start(  # type: ignore[misc]  # bound now
                                   driver.fwps, deepcopy(configs[key])))  # the policy's own stays as it is
            yield from host.flush()
            status = int.__int__(said) & 0xFFFFFFFF if isinstance(said, int) and said is not True else 0
            if not nt_success(status):
                yield from _entry_failed(host, driver, place, status)
                break
            if ok and key not in host.bfe.self_registering:
                register(host, driver, key, int(host.policy.callouts[key].flags))
                yield from host.flush()


def _entry_failed(host: Host, driver: Driver, place: int, status: int) -> Steps[None]:
    """DriverEntry returns an error: the driver is not loaded, and no unload routine is called [drv: DriverEntry].

    Its callouts whose `start` has gone well are stopped before, the latest first: a script is one driver.
    """
    for key, instance in reversed(host.bfe.started[driver.name][:place]):
        yield from _stop(host, driver, key, instance)
    driver.loaded = False
    host.bfe.not_loaded.add(driver.name)
    judge_unload(host, driver)
    host.bfe.power_callbacks = [one for one in host.bfe.power_callbacks if one.driver is not driver]
    yield from host.flush()
    yield ev.DriverEntryFailed(driver.name, status)


def stop_drivers(host: Host) -> Steps[None]:
    for name in list(host.drivers):
        if host.stopped is None:
            yield from unload(host, name)


def unload(host: Host, name: str) -> Steps[None]:
    """Unload a driver: its callouts are unregistered, unless it does so itself, and `stop()` of each is called."""
    driver = host.drivers[name]
    if not driver.loaded:
        return
    place, before = (host.frame, host.irql), host.bfe.unloading
    host.frame, host.irql = 0, PASSIVE_LEVEL
    host.bfe.unloading = driver
    yield ev.DriverStopped(name)
    for key, instance in host.bfe.started[name]:
        yield from _stop(host, driver, key, instance)
    host.bfe.unloading = before
    driver.loaded = False
    judge_unload(host, driver)
    host.bfe.power_callbacks = [one for one in host.bfe.power_callbacks if one.driver is not driver]
    yield from host.flush()
    if host.stopped is None:
        yield ev.DriverUnloaded(name)
    host.frame, host.irql = place


def _stop(host: Host, driver: Driver, key: Guid, instance: Callout) -> Steps[None]:
    if key not in host.bfe.self_registering and key in host.callout_drivers:
        unregister(host, driver, key)
        yield from host.flush()
    run_script(host, driver, "stop", lambda: instance.stop(driver.fwps))
    yield from host.flush()


def keeps_handlers(host: Host, driver: Driver, layer_id: int) -> bool:
    """A driver that goes has a filter at the layer, whose callout the engine has just unregistered for it.

    Its unload routine may inject what it holds (T11, step 1): a module has its handlers until the filters go.
    """
    if driver.loaded and host.bfe.unloading is not driver:
        return False
    own = {key for key, _ in host.bfe.started[driver.name] if key not in host.bfe.self_registering}
    return any(one.filter.callout in own for at in host.policy.at(layer_id) for one in at.filters)


def gone(host: Host, driver: Driver, function: str) -> Steps[None]:
    """Something calls into the image of a driver that is unloaded."""
    yield crash(host, f"{function}() of {driver.name} is called, and its image is unloaded")


def crash(host: Host, reason: str) -> ev.BugCheckSimulated:
    """Code runs that is not there any more: the machine stops."""
    host.stopped = ev.BugCheckSimulated("UNLOADED", reason)
    return host.stopped
