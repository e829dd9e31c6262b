"""LWF modules restart, detach and attach: the window of CH-28, what waits for what, and `race_strict`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.report.verdicts import VerdictFold
from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, LAYERS, OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders.drivers import citizen, statuses
from tests.builders.engines import Bench, Run, assert_whole
from tests.builders.frames import SECOND_NS, received, sent
from tests.builders.injections import CLONE_AND_INJECT, injecting
from tests.builders.policies import guid, permit

RESTARTS = {"do": "restart_module", "frame": 2, "module": "802.3"}
STATES = ["Pausing", "Paused", "Restarting", "Running"]


def at(number: int, after_ns: int = 0) -> int:
    """Arrival of frame `number` where frame 1 comes at 1 s and the others `after_ns` behind frame 2."""
    return number * SECOND_NS + after_ns


def states(run: Run, module: str = "802.3") -> list[str]:
    return ["Pausing" if isinstance(event, ev.ModulePausing) else event.state for event in run.events
            if isinstance(event, ev.ModulePausing | ev.ModuleStateChanged) and event.module == module]


def reasons(run: Run) -> dict[int, object]:
    fold = VerdictFold(run.engine.policy)
    verdicts = [verdict for record in run.records for verdict in fold.take(record)] + fold.finish()
    return {verdict.frame: verdict.reason for verdict in verdicts if verdict.outcome == "skipped"}


def watched(folder: Path) -> Bench:
    """A filter at each of the four layers."""
    bench = Bench(folder)
    bench.add(*(permit(f"at {layer.id}", layer=layer, key=guid(layer.id)) for layer in LAYERS))
    return bench


def test_ch_28_sends_are_refused_and_receives_pass_unfiltered_while_a_module_restarts(tmp_path: Path) -> None:
    run = watched(tmp_path).run(
        sent(1), sent(2), received(3, time_ns=at(2, 50_000)), sent(4, time_ns=at(2, 150_000)),
        received(5, time_ns=at(2, 450_000)), sent(6, time_ns=at(2, 550_000)), faults=[RESTARTS])

    assert states(run) == STATES
    assert run.outcomes == {1: "sent", 2: "skipped", 3: "delivered", 4: "skipped", 5: "delivered", 6: "sent"}
    assert reasons(run) == {2: "module 802.3 of interface 1 was Pausing: STATUS_NDIS_PAUSED",
                            4: "module 802.3 of interface 1 was Paused: STATUS_NDIS_PAUSED"}
    assert [(event.nbl, event.status) for event in run.of(ev.OriginalCompleted)] == [
        ("1.0", 0), ("2.0", 0xC023002A), ("4.0", 0xC023002A), ("6.0", 0)]
    assert [(event.layer, event.nbls, event.reason) for event in run.of(ev.ModuleBypassed)] == [
        (56, ("3.0",), "the module is Pausing: unfiltered"), (56, ("5.0",), "the module is Restarting: unfiltered")]
    assert_whole(run)


def test_ch_28_receives_are_lost_if_the_option_says_so(tmp_path: Path) -> None:
    run = watched(tmp_path).run(received(1), received(2), received(3), faults=[RESTARTS], restart_inbound="lose")

    assert run.outcomes == {1: "delivered", 2: "skipped", 3: "delivered"}
    assert [(event.nbl, event.status) for event in run.of(ev.OriginalReturned)] == [
        ("1.0", 0), ("2.0", 0xC023002A), ("3.0", 0)]


def test_the_other_module_goes_on(tmp_path: Path) -> None:
    run = watched(tmp_path).run(received(1), received(2), faults=[RESTARTS])

    assert [(event.layer, event.nbls) for event in run.of(ev.ClassifyEnded)] == [
        (58, ("1.0",)), (56, ("1.0",)), (58, ("2.0",))]


def test_ch_21_injections_are_refused_while_the_module_does_not_run(tmp_path: Path) -> None:
    body = """
    def seen(self, fwps, values, meta, layer_data, out):
        data = layer_data.first_net_buffer.data()
        out.permit()
        fwps.set_timer(200_000, self.later, fwps, data, values.INTERFACE_INDEX)

    def later(self, fwps, data, interface):
        status, copy = self.copy(fwps, data)
        status = fwps.inject_mac_send_async(self.handle, None, 0, 57, interface, 0, copy, self.completed, None)
        if not fwps.nt_success(status):
            self.release(fwps, copy)
    """
    run = injecting(tmp_path, body).run(sent(1), faults=[{**RESTARTS, "frame": 1, "after_ns": 60_000}])

    assert [event.status for event in run.of(ev.InjectRefused)] == [0xC0220100]
    assert run.rules == []


def drained(folder: Path, **options: Any) -> Run:
    """A restart strikes right behind the injection of 1.1."""
    return injecting(folder, CLONE_AND_INJECT.format(at_ip_header=False)).run(
        sent(1), sent(2), faults=[{**RESTARTS, "frame": 1, "after_ns": 1_000}], **options)


def test_pausing_waits_for_what_the_module_has_originated(tmp_path: Path) -> None:
    run = drained(tmp_path)
    kinds = [type(event).__name__ for event in run.events
             if isinstance(event, ev.ModulePausing | ev.InjectCompleted | ev.ModuleStateChanged)]

    slow = injecting(tmp_path, CLONE_AND_INJECT.format(at_ip_header=False)).run(
        sent(1), faults=[{**RESTARTS, "frame": 1, "after_ns": 1_000},
                         {"do": "delay_completion", "nth": 1, "ns": 7_000_000}])

    first = next(record.time_ns for record in slow.records if isinstance(record.event, ev.ModuleStateChanged))
    (back,) = [record.time_ns for record in slow.records if isinstance(record.event, ev.InjectCompleted)]
    assert first == back + 100_000 > 7_000_000
    assert run.of(ev.ModulePausing) == [ev.ModulePausing("802.3", 1, 1, "adversity")]
    assert kinds[:5] == ["ModulePausing", "InjectCompleted", *3 * ["ModuleStateChanged"]]
    assert states(run) == STATES
    assert (run.rules, run.outcomes) == ([], {1: "absorbed", 2: "absorbed"})


def test_race_strict_restarts_without_waiting_and_loses_the_completions(tmp_path: Path) -> None:
    run = drained(tmp_path, race_strict="on")

    assert [(event.injection, event.nbl) for event in run.of(ev.CompletionLost)] == [(1, "1.1")]
    assert [event.nbls for event in run.of(ev.InjectCompleted)] == [("2.1",)]
    assert [event.reason for event in run.of(ev.UnloadBlocked)] == [
        "FwpsInjectionHandleDestroy0 waits for 1 injections of H1"]
    assert states(run) == STATES
    assert run.rules == ["M48", "M47", "M65", "M64", "M47"]


def test_a_commit_that_changes_no_handler_restarts_nothing(tmp_path: Path) -> None:
    bench = watched(tmp_path)
    bench.add(permit("second", layer=INBOUND_MAC_FRAME_ETHERNET, key=guid(2)))
    quiet = bench.run(sent(1), sent(2), faults=[{"do": "delete_filter", "frame": 2, "filter": "second"}])
    last = bench.run(sent(1), sent(2), sent(3), faults=[
        {"do": "delete_filter", "frame": 2, "filter": "second"},
        {"do": "delete_filter", "frame": 2, "filter": "at 56"}])

    assert states(quiet) == []
    assert states(last) == STATES
    assert [(event.tx_handlers, event.rx_handlers) for event in last.of(ev.ModuleStateChanged)] == [
        (True, True), (True, False), (True, False)]
    assert last.world.modules == {"802.3": (True, False), "native": (True, True)}
    assert last.world.module_states == {"802.3": "Running"}
    assert last.outcomes == {1: "sent", 2: "skipped", 3: "sent"}


def test_a_commit_while_a_module_restarts_makes_it_restart_again(tmp_path: Path) -> None:
    run = watched(tmp_path).run(sent(1), sent(2), faults=[
        {"do": "delete_filter", "frame": 1, "after_ns": 1_000, "filter": "at 57"},
        {"do": "delete_filter", "frame": 1, "after_ns": 250_000, "filter": "at 56"}])

    assert states(run) == STATES + STATES
    assert [(event.tx_handlers, event.rx_handlers) for event in run.of(ev.ModuleStateChanged)] == [
        (True, True), (False, True), (False, True), (False, True), (False, False), (False, False)]


def test_every_interface_restarts(tmp_path: Path) -> None:
    from tests.builders.frames import an_interface

    run = watched(tmp_path).run(
        sent(1), sent(2, interface=an_interface(1)), sent(3),
        faults=[{"do": "delete_filter", "frame": 3, "filter": "at 57"}])

    assert [(event.interface, event.state) for event in run.of(ev.ModuleStateChanged)] == [
        (interface, state) for state in STATES[1:] for interface in (1, 2)]


REMOVED = {"do": "remove_interface", "frame": 2, "for_ns": 1_500_000_000}


def test_a_removed_interface_carries_nothing_until_it_is_back(tmp_path: Path) -> None:
    run = watched(tmp_path).run(*(received(number) for number in range(1, 6)), faults=[REMOVED])

    assert run.outcomes == {1: "delivered", 2: "skipped", 3: "skipped", 4: "delivered", 5: "delivered"}
    assert reasons(run) == {2: "interface 1 is removed", 3: "interface 1 is removed"}
    assert states(run) == ["Detached", "Attaching", "Paused", "Restarting", "Running"]
    assert states(run, "native") == states(run)
    assert_whole(run)


@pytest.mark.parametrize(("do", "status"), [("remove_interface", 0xC0230018), ("disconnect_media", 0xC023001F)])
def test_ch_30_what_is_in_flight_completes_with_a_status_of_its_own(tmp_path: Path, do: str, status: int) -> None:
    run = injecting(tmp_path, CLONE_AND_INJECT.format(at_ip_header=False)).run(
        sent(1), sent(2), faults=[{"do": do, "frame": 1, "after_ns": 1_000, "for_ns": 100_000}])

    assert [event.statuses for event in run.of(ev.InjectCompleted)] == [(status,), (0,)]
    assert [event.outcome for event in run.of(ev.InjectionEnded)] == ["failed", "sent"]
    assert run.rules == ["M11"] or run.rules == []


def test_without_a_cable_sends_fail_at_the_wire_and_nothing_is_received(tmp_path: Path) -> None:
    run = watched(tmp_path).run(
        sent(1), sent(2), received(3), sent(4),
        faults=[{"do": "disconnect_media", "frame": 2, "for_ns": 1_500_000_000}])

    assert run.outcomes == {1: "sent", 2: "skipped", 3: "skipped", 4: "sent"}
    assert reasons(run) == {2: "interface 1 could not send it: STATUS_NDIS_MEDIA_DISCONNECTED",
                            3: "the cable of interface 1 is out"}
    assert [(event.interface, event.is_up) for event in run.of(ev.LinkChanged)] == [(1, False), (1, True)]
    assert [event.layer for event in run.of(ev.ClassifyEnded)] == [57, 59, 57, 59, 57, 59]
    assert states(run) == []


def test_a_driver_that_takes_its_filter_away_in_mid_run_makes_the_module_restart(tmp_path: Path) -> None:
    body = """
    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()
        fwps.queue_work(self.away, fwps)

    def away(self, fwps):
        self.say(fwps.filter_delete_by_id(self.engine, self.filter_id))
    """
    run = citizen(tmp_path, body, OUTBOUND_MAC_FRAME_ETHERNET).run(
        sent(1), sent(2, time_ns=SECOND_NS + 200_000), sent(3))

    assert statuses(run)[6] == "0x00000000"
    assert states(run) == STATES
    assert run.of(ev.ModulePausing)[0].reason == "driver: tx handlers become no handlers"
    assert run.outcomes == {1: "sent", 2: "skipped", 3: "sent"}


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    frames = [sent(number) for number in range(1, 6)]
    faults = [RESTARTS, {**REMOVED, "frame": 3}, {"do": "delete_filter", "frame": 4, "filter": "at 57"}]
    first, second = (watched(tmp_path).run(*frames, faults=faults) for _ in range(2))

    assert first.lines == second.lines
    assert len(first.of(ev.ModuleStateChanged)) > 6
