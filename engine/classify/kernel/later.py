"""Work items and timers.

Source: contracts 4; callouts-nbl-injection M69.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heapify
from typing import Any

from engine.callouts.texts import function_name, type_name
from engine.callouts.views import NetBufferListView
from engine.classify.host import DISPATCH_LEVEL, PASSIVE_LEVEL, WORK_NS, Steps, Task
from engine.classify.kernel.management import KernelManagement
from engine.classify.kernel.views import number
from engine.classify.lifecycle import gone
from engine.classify.scripts import run_script
from engine.classify.verifier import waiting
from engine.trace import events as ev

TASKS_WAITING = 65_536
"""More work items and timers at once are refused: a script that queues ever more comes to its end."""


@dataclass(slots=True, eq=False)
class Timer:
    """What `set_timer` returns."""

    driver: str
    function: str
    line: str
    """Where it was set."""
    is_set: bool = True
    task: Task | None = None

    def __repr__(self) -> str:
        return f"<timer {self.function}>"


class KernelLater(KernelManagement):
    """Deferred work."""

    def later(self, delay_ns: int, is_timer: bool, function: Callable[..., Any], args: tuple[Any, ...]) -> Timer:
        said = self._said("set_timer" if is_timer else "queue_work")
        host = self.host
        if not callable(function):
            raise TypeError(f"a function is wanted, not {type_name(function)}")
        delay_ns = number(delay_ns, "delay_ns", 62)
        if len(host.queue) >= TASKS_WAITING:
            raise RuntimeError(f"{TASKS_WAITING} work items and timers wait already")
        driver, cause = self.running("later"), dict(host.cause)
        about = next((self._nbl(one, "later") for one in args if isinstance(one, NetBufferListView)), host.source)
        name = function_name(function)
        timer = Timer(driver.name, name, said["line"])
        waiting.queued(host, driver.name, timer.line)

        def work() -> Steps[None]:
            host.irql = DISPATCH_LEVEL if is_timer else PASSIVE_LEVEL
            waiting.taken_off(host, driver.name, timer.line)
            timer.is_set = False
            yield ev.WorkStarted(driver.name, name, is_timer)
            if driver.loaded:
                host.cause, host.source = cause, about
                run_script(host, driver, name, lambda: function(*args))
                host.cause, host.source = {}, None
            else:
                yield from gone(host, driver, name)
            yield from host.flush()

        if host.ledger.segment is not None:
            host.ledger.segment.queued_work = True
        timer.task = work
        due = host.later(max(delay_ns, WORK_NS), host.frame, work)
        host.emit(ev.WorkQueued(name, due, is_timer, **said))
        return timer

    def cancel(self, timer: object) -> bool:
        """KeCancelTimer: whether it was still to come."""
        said = self._said("cancel_timer")
        host = self.host
        if not isinstance(timer, Timer):
            raise TypeError(f"cancel_timer: what set_timer returned is wanted, not {type_name(timer)}")
        was_set, timer.is_set = timer.is_set, False
        if was_set:
            place, (_, _, frame, _) = next(
                (place, task) for place, task in enumerate(host.queue) if task[3] is timer.task)
            del host.queue[place]
            heapify(host.queue)
            host.lineage(frame).tasks -= 1
            host.touched.add(frame)
            waiting.taken_off(host, timer.driver, timer.line)
        host.emit(ev.TimerCancelled(timer.function, was_set, **said))
        return was_set
