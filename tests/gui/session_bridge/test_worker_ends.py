"""Work that is cancelled before its first turn is closed, not left to be reported as never awaited."""

import inspect


def test_a_coroutine_that_never_began_is_closed(empty_bridge, qtbot):
    async def nothing():
        pass

    work = nothing()
    empty_bridge.worker.start(work).cancel()
    qtbot.waitUntil(lambda: empty_bridge.worker.is_idle)

    qtbot.waitUntil(lambda: inspect.getcoroutinestate(work) == inspect.CORO_CLOSED)
