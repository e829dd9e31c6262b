"""DriverEntry that fails: `start` returns an error, the driver is not loaded, and what it left is told (1.3, 6.12)."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE
from engine.wfp.types import ActionType, FilterFlag
from tests.builders.engines import Bench, Run
from tests.builders.frames import received
from tests.builders.policies import calls

FAILS = """
    def start(self, fwps, config):
        MADE
        return fwps.STATUS_INSUFFICIENT_RESOURCES
"""
PERMITS = FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED
HANDLE = {"call": "FwpsInjectionHandleCreate0", "frame": 0, "nth": 1, "status": 0xC000009A}


def entered(folder: Path, made: str = "pass", **members: object) -> Run:
    bench = Bench(folder)
    bench.driver(FAILS.replace("MADE", made) + """
    def stop(self, fwps):
        raise ValueError("no unload routine is called")
    """)
    bench.calls("driver", INBOUND_MAC_FRAME_NATIVE, **members)
    return bench.run(received(1))


def test_the_driver_is_not_loaded_and_never_stopped(tmp_path: Path) -> None:
    run = entered(tmp_path)

    assert run.one(ev.DriverEntryFailed) == ev.DriverEntryFailed("driver", 0xC000009A)
    assert run.of(ev.DriverStopped) == run.of(ev.CalloutRegistered) == run.of(ev.CalloutEntered) == []
    assert (run.failures, run.rules) == ([], [])


@pytest.mark.parametrize(("members", "outcome"), [
    ({}, "blocked"), ({"flags": PERMITS}, "delivered"), ({"action": ActionType.FWP_ACTION_CALLOUT_INSPECTION},
                                                          "delivered"),
])  # fmt: skip
def test_its_filters_do_what_they_do_without_a_callout(
    members: dict[str, object], outcome: str, tmp_path: Path
) -> None:
    bench = Bench(tmp_path)
    bench.driver(FAILS.replace("MADE", "pass"))
    callout = bench.callout("a callout")
    bench.add(calls(callout, "all", layer=INBOUND_MAC_FRAME_NATIVE, **members))
    run = bench.run(received(1))

    assert run.outcomes == {1: outcome}
    assert len(run.of(ev.CalloutDefaulted)) == 1
    assert run.rules == []


@pytest.mark.parametrize(("made", "rule", "detail"), [
    ("self.handle = fwps.injection_handle_create(None, 16)[1]", "M64",
     "H1 is still open when its DriverEntry has failed"),
    ("self.pool = fwps.allocate_net_buffer_list_pool(None)", "M47", "pool1 was never freed"),
    ("fwps.register_power_callback(lambda leaving: None)", "M47",
     "a power callback is still registered when its DriverEntry has failed"),
    ("fwps.queue_work(print)", "M65", "1 work items or timers are under way when its DriverEntry has failed"),
])  # fmt: skip
def test_what_it_has_made_and_not_given_back_is_told(made: str, rule: str, detail: str, tmp_path: Path) -> None:
    broken = entered(tmp_path, made).of(ev.RuleBroken)[0]

    assert (broken.rule, broken.detail, broken.driver) == (rule, detail, "driver")
    assert broken.line is not None


def test_callouts_of_the_script_that_have_started_before_are_stopped_the_latest_first(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script("""
    from engine.callouts import Callout

    class One(Callout):
        def stop(self, fwps):
            raise ValueError("one is stopped")

    class Two(Callout):
        def stop(self, fwps):
            raise ValueError("two is stopped")

    class Three(Callout):
        def start(self, fwps, config):
            return fwps.STATUS_UNSUCCESSFUL

    class Four(Callout):
        def start(self, fwps, config):
            raise ValueError("four is not started")
    """)
    for name in ("One", "Two", "Three", "Four"):
        bench.calls(name, INBOUND_MAC_FRAME_ETHERNET, class_=name)
    run = bench.run(received(1))

    assert run.failures == ["ValueError: two is stopped", "ValueError: one is stopped"]
    assert [type(event).__name__ for event in run.of(ev.CalloutRegistered) + run.of(ev.CalloutUnregistered)] == [
        "CalloutRegistered", "CalloutRegistered", "CalloutUnregistered", "CalloutUnregistered"]
    assert run.one(ev.DriverEntryFailed).status == 0xC0000001


@pytest.mark.parametrize("said", ["0xC000009A", "0xFFFFFFFFC000009A", "-0x3FFFFF66", "Lying(0xC000009A)"])
def test_an_error_is_what_the_number_says_whatever_its_class_does(said: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(f"""
    from engine.callouts import Callout

    class Lying(int):
        def __and__(self, other):
            raise SystemExit

        __rand__ = __int__ = __and__

    class Driver(Callout):
        def start(self, fwps, config):
            return {said}
    """)
    bench.calls("driver")

    assert bench.run(received(1)).one(ev.DriverEntryFailed).status == 0xC000009A


@pytest.mark.parametrize("said", ["None", "0", "0x103", "True", "'no'", "self"])
def test_whatever_is_no_error_status_loads_the_driver(said: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(f"""
    def start(self, fwps, config):
        super().start(fwps, config)
        return {said}
    """)
    bench.calls("driver")
    run = bench.run(received(1))

    assert run.of(ev.DriverEntryFailed) == []
    assert (run.outcomes, run.rules) == ({1: "delivered"}, [])


def test_a_handle_that_is_not_had_makes_a_careful_driver_leave(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("pass")
    bench.calls("driver")
    run = bench.run(received(1), faults=[HANDLE])

    assert run.kinds(frame=0)[:4] == ["SessionBegan", "DriverStarted", "HandleCreated", "DriverEntryFailed"]
    assert run.rules == []


def test_a_driver_that_does_not_look_meets_its_null_handle(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.pool = fwps.allocate_net_buffer_list_pool(None)
    """)
    bench.calls("driver")
    run = bench.run(received(1), faults=[HANDLE])

    assert run.failures == ["TypeError: FwpsQueryPacketInjectionState0: an injection handle is wanted, not NULL"]
    assert run.outcomes == {1: "blocked"}
