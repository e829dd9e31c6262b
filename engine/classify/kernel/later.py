"""Work items and timers.

Source: contracts 4; callouts-nbl-injection M69.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.callouts.texts import function_name, type_name
from engine.classify.host import DISPATCH_LEVEL, PASSIVE_LEVEL, WORK_NS, Steps
from engine.classify.kernel.handles import KernelHandles
from engine.classify.kernel.views import number
from engine.classify.scripts import run_script
from engine.trace import events as ev

TASKS_WAITING = 65_536
"""More work items and timers at once are refused: a script that queues ever more comes to its end."""


class KernelLater(KernelHandles):
    """Deferred work."""

    def later(self, delay_ns: int, is_timer: bool, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        said = self._said("set_timer" if is_timer else "queue_work")
        host = self.host
        if not callable(function):
            raise TypeError(f"a function is wanted, not {type_name(function)}")
        delay_ns = number(delay_ns, "delay_ns", 62)
        if len(host.queue) >= TASKS_WAITING:
            raise RuntimeError(f"{TASKS_WAITING} work items and timers wait already")
        driver, cause = self.running("later"), dict(host.cause)
        waiting = host.ledger.work
        waiting[driver.name] = waiting.get(driver.name, 0) + 1
        name = function_name(function)

        def work() -> Steps[None]:
            host.irql = DISPATCH_LEVEL if is_timer else PASSIVE_LEVEL
            waiting[driver.name] -= 1
            yield ev.WorkStarted(driver.name, name, is_timer)
            if driver.loaded:
                host.cause = cause
                run_script(host, driver, name, lambda: function(*args))
                host.cause = {}
            yield from host.flush()

        if host.ledger.segment is not None:
            host.ledger.segment.queued_work = True
        due = host.later(max(delay_ns, WORK_NS), host.frame, work)
        host.emit(ev.WorkQueued(name, due, is_timer, **said))
