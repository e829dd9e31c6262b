"""Management calls that a driver must not make, or makes with what is none of Windows'."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from tests.builders.drivers import OTHER, citizen, statuses
from tests.builders.frames import sent


@pytest.mark.parametrize("call", [
    f"fwps.filter_add(self.engine, {{**self.filter(), 'key': {OTHER!r}}})[0]", "fwps.engine_close(self.engine)",
    "fwps.transaction_begin(self.engine)", "fwps.engine_open()[0]",
])  # fmt: skip
def test_a_notify_function_may_not_manage_it_runs_inside_of_the_transaction(tmp_path: Path, call: str) -> None:
    run = citizen(tmp_path, f"""
    def notify(self, fwps, notify_type, filter_key, filter):
        if notify_type == 0:
            self.say({call})
        return 0
    """).run(sent(1))

    assert statuses(run)[4:6] == ["0xC022000E", "0x00000000"]
    assert run.outcomes == {1: "absorbed"}


def test_an_engine_handle_is_closed_once(tmp_path: Path) -> None:
    run = citizen(tmp_path, """
    def stop(self, fwps):
        super().stop(fwps)
        self.say(fwps.engine_close(self.engine))
    """).run(sent(1))

    assert statuses(run)[-1] == "0xC0000008"
    assert len(run.of(ev.SessionClosed)) == 1


HOSTILE = """
    class Odd(str):
        def __str__(self): raise SystemExit
        __repr__ = __format__ = __hash__ = __eq__ = lower = strip = __str__

    def install(self, fwps):
        super().install(fwps)
        {call}
"""


@pytest.mark.parametrize("call", [
    f"fwps.filter_add(self.engine, {{**self.filter(), 'key': {OTHER!r}, 'name': self.Odd('odd')}})",
    "fwps.callout_unregister_by_key(self.Odd('x'))",
    "fwps.callout_register(None, {'callout_key': self.Odd(CALLOUT)})",
    "fwps.filter_delete_by_key(self.engine, self.Odd(FILTER))",
    "fwps.filter_add(self.engine, self)",
    "fwps.filter_add(self.engine, {1: set()})",
    "fwps.filter_add(None, {})",
    "fwps.engine_open(None, 10, None, {'flags': self.Odd('1')})",
    "fwps.transaction_begin(self.engine, -1)",
    "fwps.wait_until(3)",
    "fwps.wait_until(lambda: self.missing)",
    "fwps.cancel_timer(7)",
    "fwps.unregister_power_callback(self.Odd('1'))",
    "fwps.register_power_callback(None)",
])  # fmt: skip
def test_hostile_arguments_end_in_the_driver_that_gives_them(tmp_path: Path, call: str) -> None:
    bench = citizen(tmp_path, HOSTILE.format(call=call))
    first, second = bench.run(sent(1)), bench.run(sent(1))

    assert first.lines == second.lines
    assert set(first.rules) <= {"X01", "M66"}


def test_a_driver_that_waits_for_ever_comes_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.classify.engine.TASKS_IN_WAITS", 1_000)
    run = citizen(tmp_path, """
    def tick(self, fwps):
        fwps.set_timer(1_000, self.tick, fwps)

    def stop(self, fwps):
        self.tick(fwps)
        for turn in range(40):
            fwps.wait_until(lambda: False)
        super().stop(fwps)
    """).run(sent(1))

    assert len(run.of(ev.WaitEnded)) == 40
    assert 1_000 <= len(run.of(ev.WorkStarted)) <= 1_001
