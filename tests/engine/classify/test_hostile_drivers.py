"""Drivers that make ever more copies, timers and work, or come with strange classes: each is brought to an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import PolicyError
from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_NATIVE, Layer
from tests.builders.engines import HEAD, UNKNOWN, Bench, assert_whole
from tests.builders.frames import received, sent
from tests.builders.policies import a_sublayer_spec, key_of


def test_a_recursion_that_calls_the_kernel_at_its_deepest_leaves_nothing_half_done(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            def deeper():
                try:
                    deeper()
                except RecursionError:
                    pass
                try:
                    status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
                except RecursionError:
                    return
                try:
                    status = self.inject(fwps, values, clone)
                except RecursionError:
                    fwps.free_clone_net_buffer_list(clone, 0)
            try:
                deeper()
            except RecursionError:
                pass
            out.absorb()
    """)
    bench.calls("calls", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent())

    assert_whole(run)
    assert [rule for rule in run.rules if rule not in ("M47", "X01")] == []
    assert len(run.of(ev.InjectAccepted)) == sum(len(event.nbls) for event in run.of(ev.InjectCompleted)) > 100


def test_a_driver_cannot_crash_the_engine_by_the_name_of_its_completion(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            class Completion:
                def __getattr__(inner, name):
                    raise SystemExit
                def __call__(inner, *args):
                    self.completed(*args)
            status, clone = self.clone(fwps, meta, layer_data)
            fwps.inject_mac_send_async(self.handle, Completion(), 0, 57, values.INTERFACE_INDEX, values.NDIS_PORT,
                                       clone, Completion(), None)
            fwps.queue_work(Completion(), None, None, None, None)
            out.absorb()
    """)
    bench.calls("calls", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent())

    assert_whole(run)
    assert run.one(ev.InjectCompleted).function == "Completion"
    assert run.one(ev.WorkStarted).function == "Completion"
    assert run.rules == []


HARMLESS = ["def __getattribute__(cls, name): raise SystemExit", "def __instancecheck__(cls, one): raise SystemExit"]


def metaclassed(folder: Path, body: str) -> Bench:
    bench = Bench(folder)
    bench.script(f"{HEAD}class M(type):\n    {body}\nclass Driver(Callout, metaclass=M):\n    pass\n")
    bench.calls("calls", INBOUND_MAC_FRAME_NATIVE, action=UNKNOWN)
    return bench


@pytest.mark.parametrize("body", HARMLESS)
def test_a_metaclass_that_means_harm_does_none(body: str, tmp_path: Path) -> None:
    run = metaclassed(tmp_path, body).run(received())

    assert_whole(run)


def test_a_class_that_cannot_be_made_an_instance_of_is_an_error_of_the_policy(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"driver.py line 4: SystemExit"):
        metaclassed(tmp_path, "def __call__(cls): raise SystemExit").run(received())


COPIES = """
def {name}(self, fwps, values, meta, layer_data, out):
    data = layer_data.first_net_buffer.data()
    for _ in range({count}):
        status, copy = self.copy(fwps, data)
        if not fwps.nt_success(status):
            continue
        if not fwps.nt_success(self.inject(fwps, values, copy)):
            self.release(fwps, copy)
    out.absorb()
"""


def two_copying_drivers(bench: Bench, layer: Layer, count: int) -> None:
    """Each in a sublayer of its own, so that both see every frame."""
    for name in ("one", "two"):
        sublayer = a_sublayer_spec(name)
        bench.add(sublayer)
        bench.driver(COPIES.format(name="seen", count=count), f"{name}.py")
        bench.calls(name, layer, script=f"{name}.py", sublayer=key_of(sublayer))


def test_two_drivers_that_copy_for_each_other_are_brought_to_an_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    two_copying_drivers(bench, OUTBOUND_MAC_FRAME_ETHERNET, count=1)
    run = bench.run(sent())

    assert_whole(run)
    assert "M06" in run.rules
    assert len(run.of(ev.FrameReentered)) < 100


@pytest.mark.parametrize("count", [10, 200])
def test_ever_more_copies_are_brought_to_an_end(count: int, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    two_copying_drivers(bench, OUTBOUND_MAC_FRAME_NATIVE, count)
    run = bench.run(sent(), completion_policy="each")

    assert_whole(run)
    assert "M06" in run.rules
    assert len(run.trace) < 1_000_000


def test_a_work_item_that_queues_two_more_is_brought_to_an_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            def work():
                fwps.queue_work(work)
                fwps.queue_work(work)
            work()
            out.permit()
    """)
    bench.calls("calls", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent(1), sent(2))

    assert_whole(run)
    assert run.outcomes == {1: "sent", 2: "sent"}
    assert len(run.of(ev.WorkStarted)) < 50_000


def test_a_timer_that_sets_itself_again_for_ever_ends_after_the_last_frame(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
        def start(self, fwps, config):
            super().start(fwps, config)
            def tick():
                fwps.set_timer(1_000_000_000, tick)
            tick()
    """)
    bench.calls("calls", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent(1))

    assert_whole(run)
    assert 50 <= len(run.of(ev.WorkStarted)) <= 61
    assert run.rules == ["M65"]  # one timer is always set


def test_an_nbl_injected_again_from_each_of_its_completions_is_brought_to_an_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            self.place = values.INTERFACE_INDEX, values.NDIS_PORT
            status, clone = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, clone)
            out.absorb()

        def completed(self, fwps, context, net_buffer_list, dispatch_level):
            status = fwps.inject_mac_send_async(self.handle, None, 0, 57, *self.place, net_buffer_list, self.completed,
                                                None)
            if not fwps.nt_success(status):
                fwps.free_clone_net_buffer_list(net_buffer_list, 0)
    """)
    bench.calls("calls", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent())

    assert_whole(run)
    assert set(run.rules) == {"M06"}
    assert len(run.of(ev.InjectAccepted)) < 12
