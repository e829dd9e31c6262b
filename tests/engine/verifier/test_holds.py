"""Frames held too long, and the stall of 2.5: M48."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET, Layer
from tests.builders.engines import Bench, Run
from tests.builders.findings import assert_found, found
from tests.builders.frames import SECOND_NS, received, sent
from tests.builders.injections import injecting

HOLDS = """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)  # M48
        delay = self.config["delay_ns"]
        if delay:
            fwps.set_timer(delay, fwps.dereference_net_buffer_list, layer_data, True)
        out.absorb()
"""


def holding(folder: Path, delay_ns: int, layer: Layer = INBOUND_MAC_FRAME_NATIVE) -> Bench:
    return injecting(folder, HOLDS, layer, config={"delay_ns": delay_ns})


@pytest.mark.parametrize(
    ("seconds", "severities"), [(1, ["W"]), (22, ["W", "E"]), (30, ["W", "E", "F"]), (50, ["W", "E", "F"])]
)
def test_m48_at_each_of_its_three_limits(seconds: int, severities: list[str], tmp_path: Path) -> None:
    run = holding(tmp_path, seconds * SECOND_NS).run(received())

    assert_found(run, tmp_path, "M48", *["1.0"] * len(severities))
    assert [one.severity for one in found(run, "M48")] == severities


def test_m48_not_below_the_first_limit(tmp_path: Path) -> None:
    assert holding(tmp_path, SECOND_NS - 2_000).run(received()).rules == []


def test_m48_names_the_line_that_made_a_clone_which_nobody_frees(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data)  # M48
        fwps.set_timer(2_000_000_000, fwps.free_clone_net_buffer_list, clone, 0)
        out.absorb()
    """).run(sent())

    assert_found(run, tmp_path, "M48", "1.0")


def burst(direction: str, count: int) -> list[object]:
    frame = received if direction == "inbound" else sent
    return [frame(number, time_ns=number * 1_000_000) for number in range(1, count + 1)]


def stalls(run: Run) -> list[str]:
    return [one.detail for one in found(run, "M48") if "stalls" in one.detail]


@pytest.mark.parametrize(
    ("layer", "option"), [(INBOUND_MAC_FRAME_NATIVE, "rx_ring_size"), (OUTBOUND_MAC_FRAME_ETHERNET, "tx_window")]
)
def test_a_direction_stalls_when_its_ring_or_window_is_full_of_held_frames(
    layer: Layer, option: str, tmp_path: Path
) -> None:
    run = holding(tmp_path, 0, layer).run(*burst(layer.direction, 6), **{option: 4})

    (stall,) = stalls(run)
    assert f"{layer.direction.value} stalls on interface 1" in stall
    assert "4 held NBLs (driver 4), the oldest for 4 ms" in stall
    assert [one.severity for one in found(run, "M48")] == ["F"]
    assert [one.number for one in run.of(ev.FrameSkipped)] == [5, 6]
    assert "is full of 4 held NBLs" in run.of(ev.FrameSkipped)[0].reason
    assert run.outcomes[5] == "skipped"


def test_the_stall_is_an_event_of_its_own_with_holder_and_age(tmp_path: Path) -> None:
    """EV_STALL_DETECTED (2.5), also for M23 and M26: whoever holds, the direction stops."""
    run = holding(tmp_path, 0).run(*burst("inbound", 6), rx_ring_size=4)
    callout = next(one.key for one in run.engine.policy.callouts.values() if one.name == "driver callout")

    assert run.of(ev.StallDetected) == [ev.StallDetected("inbound", 1, 4, {"driver": 4}, callout, "1.0", 4_000_000)]


def test_the_direction_goes_on_when_a_place_is_free_again(tmp_path: Path) -> None:
    run = holding(tmp_path, 4_500_000).run(*burst("inbound", 8), rx_ring_size=3)

    assert len(stalls(run)) == 2
    assert [one.number for one in run.of(ev.FrameSkipped)] == [4, 8]


def test_no_stall_when_the_holders_let_go_in_time_nor_in_the_other_direction(tmp_path: Path) -> None:
    at_once = [received(number, time_ns=0) for number in range(1, 9)]
    assert holding(tmp_path, 100_000).run(*at_once, rx_ring_size=3).rules == []

    mixed = [received(1, time_ns=0), received(2, time_ns=0), *(sent(number, time_ns=0) for number in range(3, 7))]
    assert stalls(holding(tmp_path, 0).run(*mixed, rx_ring_size=3, tx_window=1)) == []


def test_a_stop_while_a_frame_waits_for_its_place_ends_the_run(tmp_path: Path) -> None:
    bench = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.queue_work(self.work, fwps)
        out.absorb()

    def work(self, fwps):
        status, copy = self.copy(fwps, bytes(60))
        fwps.inject_mac_send_async(self.handle, None, 0, 59, 1, 0, copy, self.completed, None)
    """, anchors=False)
    at_once = [sent(number, time_ns=0) for number in range(1, 4)]

    assert bench.run(*at_once, tx_window=1).outcomes == {1: "absorbed", 2: "skipped", 3: "skipped"}


def test_what_is_over_is_forgotten(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        status, copy = self.copy(fwps, layer_data.first_net_buffer.data())
        self.inject(fwps, values, copy)
        fwps.dereference_net_buffer_list(layer_data, True)
        out.absorb()
    """).run(*(sent(number) for number in range(1, 20)))

    ledger = run.engine._host.ledger
    assert (ledger.loops, ledger.reference_lines, ledger.shapes, ledger.balance, ledger.told) == (
        set(), {}, {}, {}, set())
    assert not any(ledger.holds)
