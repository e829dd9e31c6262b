"""What fault rules do to the machine: modules, interfaces, cables, handles, filters, drivers, power."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import OptionError
from engine.ndis.status import Status
from engine.trace import events as ev
from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders.engines import Bench, Run
from tests.builders.frames import sent
from tests.builders.injections import CLONE_AND_INJECT
from tests.builders.laboratories import GOOD

IN_FLIGHT_NS = 5_000
"""After a frame's arrival: what was injected for it is on its way."""
GAP_NS = 10_000_000


def run(folder: Path, *rules: dict[str, object], frames: int = 3, body: str = GOOD, **options: object) -> Run:
    bench = Bench(folder)
    bench.driver(body)
    bench.calls("rewrites", OUTBOUND_MAC_FRAME_ETHERNET)
    made = [sent(number, time_ns=number * GAP_NS) for number in range(1, frames + 1)]
    return bench.run(*made, faults=rules, **options)


def statuses(found: Run) -> list[int]:
    return [status for one in found.of(ev.InjectCompleted) for status in one.statuses]


def struck(found: Run) -> list[tuple[str, int]]:
    """Rule and time of each strike."""
    return [(record.event.rule, record.time_ns) for record in found.records
            if isinstance(record.event, ev.AdversityStruck)]


def not_done(found: Run) -> list[str]:
    return [one.why for one in found.of(ev.AdversityEnded) if one.why]


def test_a_rule_strikes_right_before_its_frame_enters_or_so_long_after(tmp_path: Path) -> None:
    rule = {"do": "restart_module", "module": "native", "frame": 2}
    before, after = run(tmp_path, rule), run(tmp_path, rule | {"after_ns": 700})

    assert struck(before) == [("restart_module native", GAP_NS)]
    assert struck(after) == [("restart_module native", GAP_NS + 700)]
    kinds = before.kinds()
    assert kinds.index("AdversityStruck") < [n for n, kind in enumerate(kinds) if kind == "FrameEntered"][1]


@pytest.mark.parametrize(("when", "arrivals"), [({"nth": 2}, [2]), ({"frame": 3}, [3]), ({"share": 1}, [1, 2, 3]),
                                                ({"share": 0}, [])])
def test_nth_and_share_count_the_frames_that_arrive(
    when: dict[str, object], arrivals: list[int], tmp_path: Path
) -> None:
    found = run(tmp_path, {"do": "restart_module", "module": "802.3", **when})

    assert [time_ns for _, time_ns in struck(found)] == [(number - 1) * GAP_NS for number in arrivals]


def test_a_restarting_module_waits_for_what_is_in_flight_and_refuses_sends(tmp_path: Path) -> None:
    rule = {"do": "restart_module", "module": "802.3", "frame": 2, "after_ns": IN_FLIGHT_NS}
    found = run(tmp_path, rule)
    (pausing,) = found.of(ev.ModulePausing)

    assert (pausing.module, pausing.in_flight, pausing.reason) == ("802.3", 1, "adversity")
    assert [one.state for one in found.of(ev.ModuleStateChanged)] == ["Paused", "Restarting", "Running"]
    assert statuses(found) == [0, 0, 0]
    assert found.rules == []


def test_a_frame_that_meets_a_restarting_module_is_not_sent(tmp_path: Path) -> None:
    found = run(tmp_path, {"do": "restart_module", "module": "802.3", "frame": 2})

    assert found.outcomes == {1: "absorbed", 2: "skipped", 3: "absorbed"}
    assert found.rules == []


def test_what_is_in_flight_completes_with_adapter_removed_and_the_interface_comes_back(tmp_path: Path) -> None:
    rule = {"do": "remove_interface", "frame": 1, "after_ns": IN_FLIGHT_NS, "for_ns": 1_000_000}
    found = run(tmp_path, rule)

    assert statuses(found) == [Status.STATUS_NDIS_ADAPTER_REMOVED, 0, 0]
    assert [(one.rule, one.why) for one in found.of(ev.AdversityEnded)] == [("remove_interface for 1000000 ns", "")]
    assert found.rules == []


def test_a_removed_interface_stays_away(tmp_path: Path) -> None:
    found = run(tmp_path, {"do": "remove_interface", "frame": 2})

    assert found.outcomes == {1: "absorbed", 2: "skipped", 3: "skipped"}
    assert found.of(ev.AdversityEnded) == []


def test_another_interface_can_be_named(tmp_path: Path) -> None:
    found = run(tmp_path, {"do": "remove_interface", "frame": 1, "interface": 7})

    assert found.outcomes == {1: "absorbed", 2: "absorbed", 3: "absorbed"}


def test_sends_without_a_cable_complete_with_media_disconnected(tmp_path: Path) -> None:
    found = run(tmp_path, {"do": "disconnect_media", "frame": 2, "for_ns": GAP_NS // 2})

    assert statuses(found) == [0, Status.STATUS_NDIS_MEDIA_DISCONNECTED, 0]
    assert found.rules == []


def test_a_closing_handle_refuses_injections_and_that_is_not_the_drivers_mistake(tmp_path: Path) -> None:
    found = run(tmp_path, {"do": "close_handle", "driver": "driver", "frame": 2})

    assert [one.status for one in found.of(ev.InjectRefused)] == [Status.STATUS_FWP_INJECT_HANDLE_CLOSING] * 2
    assert found.outcomes == {1: "absorbed", 2: "blocked", 3: "blocked"}
    assert found.rules == []


def test_a_closing_handle_still_completes_what_is_in_flight(tmp_path: Path) -> None:
    found = run(tmp_path, {"do": "close_handle", "driver": "driver", "frame": 1, "after_ns": IN_FLIGHT_NS})

    assert statuses(found) == [0]
    assert found.rules == []


@pytest.mark.parametrize("name", ["rewrites", "key"])
def test_a_filter_is_deleted_by_name_or_key(name: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(GOOD)
    spec = bench.calls("rewrites", OUTBOUND_MAC_FRAME_ETHERNET, key="{0a000000-0000-0000-0000-0000000000ff}")
    target = str(spec.key).upper() if name == "key" else name
    rule = {"do": "delete_filter", "filter": target, "frame": 2}
    found = bench.run(*(sent(number, time_ns=number * GAP_NS) for number in (1, 2)), faults=[rule])

    assert [one.by for one in found.of(ev.FilterDeleted)][:1] == ["adversity"]
    assert found.outcomes[1] == "absorbed"
    assert found.outcomes[2] != "absorbed"


def test_an_unloaded_driver_drains_first_and_its_filter_blocks_from_then_on(tmp_path: Path) -> None:
    rule = {"do": "unload_driver", "driver": "driver", "frame": 1, "after_ns": IN_FLIGHT_NS}
    found = run(tmp_path, rule)

    assert statuses(found) == [0]
    assert len(found.of(ev.DriverStopped)) == 1
    assert found.outcomes == {1: "absorbed", 2: "blocked", 3: "blocked"}
    assert found.rules == []


def test_a_driver_is_unloaded_once(tmp_path: Path) -> None:
    rule = {"do": "unload_driver", "driver": "driver", "share": 1, "after_ns": IN_FLIGHT_NS}
    found = run(tmp_path, rule)

    assert len(found.of(ev.DriverStopped)) == 1
    assert not_done(found) == ["driver is unloaded already"] * 2
    assert found.rules == []


def test_a_driver_is_not_unloaded_again_while_it_waits_for_its_injections(tmp_path: Path) -> None:
    rule = {"do": "unload_driver", "driver": "driver", "frame": 1}
    found = run(tmp_path, rule | {"after_ns": IN_FLIGHT_NS}, rule | {"after_ns": IN_FLIGHT_NS + 1})

    assert len(found.of(ev.DriverStopped)) == 1
    assert not_done(found) == ["driver is unloaded already"]
    assert found.rules == []


def test_the_machine_leaves_s0_and_comes_back(tmp_path: Path) -> None:
    rule = {"do": "leave_s0", "frame": 2, "for_ns": 1_000}
    found = run(tmp_path, rule)

    assert [one.state for one in found.of(ev.PowerChanged)] == ["leaving S0", "S0"]
    assert found.rules == []


def test_what_cannot_be_done_is_told_in_the_trace(tmp_path: Path) -> None:
    found = run(tmp_path, {"do": "delete_filter", "filter": "nothing", "frame": 1})

    assert not_done(found) == ["there is no filter 'nothing'; there is rewrites"]
    assert found.outcomes == {1: "absorbed", 2: "absorbed", 3: "absorbed"}


@pytest.mark.parametrize("kind", ["close_handle", "unload_driver"])
def test_a_driver_that_the_policy_does_not_have_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError) as caught:
        run(tmp_path, {"do": kind, "driver": "nobody", "frame": 1})

    assert str(caught.value) == "faults[0].driver: the policy has no driver 'nobody'; name one of driver"


def test_a_careless_driver_leaks_when_its_handle_closes(tmp_path: Path) -> None:
    body = CLONE_AND_INJECT.format(at_ip_header=False).replace("fwps.free_clone_net_buffer_list(clone, 0)", "pass")
    found = run(tmp_path, {"do": "close_handle", "driver": "driver", "frame": 3}, body=body)

    assert "M47" in found.rules


def test_the_same_rules_and_seed_give_the_same_trace(tmp_path: Path) -> None:
    rules = [{"do": "restart_module", "module": "native", "share": 0.5, "after_ns": 100},
             {"do": "remove_interface", "share": 0.3, "for_ns": GAP_NS}]

    assert run(tmp_path, *rules, frames=9).lines == run(tmp_path, *rules, frames=9).lines
