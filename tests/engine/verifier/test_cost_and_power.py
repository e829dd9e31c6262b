"""What a classify call costs, and what is held as the system leaves S0: M70, M73."""

from __future__ import annotations

from pathlib import Path

from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE
from tests.builders.engines import Bench, Run
from tests.builders.findings import assert_found, found, marked
from tests.builders.frames import SECOND_NS, received, sent
from tests.builders.injections import injecting


def classified(folder: Path, body: str, **options: int) -> Run:
    bench = Bench(folder)
    bench.driver(f"""
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):  # M70
        {body}
        out.permit()
    """)
    bench.calls("driver", INBOUND_MAC_FRAME_NATIVE)
    return bench.run(received(1), received(2), **options)


def test_m70_a_classify_call_goes_on_for_too_long(tmp_path: Path) -> None:
    run = classified(tmp_path, "for turn in range(6_000): pass")

    assert_found(run, tmp_path, "M70", "1.0")
    assert found(run, "M70")[0].detail == (
        "the call costs some 60.01 µs at DISPATCH_LEVEL: 6001 loop turns and calls, 0 bytes")
    assert run.outcomes == {1: "delivered", 2: "delivered"}


def test_m70_bytes_count_too_and_the_budget_is_an_option(tmp_path: Path) -> None:
    body = "layer_data.first_net_buffer.data()"

    assert classified(tmp_path, body).rules == []
    assert classified(tmp_path, body, classify_budget_ns=69).rules == ["M70"]
    assert classified(tmp_path, body, classify_budget_ns=70).rules == []
    assert classified(tmp_path, "for turn in range(6_000): pass", classify_budget_ns=60_010).rules == []


def test_m70_moves_no_clock(tmp_path: Path) -> None:
    slow, quick = classified(tmp_path, "for turn in range(6_000): pass"), classified(tmp_path, "pass")

    assert [record.time_ns for record in slow.records if record.frame == 2][-1] == SECOND_NS
    assert [record.time_ns for record in quick.records if record.frame == 2][-1] == SECOND_NS


POWER = """
    queue = ()
    def start(self, fwps, config):
        super().start(fwps, config)
        self.queue = []
        {register}

    def power(self, leaving):
        if leaving:
            self.drop()

    def seen(self, fwps, values, meta, layer_data, out):
        self.fwps = fwps
        fwps.reference_net_buffer_list(layer_data, True)  # M73
        self.queue.append(layer_data)
        out.absorb()

    def drop(self):
        while self.queue:
            self.fwps.dereference_net_buffer_list(self.queue.pop(), False)

    def stop(self, fwps):
        self.drop()
        {unregister}
        super().stop(fwps)
"""
SLEEP = {"do": "leave_s0", "frame": 3, "for_ns": 1_000}


def asleep(folder: Path, register: str = "pass", unregister: str = "pass") -> Run:
    frames = [sent(number, time_ns=number * 1_000_000) for number in range(1, 4)]
    return injecting(folder, POWER.format(register=register, unregister=unregister)).run(*frames, faults=[SLEEP])


def test_m73_frames_are_held_as_the_system_leaves_s0(tmp_path: Path) -> None:
    run = asleep(tmp_path)

    assert_found(run, tmp_path, "M73", "1.0")
    assert found(run, "M73")[0].detail == "driver holds 2 NBLs as the system leaves S0"
    assert run.rules == ["M73"]


def test_m73_not_for_a_driver_whose_power_callback_drains(tmp_path: Path) -> None:
    register = "self.callback = fwps.register_power_callback(self.power)"

    assert asleep(tmp_path, register, "fwps.unregister_power_callback(self.callback)").rules == []
    left = asleep(tmp_path, register + "  # registered")
    assert left.rules == ["M47"]
    assert found(left, "M47")[0].line == marked(tmp_path, "registered")
