"""A policy's scripts become drivers: loaded, started, told of their filters, stopped.

Source: callouts-nbl-injection 1.3, 1.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import FunctionType

from engine.callouts.api import Callout, FilterView
from engine.callouts.fwps import Fwps, Kernel
from engine.callouts.instrument import StepCounter, StepLimitExceeded
from engine.callouts.loader import Script, callout_class, execute, new_module, read_script, script_line
from engine.callouts.texts import one_line
from engine.classify.host import PASSIVE_LEVEL, Driver, Host, Steps
from engine.classify.scripts import run_script
from engine.classify.verifier.leaving import judge_unload
from engine.errors import PolicyError
from engine.trace import events as ev
from engine.wfp.document import PolicyDocument
from engine.wfp.objects import CalloutSpec, Filter
from engine.wfp.scripts import script_path
from engine.wfp.types import Guid
from engine.wfp.validation import key_of

ADD_FILTER, DELETE_FILTER = 0, 1


def read_scripts(document: PolicyDocument) -> dict[str, Script]:
    """Read every script that a registered callout names, by resolved path. PolicyError names place and line."""
    found: dict[str, Script] = {}
    for place, spec in _with_script(document):
        path = script_path(document, spec)
        if str(path) not in found:
            found[str(path)] = read_script(document.path or "policy", place, path)
    return found


def _with_script(document: PolicyDocument) -> list[tuple[str, CalloutSpec]]:
    return [(f"$.callouts[{index}].script", spec) for index, spec in enumerate(document.callouts)
            if spec.script and spec.registered]


def load_drivers(host: Host, kernel: Kernel, document: PolicyDocument, scripts: Mapping[str, Script]) -> None:
    """Load each script once, as one driver, and make its callouts' instances. PolicyError when one cannot be loaded."""
    for place, spec in _with_script(document):
        script = scripts[str(script_path(document, spec))]
        driver = next((one for one in host.drivers.values() if one.script is script), None)
        if driver is None:
            driver = _load(host, kernel, document, place, script)
        cls = callout_class(document.path or "policy", place.replace(".script", ".class"), script, driver.module,
                            spec.class_)
        driver.instances[key_of(spec)] = _instance(document, place, driver, cls)
        if isinstance(spec.config, dict) and spec.config.get("redirector") is True:
            host.ledger.redirectors.add(driver.name)
        driver.lines[key_of(spec)] = _classify_line(script, cls)


def _load(host: Host, kernel: Kernel, document: PolicyDocument, place: str, script: Script) -> Driver:
    name, folders = script.path.stem, list(script.path.parent.parts)
    while name in host.drivers and folders:
        name = f"{folders.pop()}/{name}"
    counter = StepCounter(host.options.callout_step_limit)
    driver = Driver(name, script, new_module(script, counter), Fwps(kernel), counter)
    host.drivers[name] = driver
    try:
        execute(script, driver.module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # a script's own code, SystemExit included
        raise _unloadable(document, place, script, error) from None
    return driver


def _instance(document: PolicyDocument, place: str, driver: Driver, cls: type[Callout]) -> Callout:
    driver.counter.taken = 0
    try:
        return cls()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # as above
        raise _unloadable(document, place, driver.script, error) from None


def _classify_line(script: Script, cls: type[Callout]) -> str:
    """Where its classify begins: `reflect.py:16`; the file's name where it does not define one."""
    for ancestor in type.mro(cls):
        function = type.__getattribute__(ancestor, "__dict__").get("classify")
        if type(function) is FunctionType and function.__code__.co_filename == str(script.path):
            return f"{script.name}:{function.__code__.co_firstlineno}"
    return script.name


def _unloadable(document: PolicyDocument, place: str, script: Script, error: BaseException) -> PolicyError:
    line = script_line(script, error)
    reason = "it does not end (callout_step_limit)" if isinstance(error, StepLimitExceeded) else one_line(error)
    return PolicyError(document.path or "policy", place, f"{script.name} line {line}: {reason}", "correct the script")


def start_drivers(host: Host, document: PolicyDocument) -> Steps[None]:
    """DriverEntry of each driver, then its callouts are registered. One that fails is not."""
    host.irql = PASSIVE_LEVEL
    configs = {key_of(spec): spec.config for spec in document.callouts}
    for driver in host.drivers.values():
        yield ev.DriverStarted(driver.name, driver.script.name)
        driver.loaded = True
        for key, instance in driver.instances.items():
            ok, _ = run_script(host, driver, "start",
                               lambda instance=instance, key=key, driver=driver: instance.start(  # type: ignore[misc]  # bound now
                                   driver.fwps, configs[key]))
            yield from host.flush()
            if ok:
                host.callout_drivers[key] = driver
                yield ev.CalloutRegistered(key, driver.name, int(host.policy.callouts[key].flags))


def notify(host: Host, filter_: Filter, notify_type: int) -> Steps[int]:
    """notifyFn2 of the filter's callout; its NTSTATUS, success where nobody is registered."""
    driver = host.callout_drivers.get(filter_.callout) if filter_.callout is not None else None
    if driver is None or filter_.callout is None:
        return 0
    callout: Guid = filter_.callout
    view = FilterView(filter_, host.policy.sublayers[filter_.sublayer].weight, host.filter_contexts)
    key = filter_.key if notify_type == ADD_FILTER else None
    ok, status = run_script(host, driver, "notify",
                            lambda: driver.instances[callout].notify(driver.fwps, notify_type, key, view))
    yield from host.flush()
    result = int.__int__(status) & 0xFFFFFFFF if ok and isinstance(status, int) else 0
    yield ev.Notified(callout, "FWPS_CALLOUT_NOTIFY_ADD_FILTER" if notify_type == ADD_FILTER
                      else "FWPS_CALLOUT_NOTIFY_DELETE_FILTER", filter_.id, result)
    return result


def stop_drivers(host: Host) -> Steps[None]:
    """Unload: no callout is invoked any more, then `stop()` of each instance."""
    host.irql = PASSIVE_LEVEL
    for driver in host.drivers.values():
        yield ev.DriverStopped(driver.name)
        for key, instance in driver.instances.items():
            if host.callout_drivers.pop(key, None) is not None:
                yield ev.CalloutUnregistered(key, driver.name)
            run_script(host, driver, "stop",
                       lambda instance=instance, driver=driver: instance.stop(driver.fwps))  # type: ignore[misc]  # bound now
            yield from host.flush()
        driver.loaded = False
        judge_unload(host, driver)
        for handle in host.handles:
            if handle.driver == driver.name and handle.state != "CLOSED":
                host.broken("M64", f"{handle.id} is still open at unload", driver=driver, line=driver.script.name)
        yield from host.flush()
