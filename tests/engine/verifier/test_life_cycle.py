"""Levels, unloading, registration: M65, M69, M71."""

from __future__ import annotations

from pathlib import Path

from engine.trace import events as ev
from engine.wfp.types import CalloutFlag
from tests.builders.engines import Bench, Run
from tests.builders.findings import assert_found, found, marked
from tests.builders.frames import received, sent
from tests.builders.injections import CLONE_AND_INJECT, injecting


def test_m65_a_timer_is_set_when_the_driver_goes(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.set_timer(100_000_000_000, print)  # M65
        out.permit()
    """).run(sent())

    (left,) = found(run, "M65")
    assert_found(run, tmp_path, "M65", None)
    assert "1 work items or timers" in left.detail


def test_m65_injections_are_out_when_the_driver_goes(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def stop(self, fwps):
        status, handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        status, copy = self.copy(fwps, bytes(60))
        status = fwps.inject_mac_send_async(handle, None, 0, 57, 1, 0, copy, self.completed, None)
    """).run(sent())

    (left,) = found(run, "M65")
    assert "1 injected NBLs" in left.detail


def test_m65_not_when_all_has_come_back(tmp_path: Path) -> None:
    body = CLONE_AND_INJECT.format(at_ip_header=False) + """
        fwps.set_timer(1_000_000_000, str)
    """

    assert injecting(tmp_path, body).run(sent()).rules == []


def handles(folder: Path, body: str) -> Run:
    return injecting(folder, f"""
    def seen(self, fwps, values, meta, layer_data, out):
        {body}
        out.permit()

    def work(self, fwps, dispatch_level):
        status, handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)  # create
        fwps.injection_handle_destroy(handle)  # destroy
    """).run(sent())


def test_m69_handles_are_made_and_destroyed_at_dispatch_level(tmp_path: Path) -> None:
    for body in ("self.work(fwps, True)", "fwps.set_timer(1_000, self.work, fwps, True)"):
        run = handles(tmp_path, body)
        lines = [marked(tmp_path, "create"), marked(tmp_path, "destroy")]

        assert [(one.driver, one.line) for one in found(run, "M69")] == [("driver", line) for line in lines]
        assert run.rules == ["M69", "M69"]


def test_m69_not_in_a_work_item(tmp_path: Path) -> None:
    assert handles(tmp_path, "fwps.queue_work(self.work, fwps, False)").rules == []


def flow(folder: Path, flags: CalloutFlag) -> Run:
    bench = Bench(folder)
    bench.driver("""
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):  # M71
        out.block(hard=True)
    """)
    bench.calls("driver", flags=flags)
    return bench.run(received())


def test_m71_a_callout_that_waits_for_flows_is_never_invoked(tmp_path: Path) -> None:
    run = flow(tmp_path, CalloutFlag.FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW)

    (waits,) = found(run, "M71")
    assert_found(run, tmp_path, "M71", waits.nbl)
    assert run.of(ev.CalloutEntered) == []
    assert run.outcomes == {1: "delivered"}


def test_m71_not_for_other_flags(tmp_path: Path) -> None:
    run = flow(tmp_path, CalloutFlag.FWP_CALLOUT_FLAG_ALLOW_OFFLOAD)

    assert run.rules == []
    assert run.outcomes == {1: "blocked"}
