"""Pending NBLs, pools and the log of one NBL: what !ndiskd tells, at any step of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.ndis.snapshot import NblId
from engine.report.html import render_html
from engine.report.ledgers.nbl_log import balances, lineage_log, nbl_log
from engine.report.ledgers.pending import Limits, pending
from engine.report.ledgers.pool_rows import pool_rows
from engine.report.report_fold import report_from_trace
from engine.report.report_model import Report
from engine.report.session_report import session_facts
from engine.trace import events as ev
from engine.trace.folding import apply
from engine.trace.history import WorldHistory
from engine.trace.world import World
from tests.builders.engines import Run
from tests.builders.findings import marked
from tests.builders.frames import sent
from tests.builders.injections import injecting
from tests.builders.laboratories import GOOD

HOLDS = """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)  # TAKEN
        fwps.set_timer(5_000_000, self.due, fwps, layer_data)
        out.absorb()

    def due(self, fwps, layer_data):
        fwps.dereference_net_buffer_list(layer_data, True)  # GIVEN
"""
LEAKS = GOOD.replace("            self.release(fwps, nbl)\n", "")
LOGGED = frozenset({"Allocated", "Injected", "SentToMiniport", "WayEnded", "InjectCompleted"})
"""Steps that change the NBL, and so stand in a report."""
KEEPS_A_COPY = """
    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()
        self.made = self.copy(fwps, b"x" * 60)
"""


def world_at(run: Run, kind: type[ev.Event], nth: int = 0) -> World:
    """Right after the n-th event of a kind."""
    places = [record.seq for record in run.records if isinstance(record.event, kind)]
    world = World()
    for record in run.records[:places[nth] + 1]:
        apply(world, record)
    return world


def out(world: World) -> list[tuple[str, str, str, int]]:
    return [(one.nbl, one.holder, one.why, one.age_ns)
            for one in pending(world.nbls, world.since, world.pools.references, world.time_ns)]


def test_what_is_held_names_its_holder_and_its_age(tmp_path: Path) -> None:
    run = injecting(tmp_path, HOLDS).run(sent(1))

    assert out(world_at(run, ev.OriginalHeld)) == [("1.0", "driver", "absorbed, waits for 1 reference", 0)]
    started = next(record for record in run.records if isinstance(record.event, ev.WorkStarted))
    held = next(record for record in run.records if isinstance(record.event, ev.OriginalHeld))
    assert out(world_at(run, ev.WorkStarted)) == [
        ("1.0", "driver", "absorbed, waits for 1 reference", started.time_ns - held.time_ns)]
    assert out(run.world) == []


def test_a_clone_under_way_is_pending_and_holds_its_original(tmp_path: Path) -> None:
    run = injecting(tmp_path, GOOD).run(sent(1))

    assert [row[:3] for row in out(world_at(run, ev.FrameReentered))] == [
        ("1.1", "engine", "injected, not completed"), ("1.0", "driver", "absorbed, waits for 1 clone")]
    assert out(run.world) == []


def test_what_was_never_freed_is_pending_at_the_end_with_the_line_that_made_it(tmp_path: Path) -> None:
    run = injecting(tmp_path, LEAKS).run(sent(1), sent(2))
    world = run.world
    rows = pending(world.nbls, world.since, world.pools.references, world.time_ns)

    assert [(one.nbl, one.holder, one.why) for one in rows if one.kind == "CLONE"] == [
        ("1.1", "driver", "completed, not freed"),
        ("2.1", "driver", "completed, not freed")]
    assert {one.line for one in rows if one.kind == "CLONE"} == {run.of(ev.NblCloned)[0].line}
    assert [run.records[one.since_seq].event.nbls for one in rows if one.kind == "CLONE"] == [("1.1",), ("2.1",)]


def test_a_leak_is_not_forgotten_in_a_long_trace(tmp_path: Path) -> None:
    run = injecting(tmp_path, LEAKS).run(*[sent(number) for number in range(1, 40)])
    history = WorldHistory(run.trace)
    history.INTERVAL = history._interval = 64  # type: ignore[misc]  # as if it were long
    world = history.at(len(run.trace))

    assert [one for one in out(world) if one[1] == "driver" and one[2].startswith("completed")] == [
        row for row in out(run.world) if row[1] == "driver" and row[2].startswith("completed")]


@pytest.mark.parametrize(("age_ns", "severity"), [
    (0, ""), (999, ""), (1000, "W"), (2000, "E"), (2999, "E"), (3000, "F"),
])  # fmt: skip
def test_what_is_out_for_too_long_is_stuck(age_ns: int, severity: str) -> None:
    assert Limits(1000, 2000, 3000).severity(age_ns) == severity


def test_pools_say_what_is_out_of_them_and_which_line_took_it(tmp_path: Path) -> None:
    run = injecting(tmp_path, KEEPS_A_COPY).run(sent(1), sent(2))
    before = world_at(run, ev.NblAllocated, 1)
    rows = {row.id: row for row in pool_rows(before.pools, before.nbls)}
    line = run.of(ev.NblAllocated)[0].line

    assert (rows["protocol send pool"].allocated, rows["protocol send pool"].out) == (2, 1)
    pool = rows["pool1"]
    assert (pool.owner, pool.line, pool.allocated, pool.out, pool.state) == (
        "driver", run.of(ev.PoolAllocated)[0].line, 2, 2, "in use")
    assert [(site.line, site.allocated, site.out, site.nbls) for site in pool.sites] == [(line, 2, 2, ("1.1", "2.1"))]
    assert (rows["MDLs"].owner, rows["MDLs"].out, len(rows["MDLs"].sites)) == ("driver", 2, 1)


def test_a_pool_that_is_freed_too_early_says_so(tmp_path: Path) -> None:
    run = injecting(tmp_path, KEEPS_A_COPY).run(sent(1))
    world = run.world
    (pool,) = [row for row in pool_rows(world.pools, world.nbls) if row.id == "pool1"]

    assert pool.state == "freed while NBLs of it were out"
    assert "M47" in run.rules


def test_a_careful_driver_leaves_nothing_out(tmp_path: Path) -> None:
    world = injecting(tmp_path, GOOD).run(sent(1), sent(2)).world

    assert [(row.id, row.allocated, row.out) for row in pool_rows(world.pools, world.nbls)] == [
        ("pool1", 0, 0), ("protocol send pool", 2, 0), ("NDIS default pool", 2, 0)]


def test_the_log_of_an_nbl_tells_who_took_and_who_gave_back(tmp_path: Path) -> None:
    run = injecting(tmp_path, HOLDS, anchors=False).run(sent(1))
    rows = nbl_log(run.trace, run.world, NblId("1.0"))

    assert [(row.event, row.change, row.held) for row in rows] == [
        ("ProtocolSent", 0, 0), ("FilterSent", 0, 0), ("Classified", 0, 0), ("Referenced", 1, 1), ("Absorbed", 0, 1),
        ("Held", 0, 1), ("Dereferenced", -1, 0), ("Released", 0, 0), ("SendCompleted", 0, 0)]
    assert [row.line for row in rows if row.change] == [marked(tmp_path, "TAKEN"), marked(tmp_path, "GIVEN")]
    assert balances(rows) == {}
    assert balances(rows[:5]) == {"driver": 1}


def test_the_log_of_a_clone_goes_from_its_allocation_to_its_end(tmp_path: Path) -> None:
    run = injecting(tmp_path, GOOD, anchors=False).run(sent(1))

    assert [row.event for row in nbl_log(run.trace, run.world, NblId("1.1"))] == [
        "Allocated", "Injected", "Reentered", "FilterSent", "Classified", "SentToMiniport", "WayEnded",
        "InjectCompleted", "Freed"]
    assert [(row.event, row.change) for row in nbl_log(run.trace, run.world, NblId("1.0")) if row.change] == [
        ("Cloned", 1), ("CloneFreed", -1)]


def test_the_log_of_a_lineage_is_that_of_its_nbls_in_the_order_of_the_steps(tmp_path: Path) -> None:
    run = injecting(tmp_path, GOOD, anchors=False).run(sent(1))
    rows = lineage_log(run.trace, run.world, 1)

    both = nbl_log(run.trace, run.world, NblId("1.0")) + nbl_log(run.trace, run.world, NblId("1.1"))
    assert sorted(rows, key=repr) == sorted(both, key=repr)
    assert [row.seq for row in rows] == sorted(row.seq for row in both)


def test_the_log_ends_at_the_step_that_is_shown(tmp_path: Path) -> None:
    run = injecting(tmp_path, HOLDS).run(sent(1))

    assert [row.event for row in nbl_log(run.trace, world_at(run, ev.NblReferenced), NblId("1.0"))][-1] == "Referenced"


def test_level_4_tells_the_calls_that_lead_to_each_step_and_the_others_change_no_event(tmp_path: Path) -> None:
    taking = "fwps.reference_net_buffer_list(layer_data, True)  # TAKEN"
    body = HOLDS.replace(taking, "self.keep(fwps, layer_data)") + """
    def keep(self, fwps, nbl):
        fwps.reference_net_buffer_list(nbl, True)  # TAKEN
    """
    runs = {level: injecting(tmp_path, body).run(sent(1), recording_level=level) for level in "01234"}
    rows = nbl_log(runs["4"].trace, runs["4"].world, NblId("1.0"))

    (taken,) = [row for row in rows if row.event == "Referenced"]
    assert [one.split()[0] for one in taken.stack] == ["classify", "seen", "keep"]
    assert taken.stack[-1] == f"keep {marked(tmp_path, 'TAKEN')}"
    plain = [event for event in runs["3"].events if not isinstance(event, ev.SessionBegan)]
    for level in "0124":
        assert [event for event in runs[level].events
                if not isinstance(event, ev.SessionBegan | ev.StackCaptured)] == plain
    assert not any(runs[level].of(ev.StackCaptured) for level in "0123")


def told(run: Run) -> Report:
    facts = session_facts(run.engine, "a.pcap", None, 1)
    return report_from_trace(run.trace, facts, run.engine.policy)


def test_a_report_tells_what_is_out_at_the_end_and_how_it_came(tmp_path: Path) -> None:
    run = injecting(tmp_path, LEAKS).run(sent(1))
    report = told(run)

    assert [(row.nbl, row.why) for row in report.pending] == [(nbl, why) for nbl, _, why, _ in out(run.world)]
    (clone,) = [row for row in report.pending if row.kind == "CLONE"]
    assert [(step.event, step.seq) for step in clone.log] == [
        (row.event, row.seq) for row in nbl_log(run.trace, run.world, NblId("1.1")) if row.event in LOGGED]
    assert len(clone.log) == 5
    assert [(table.pool, table.allocated, table.out) for table in report.pools] == [
        (row.id, row.allocated, row.out) for row in pool_rows(run.world.pools, run.world.nbls)]


@pytest.mark.parametrize(("level", "pending_rows", "stuck", "logs"), [
    (0, 0, False, False), (1, 2, False, False), (2, 2, True, False), (3, 2, True, True), (4, 2, True, True),
])  # fmt: skip
def test_the_recording_level_says_how_much_of_it_is_known(
    level: int, pending_rows: int, stuck: bool, logs: bool, tmp_path: Path
) -> None:
    run = injecting(tmp_path, LEAKS).run(sent(1), sent(2, time_ns=60_000_000_000), recording_level=level)
    rows = [row for row in told(run).pending if row.nbl.startswith("1.")]

    assert told(run).recording_level == level
    assert len(rows) == pending_rows
    assert any(row.stuck for row in rows) is stuck
    assert any(row.log for row in rows) is logs
    assert bool(told(run).pools) is bool(level)


def test_the_page_shows_pending_nbls_and_pools(tmp_path: Path) -> None:
    page = render_html(told(injecting(tmp_path, LEAKS).run(sent(1)))).decode()

    assert "<h2>Pending <small>" in page
    assert "completed, not freed" in page
    assert "<td>NDIS default pool</td>" in page
    assert "<h2>Pending" not in render_html(told(injecting(tmp_path, GOOD).run(sent(1)))).decode()
