"""The one engine thread, awaited from Qt's thread. Nothing else of the window runs there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

import qasync
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from engine.cli.watch import ProcessWatch
from gui.session_bridge.garbage import collect_in_gui_thread

P = ParamSpec("P")
T = TypeVar("T")

_PROPERTY = "l2scope_event_loop"


def event_loop() -> asyncio.AbstractEventLoop:
    """The event loop of the running QApplication, made on the first call.

    It works under every Qt event loop, `app.exec()` as well as one that a test spins.
    """
    app = QApplication.instance()
    assert app is not None, "the event loop belongs to a QApplication: make that first"
    loop = app.property(_PROPERTY)
    if not isinstance(loop, asyncio.AbstractEventLoop):
        loop = qasync.QEventLoop(app)
        app.setProperty(_PROPERTY, loop)
    assert isinstance(loop, asyncio.AbstractEventLoop)
    return loop


def close_event_loop() -> None:
    """Let go of the event loop before its QApplication ends."""
    app = QApplication.instance()
    loop = app.property(_PROPERTY) if app is not None else None
    if isinstance(loop, asyncio.AbstractEventLoop):
        loop.close()


class Worker(QObject):
    """Runs engine calls one after the other, and the coroutines that wait for them.

    Several coroutines may be under way; their calls take turns. A coroutine's failure goes to `on_failure`.
    """

    def __init__(self, on_failure: Callable[[BaseException], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loop = event_loop()
        collect_in_gui_thread()
        self.watch = ProcessWatch()
        """Bounds the scripts of every session, for they all run in this one thread."""
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="l2scope-engine")
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_idle(self) -> bool:
        return not self._tasks

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in the engine thread; its result or its exception comes back here."""
        future = self._executor.submit(self._watched, partial(function, *args, **kwargs))
        # The loop is named, for no asyncio loop counts as running below a Qt loop that a test spins.
        return await asyncio.wrap_future(future, loop=self._loop)

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = self._loop.create_future()
        self._loop.call_later(seconds, lambda: None if future.done() else future.set_result(None))
        await future

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a coroutine."""
        task = self._loop.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # One that is cancelled before its first turn would be reported as never awaited.
        task.add_done_callback(lambda _: work.close())
        return task

    def close(self) -> None:
        """End what is under way; returns when the engine thread has come to rest, after a batch at most."""
        for task in tuple(self._tasks):
            task.cancel()
        self._executor.shutdown(wait=True, cancel_futures=True)
        if self.watch.last_resort is not None:
            self.watch.last_resort.close()

    def _watched(self, function: Callable[[], T]) -> T:
        with self.watch:
            return function()

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as failure:  # noqa: BLE001  # every failure is told to the user; none may end the window
            self._on_failure(failure)
