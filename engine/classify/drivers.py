"""A policy's scripts become drivers: read, loaded, and their callouts made. Source: contracts 4."""

from __future__ import annotations

from collections.abc import Mapping
from types import FunctionType

from engine.callouts.api import Callout
from engine.callouts.counter import ScriptStopped, StepCounter, StepLimitExceeded
from engine.callouts.fwps import Fwps, Kernel
from engine.callouts.held import held_bytes
from engine.callouts.loader import Script, callout_class, execute, new_module, read_script, script_line
from engine.callouts.texts import one_line
from engine.classify.host import Driver, Host
from engine.classify.line_sink import line_recorder
from engine.errors import PolicyError
from engine.wfp.document import PolicyDocument
from engine.wfp.objects import CalloutSpec
from engine.wfp.scripts import script_path
from engine.wfp.validation import key_of


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
        if _registers_itself(cls):
            host.bfe.self_registering.add(key_of(spec))
        if isinstance(spec.config, dict) and spec.config.get("redirector") is True:
            host.ledger.redirectors.add(driver.name)
        driver.lines[key_of(spec)] = method_line(script, cls, "classify")


def _load(host: Host, kernel: Kernel, document: PolicyDocument, place: str, script: Script) -> Driver:
    name, folders = script.path.stem, list(script.path.parent.parts)
    while name in host.drivers and folders:
        name = f"{folders.pop()}/{name}"
    options = host.options
    counter = StepCounter(options.callout_step_limit, time_ms=options.callout_time_limit_ms,
                          memory_mb=options.callout_memory_limit_mb, watch=host.watch)
    recorder = line_recorder(host, name, script) if host.records_lines else None
    module = new_module(script, counter, recorder.hooks() if recorder is not None else {}, time_ns=lambda: host.now_ns,
                        seed=f"{host.seed}:{name}")
    driver = Driver(name, script, module, Fwps(kernel), counter, recorder)
    host.drivers[name] = driver
    counter.held = lambda: held_bytes([*vars(module).values(), *driver.instances.values()], counter.memory_mb << 20)
    call = counter.enter()
    try:
        execute(script, driver.module, lines=recorder is not None)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # a script's own code, SystemExit included
        raise _unloadable(document, place, script, error) from None
    finally:
        counter.leave(call)
    return driver


def _instance(document: PolicyDocument, place: str, driver: Driver, cls: type[Callout]) -> Callout:
    call = driver.counter.enter()
    try:
        return cls()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # as above
        raise _unloadable(document, place, driver.script, error) from None
    finally:
        driver.counter.leave(call)


def _registers_itself(cls: type[Callout]) -> bool:
    """What its class says, whatever its metaclass does."""
    names = (type.__getattribute__(one, "__dict__") for one in type.mro(cls))
    return next((one["registers_itself"] is True for one in names if "registers_itself" in one), False)


def method_line(script: Script, cls: type[Callout], name: str) -> str:
    """Where a class' own method begins: `reflect.py:16`; the file's name where it does not define one."""
    for ancestor in type.mro(cls):
        function = type.__getattribute__(ancestor, "__dict__").get(name)
        if type(function) is FunctionType and function.__code__.co_filename == str(script.path):
            return f"{script.name}:{function.__code__.co_firstlineno}"
    return script.name


def _unloadable(document: PolicyDocument, place: str, script: Script, error: BaseException) -> PolicyError:
    line = script_line(script, error)
    if isinstance(error, StepLimitExceeded):
        reason = "it does not end (callout_step_limit)"
    else:
        reason = str(error) if isinstance(error, ScriptStopped) else one_line(error)
    return PolicyError(document.path or "policy", place, f"{script.name} line {line}: {reason}", "correct the script")
