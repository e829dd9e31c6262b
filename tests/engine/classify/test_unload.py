"""Timeline T11: filter removal, unregistering and unload with injections pending, and its bad orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.trace import events as ev
from tests.builders.drivers import citizen, statuses
from tests.builders.engines import Bench, Run, assert_whole
from tests.builders.findings import found, marked
from tests.builders.frames import received, sent
from tests.builders.injections import CLONE_AND_INJECT, injecting

QUEUE = """
    depth = 3

    def start(self, fwps, config):
        self.queue, self.out, self.timers = [], 0, []
        super().start(fwps, config)

    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        self.queue.append((layer_data, values.INTERFACE_INDEX, values.NDIS_PORT))
        self.timers.append(fwps.set_timer(90_000_000_000, self.flush, fwps, True))
        out.absorb()

    def flush(self, fwps, dispatch_level):
        while self.queue:
            original, interface, port = self.queue.pop(0)
            status, clone = fwps.allocate_clone_net_buffer_list(original, None, None, 0)
            fwps.dereference_net_buffer_list(original, dispatch_level)
            status = fwps.inject_mac_send_async(self.handle, None, 0, 57, interface, port, clone, self.completed, None)
            if fwps.nt_success(status):
                self.out += 1
            else:
                fwps.free_clone_net_buffer_list(clone, 0)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        for nbl in each(net_buffer_list):
            fwps.nt_success(nbl.status)
            fwps.free_clone_net_buffer_list(nbl, 0)
            self.out -= 1
"""
RECOMMENDED = """
    def stop(self, fwps):
        for timer in self.timers:
            fwps.cancel_timer(timer)
        self.flush(fwps, False)
        {wait}
        fwps.engine_close(self.engine)
        fwps.callout_unregister_by_key(CALLOUT)
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)
"""
WAIT = "self.say(fwps.wait_until(lambda: not self.out))"

TOLD = (
    ev.DriverStopped, ev.TimerCancelled, ev.NblCloned, ev.InjectAccepted, ev.WaitBegan, ev.WaitEnded, ev.FilterDeleted,
    ev.ModulePausing, ev.ModuleStateChanged, ev.InjectCompleted, ev.CalloutUnregistered, ev.HandleClosing,
    ev.HandleWaiting, ev.HandleClosed, ev.PoolFreed, ev.DriverUnloaded, ev.UnloadBlocked, ev.BugCheckSimulated,
)  # fmt: skip


def unload(run: Run) -> list[str]:
    """What is told from the beginning of the unload on."""
    kinds = [type(event).__name__ for event in run.events if isinstance(event, TOLD)]
    return kinds[kinds.index("DriverStopped"):]


def test_t11_the_recommended_order_drains_before_anything_goes(tmp_path: Path) -> None:
    run = citizen(tmp_path, QUEUE + RECOMMENDED.format(wait=WAIT)).run(sent(1), sent(2))

    assert unload(run) == [
        "DriverStopped", "TimerCancelled", "TimerCancelled", "NblCloned", "InjectAccepted", "NblCloned",
        "InjectAccepted", "WaitBegan", "InjectCompleted", "InjectCompleted", "WaitEnded", "FilterDeleted",
        "ModulePausing", "CalloutUnregistered", "HandleClosing", "HandleClosed", "PoolFreed", "DriverUnloaded",
        "ModuleStateChanged", "ModuleStateChanged", "ModuleStateChanged"]
    assert (run.rules, run.outcomes) == (["M48"], {1: "absorbed", 2: "absorbed"})
    assert statuses(run)[-1] == "0x00000000"
    assert_whole(run)


def test_t11_the_handle_waits_while_the_module_does(tmp_path: Path) -> None:
    """Filters go before the injections are back: a module that can wait waits, and all is well but for M04."""
    run = citizen(tmp_path, QUEUE + RECOMMENDED.format(wait="pass")).run(sent(1), sent(2))

    assert unload(run) == [
        "DriverStopped", "TimerCancelled", "TimerCancelled", "NblCloned", "InjectAccepted", "NblCloned",
        "InjectAccepted", "FilterDeleted", "ModulePausing", "CalloutUnregistered", "HandleClosing", "HandleWaiting",
        "InjectCompleted", "InjectCompleted", "HandleClosed", "PoolFreed", "DriverUnloaded",
        "ModuleStateChanged", "ModuleStateChanged", "ModuleStateChanged"]
    assert [event.in_flight for event in run.of(ev.ModulePausing)] == [2]
    assert [event.statuses for event in run.of(ev.InjectCompleted)] == [(0,), (0,)]
    assert run.rules == ["M48", "M04"]


def test_t11_work_of_the_unload_routine_belongs_to_the_frames_that_it_is_about(tmp_path: Path) -> None:
    run = citizen(tmp_path, QUEUE + RECOMMENDED.format(wait=WAIT)).run(sent(1), sent(2))
    about = [(type(record.event).__name__, record.frame) for record in run.records
             if isinstance(record.event, ev.NblCloned | ev.NblDereferenced | ev.InjectAccepted)]

    assert about == [(kind, frame) for frame in (1, 2) for kind in ("NblCloned", "NblDereferenced", "InjectAccepted")]


def test_bad_order_i_the_completion_runs_in_an_unloaded_image(tmp_path: Path) -> None:
    run = injecting(tmp_path, CLONE_AND_INJECT.format(at_ip_header=False) + """
    def stop(self, fwps):
        pass
    """).run(sent(1), sent(2), faults=[{"do": "unload_driver", "frame": 1, "after_ns": 1_000, "driver": "driver"}])

    assert unload(run) == ["DriverStopped", "CalloutUnregistered", "DriverUnloaded", "InjectCompleted",
                           "BugCheckSimulated"]
    assert run.one(ev.BugCheckSimulated).reason == "completed() of driver is called, and its image is unloaded"
    assert run.rules == ["M65", "M64", "M47"]  # its pool
    assert run.outcomes == {1: "absorbed", 2: "skipped"}


def test_bad_order_i_at_the_end_of_the_run(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def stop(self, fwps):
        status, copy = self.copy(fwps, bytes(60))
        status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, copy, self.completed, None)
    """).run(sent(1))

    assert run.one(ev.BugCheckSimulated).reason == "completed() of driver is called, and its image is unloaded"
    assert run.rules[:2] == ["M65", "M64"]
    assert {"M47"} == set(run.rules[2:])


def test_bad_order_ii_a_module_that_does_not_wait_blocks_the_unload(tmp_path: Path) -> None:
    run = citizen(tmp_path, QUEUE + RECOMMENDED.format(wait="pass")).run(sent(1), sent(2), race_strict="on")

    assert unload(run) == [
        "DriverStopped", "TimerCancelled", "TimerCancelled", "NblCloned", "InjectAccepted", "NblCloned",
        "InjectAccepted", "FilterDeleted", "ModulePausing", "CalloutUnregistered", "HandleClosing", "HandleWaiting",
        "ModuleStateChanged", "ModuleStateChanged", "ModuleStateChanged", "UnloadBlocked", "PoolFreed",
        "DriverUnloaded"]
    assert len(run.of(ev.CompletionLost)) == 2
    assert run.rules[:3] == ["M48", "M04", "M47"]


def held(folder: Path, **options: Any) -> Run:
    """References are held when the driver is unloaded, and more frames come."""
    return injecting(folder, """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        out.absorb()
    """).run(*(sent(number, time_ns=number * 1_000_000) for number in range(1, 7)),
             faults=[{"do": "unload_driver", "frame": 4, "driver": "driver"}], tx_window=3, **options)


def test_bad_order_iii_the_stall_survives_the_driver(tmp_path: Path) -> None:
    run = held(tmp_path)

    kinds = [type(event).__name__ for event in run.events if isinstance(event, ev.DriverUnloaded | ev.StallDetected)]
    assert kinds[:2] == ["DriverUnloaded", "StallDetected"]
    assert {number for number, outcome in run.outcomes.items() if outcome == "skipped"} == {4, 5, 6}
    assert found(run, "M48")[0].severity == "F"
    assert run.rules.count("M56") == 3


def test_an_unloaded_driver_that_is_still_registered_stops_the_machine_at_the_next_frame(tmp_path: Path) -> None:
    """M63, and what follows from it."""
    run = citizen(tmp_path, """
    def stop(self, fwps):
        Driver.__mro__[2].stop(self, fwps)  # leaves the callout and the filter
    """).run(sent(1), sent(2), sent(3), faults=[{"do": "unload_driver", "frame": 2, "driver": "driver"}])

    assert run.rules == ["M63", "M47"]
    assert run.one(ev.BugCheckSimulated).reason == "classify() of driver is called, and its image is unloaded"
    assert run.outcomes == {1: "absorbed", 2: "skipped", 3: "skipped"}


def test_a_timer_of_an_unloaded_driver_stops_the_machine_too(tmp_path: Path) -> None:
    body = """
    def seen(self, fwps, values, meta, layer_data, out):
        self.timer = fwps.set_timer(1_000_000_000, print)
        out.permit()
    {stop}
    """
    left = injecting(tmp_path, body.format(stop="")).run(sent(1))
    assert left.rules == []  # its time came before the end of the run

    later = body.replace("1_000_000_000", "2_000_000_000")
    faults = [{"do": "unload_driver", "frame": 1, "after_ns": 1_000_000, "driver": "driver"}]
    stopped = injecting(tmp_path, later.format(stop="")).run(sent(1), faults=faults)
    cancels = """
    def stop(self, fwps):
        assert fwps.cancel_timer(self.timer)
        assert not fwps.cancel_timer(self.timer)
        super().stop(fwps)
    """
    clean = injecting(tmp_path, later.format(stop=cancels)).run(sent(1), faults=faults)

    assert stopped.rules == ["M65"]
    assert stopped.one(ev.BugCheckSimulated).reason == "print() of driver is called, and its image is unloaded"
    assert (clean.rules, clean.failures, clean.of(ev.BugCheckSimulated)) == ([], [], [])
    assert [event.was_set for event in clean.of(ev.TimerCancelled)] == [True, False]


def test_the_other_timers_come_in_their_order_and_the_frame_is_done_when_the_last_has_come(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()
        first, *self.rest = [fwps.set_timer(ms * 1_000_000, self.tick, ms) for ms in (1, 9, 2, 10, 8, 3, 4)]
        fwps.cancel_timer(first)
        fwps.cancel_timer(self.rest[2])

    def tick(self, ms):
        self.ticks = [*getattr(self, "ticks", ()), ms]

    def stop(self, fwps):
        assert self.ticks == [2, 3, 4, 8, 9], self.ticks
        super().stop(fwps)
    """).run(sent(1), received(2))

    done = [record.time_ns for record in run.records if isinstance(record.event, ev.FrameFinished)]
    assert (run.rules, run.failures, done) == ([], [], [9_000_000, 1_000_000_000])


def test_a_wait_that_returns_into_an_unloaded_image_stops_the_machine(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()
        fwps.queue_work(self.work, fwps)

    def work(self, fwps):
        fwps.wait_until(lambda: False)
    """).run(sent(1), sent(2), faults=[
        {"do": "unload_driver", "frame": 1, "after_ns": 5_000, "driver": "driver"}])

    assert run.one(ev.BugCheckSimulated).reason == (
        "KeWaitForSingleObject returns into driver, whose image is unloaded")
    assert run.outcomes == {1: "sent", 2: "skipped"}


def test_after_an_unload_in_mid_run_its_terminating_filter_blocks(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("def seen(self, fwps, values, meta, layer_data, out):\n    out.permit()\n")
    bench.calls("driver")
    run = bench.run(received(1), received(2), faults=[{"do": "unload_driver", "frame": 2, "driver": "driver"}])

    assert run.outcomes == {1: "delivered", 2: "blocked"}
    assert run.rules == []
    assert len(run.of(ev.DriverUnloaded)) == 1


def test_m20b_waiting_for_a_refused_injection_blocks_the_unload(tmp_path: Path) -> None:
    counts = """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        self.out = getattr(self, "out", 0) + 1
        status = self.inject(fwps, values, clone)
        if fwps.nt_success(status):
            out.absorb()
        else:
            {failure}
            fwps.free_clone_net_buffer_list(clone, 0)
            out.block(hard=True)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        super().completed(fwps, context, net_buffer_list, dispatch_level)
        self.out -= 1

    def drained(self):
        return not self.out

    def stop(self, fwps):
        fwps.wait_until(self.drained)  # wait
        super().stop(fwps)
    """
    fault = {"call": "FwpsInjectMacSendAsync0", "nth": 1, "status": "0xC000009A"}
    run = injecting(tmp_path, counts.format(failure="pass")).run(sent(1), sent(2), faults=[fault])
    good = injecting(tmp_path, counts.format(failure="self.out -= 1")).run(sent(1), sent(2), faults=[fault])

    assert run.rules == ["M20b"]
    injecting(tmp_path, counts.format(failure="pass"))
    assert found(run, "M20b")[0].line == marked(tmp_path, "wait")
    assert [event.reason for event in run.of(ev.UnloadBlocked)] == ["drained never comes true"]
    assert (good.rules, good.of(ev.UnloadBlocked)) == ([], [])
