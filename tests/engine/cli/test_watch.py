"""Scripts that take too long or hold too much are stopped by clock and memory, and the run goes on."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.callouts.counter import ScriptStopped, StepCounter
from engine.classify.engine import Engine
from engine.classify.options import EngineOptions
from engine.cli.watch import ProcessWatch
from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE
from tests.builders.engines import HEAD, UNKNOWN, Bench
from tests.builders.frames import received

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads the memory from /proc")

TIME = "more than 200 ms in one call (callout_time_limit_ms)"
MEMORY = "more than 64 MiB are held (callout_memory_limit_mb)"
PARAMETERS = "self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out"


def failures(folder: Path, body: str, frames: int = 2, **options: int) -> list[str]:
    bench = Bench(folder)
    bench.script(f"{HEAD}class Driver(Callout):\n    def classify({PARAMETERS}):\n        {body}\n")
    bench.calls("calls", INBOUND_MAC_FRAME_NATIVE, action=UNKNOWN)
    wanted = {"callout_time_limit_ms": 200, "callout_memory_limit_mb": 64, "callout_step_limit": 10**9} | options
    found: list[str] = []
    with ProcessWatch() as watch:
        engine = Engine(bench.document(), EngineOptions().with_all(wanted), 1, watch=watch)
        outcomes = []
        for events in (engine.start(), *(engine.take(received(n)) for n in range(1, frames + 1)), engine.finish()):
            for event in events:
                if isinstance(event, ev.CalloutFailed):
                    found.append(event.error)
                if isinstance(event, ev.FrameFinished):
                    outcomes.append(event.outcome)
    assert outcomes == ["delivered"] * frames
    return found


SLOW = {
    "a loop": "while True: pass",
    "a loop that swallows": "while True:\n            try:\n                while True: pass\n            except: pass",
    "an endless source": "import itertools; sum(itertools.count())",
    "a loop of a library": "import ipaddress; max(ipaddress.ip_network('0.0.0.0/0').hosts())",
    "a match that backtracks": "import re; re.match('(?:a?){40}a{40}', 'a' * 40)",
}


@pytest.mark.parametrize("body", SLOW.values(), ids=SLOW.keys())
def test_a_call_that_takes_too_long_is_stopped_and_the_next_frame_goes_on(body: str, tmp_path: Path) -> None:
    assert failures(tmp_path, body) == [TIME, TIME]


SLOW_BESIDE = {
    **{name: body for name, body in SLOW.items() if name != "a match that backtracks"},
    "calls that are long each": "s = 'a' * 10**7\n        while True: s.count('b')",
    "numbers that grow in a library": "import statistics; statistics.mean([10**30000] * 10**6)",
    "files without an end": "import os; [name for _ in range(99999) for name in os.walk('/proc/self')]",
}


# It may be raised in a callback that the test tools have given to the garbage collector, and then comes once more.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("body", SLOW_BESIDE.values(), ids=SLOW_BESIDE.keys())
def test_in_another_thread_than_the_main_one_such_a_call_is_stopped_too(body: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as beside:
        assert beside.submit(failures, tmp_path, body).result() == [TIME, TIME]


def test_a_call_that_hoards_is_stopped_and_what_it_took_is_free_again(tmp_path: Path) -> None:
    body = "taken = []\n        while True: taken.append(bytearray(b'x') * (1 << 20))"
    assert failures(tmp_path, body, callout_time_limit_ms=20_000) == [MEMORY, MEMORY]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_in_another_thread_a_library_that_hoards_is_stopped_too(tmp_path: Path) -> None:
    body = "import heapq; heapq.nlargest(900, [1000] * 900, key=lambda n: b'x' * 4096 * n)"
    with ThreadPoolExecutor(1) as beside:
        told = beside.submit(failures, tmp_path, body, callout_time_limit_ms=20_000).result()

    assert told == [MEMORY, MEMORY]


def test_what_the_scripts_hold_from_call_to_call_is_bounded_too(tmp_path: Path) -> None:
    body = "self.kept = getattr(self, 'kept', []) + [bytearray(b'x') * (1 << 18)]"
    told = failures(tmp_path, body, frames=1_024, callout_time_limit_ms=20_000)

    assert set(told) == {MEMORY}
    assert 256 < len(told) < 1_024


def test_scripts_that_fill_memory_which_the_program_has_given_back_are_bounded_too(tmp_path: Path) -> None:
    bytearray(1 << 24)  # once such a one was freed, smaller ones come out of the heap
    freed = [bytearray(1 << 18) for _ in range(1_200)]
    above = bytearray(1 << 18)
    freed.clear()
    body = "self.kept = getattr(self, 'kept', []) + [bytearray(b'x') * (1 << 18)]"
    told = failures(tmp_path, body, frames=1_024, callout_time_limit_ms=20_000)

    assert above
    assert set(told) == {MEMORY}
    assert 256 < len(told) < 1_024


def test_a_single_operation_of_a_library_meets_the_limit_of_the_system(tmp_path: Path) -> None:
    told = failures(tmp_path, "import struct; struct.pack('1000000000s', b'')", callout_time_limit_ms=20_000)

    assert told == ["MemoryError", "MemoryError"]


def test_a_thread_that_is_not_the_scripts_own_may_not_call(tmp_path: Path) -> None:
    class Elsewhere(ProcessWatch):
        calls = 0

        def thread(self) -> int:  # type: ignore[override]
            self.calls += 1
            return self.calls

    bench = Bench(tmp_path)
    bench.script(f"{HEAD}class Driver(Callout):\n    def classify({PARAMETERS}):\n"
                 "        fwps.allocate_net_buffer_list_pool(None)\n")
    bench.calls("calls", INBOUND_MAC_FRAME_NATIVE, action=UNKNOWN)
    engine = Engine(bench.document(), EngineOptions(), 1, watch=Elsewhere())
    list(engine.start())
    told = [event.error for event in engine.take(received(1)) if isinstance(event, ev.CalloutFailed)]

    (line,) = told
    assert line == ("RuntimeError: NdisAllocateNetBufferListPool: called from a thread of the script's own; "
                    "use fwps.queue_work")


def test_the_limits_of_the_process_are_afterwards_what_they_were(tmp_path: Path) -> None:
    import resource
    import signal

    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (64 << 30, before[1]))
    try:
        failures(tmp_path, "pass")
        assert resource.getrlimit(resource.RLIMIT_DATA) == (64 << 30, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
    assert signal.getsignal(signal.SIGVTALRM) is signal.SIG_DFL


def test_a_call_within_a_call_leaves_the_outer_one_its_own_deadline() -> None:
    watch = ProcessWatch()
    outer, inner = StepCounter(10, time_ms=0, watch=watch), StepCounter(10, time_ms=10**6, watch=watch)
    first = outer.enter()
    second = inner.enter()
    assert watch.look() == "more than 1000000 ms in one call (callout_time_limit_ms)"
    inner.leave(second)
    assert watch.look() == "more than 0 ms in one call (callout_time_limit_ms)"
    outer.leave(first)
    assert watch.look() is None


def test_a_stopped_call_raises_at_each_step_until_it_is_left() -> None:
    counter = StepCounter(1000)
    call = counter.enter()
    counter.stop("enough")
    for step in (counter, counter.draw, counter):
        with pytest.raises(ScriptStopped, match="enough"):
            step()
    counter.leave(call)
    assert counter()
