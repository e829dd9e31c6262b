"""Runs a driver's code: bounded, and with whatever it raises caught and told. Source: contracts 4."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from engine.callouts.counter import ScriptStopped, StepLimitExceeded
from engine.callouts.guards import GUARDS
from engine.callouts.line_hooks import HOOKS
from engine.callouts.lines import LineRecorder
from engine.callouts.texts import one_line, traceback_of
from engine.classify.host import Driver, Host
from engine.classify.verifier.buffers import judge_failure
from engine.trace import events as ev

T = TypeVar("T")
TRACEBACK_LIMIT = 12
ENGINE = Path(__file__).parent.parent


def run_script(host: Host, driver: Driver, function: str, call: Callable[[], T]) -> tuple[bool, T | None]:
    """Call into a script; `(False, None)` when it failed, with CalloutFailed and X01 left in `host.pending`."""
    before, call_before = host.driver, driver.counter.enter()
    host.driver = driver
    if host.watch is not None:
        host.thread = host.watch.thread()
    host.ledger.null_data = False
    if host.ledger.failed_retreats:
        host.ledger.failed_retreats.clear()
    try:
        return True, call() if driver.recorder is None else _recorded(driver, driver.recorder, call)
    except KeyboardInterrupt:
        raise  # the user's own
    except ScriptStopped as error:
        reason = str(error) or driver.counter.stopped or "stopped"
        if isinstance(error, StepLimitExceeded):
            reason = f"more than {driver.counter.limit} loop turns and calls in one {function} (callout_step_limit)"
        _failed(host, driver, function, reason, traceback_of(error))
        return False, None
    except BaseException as error:  # noqa: BLE001  # whatever a script raises, SystemExit included
        trace = traceback_of(error)
        _failed(host, driver, function, one_line(error) + _ours(error, trace), trace)
        return False, None
    finally:
        host.driver = before
        host.ledger.steps = driver.counter.taken
        driver.counter.leave(call_before)


def _recorded(driver: Driver, recorder: LineRecorder, call: Callable[[], T]) -> T:
    """Follow the script's lines during the call."""
    for name in HOOKS:
        driver.module.__dict__.pop(name, None)  # what the script has put before them
    outer = recorder.begin()
    try:
        return call()
    finally:
        recorder.end(outer)


def _failed(host: Host, driver: Driver, function: str, reason: str, trace: TracebackType | None) -> None:
    path = str(driver.script.path)
    places = [(frame, line) for frame, line in traceback.walk_tb(trace) if frame.f_code.co_filename == path]
    source = driver.script.text.splitlines()
    lines = [f"{driver.script.name}:{number} in {frame.f_code.co_name}: {_source_line(source, number)}"
             for frame, number in places[-TRACEBACK_LIMIT:]]
    at = f"{driver.script.name}:{places[-1][1]}" if places else None
    host.emit(ev.CalloutFailed(driver.name, function, reason, tuple(lines)))
    host.broken("X01", f"{function} failed: {reason}", driver=driver, line=at)
    judge_failure(host, driver, reason, at)


def _ours(error: BaseException, trace: TracebackType | None) -> str:
    """Say so when it was our code that failed, and not by objecting to what the script gave it."""
    if isinstance(error, TypeError | ValueError | RuntimeError | IndexError | AttributeError):
        return ""
    places = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace)]
    if not places or places[-1][0] in GUARDS or not Path(places[-1][0]).is_relative_to(ENGINE):
        return ""
    name = Path(places[-1][0]).relative_to(ENGINE)
    return f" (inside L2Scope, {name}:{places[-1][1]}; please report it)"


def _source_line(source: list[str], number: int) -> str:
    return source[number - 1].strip()[:200] if 0 < number <= len(source) else ""
