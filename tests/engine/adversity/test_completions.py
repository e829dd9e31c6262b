"""Completions that fault rules delay, shuffle and cut into segments. Source: callouts-nbl-injection 3.4, CH-27."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders.engines import Bench, Run
from tests.builders.frames import sent
from tests.builders.injections import CLONE_AND_INJECT

CHAIN = """
    def seen(self, fwps, values, meta, layer_data, out):
        head = None
        for number in range(self.config):
            status, copy = self.copy(fwps, bytes(60))
            copy.next, head = head, copy
        if not fwps.nt_success(self.inject(fwps, values, head)):
            for nbl in each(head):
                self.release(fwps, nbl)
        out.absorb()
"""
POLICIES = ["single", "each", "random_segments", "reverse_each"]


def chains(folder: Path, count: int, *rules: dict[str, object], frames: int = 1, **options: object) -> Run:
    bench = Bench(folder)
    bench.driver(CHAIN)
    bench.calls("chains", OUTBOUND_MAC_FRAME_ETHERNET, config=count)
    return bench.run(*(sent(number, time_ns=number * 1_000) for number in range(1, frames + 1)), faults=rules,
                     **options)


def clones(folder: Path, frames: int, *rules: dict[str, object]) -> Run:
    bench = Bench(folder)
    bench.driver(CLONE_AND_INJECT.format(at_ip_header=False))
    bench.calls("clones", OUTBOUND_MAC_FRAME_ETHERNET)
    return bench.run(*(sent(number, time_ns=number * 100_000) for number in range(1, frames + 1)), faults=rules)


def segments(run: Run) -> list[int]:
    return [len(one.nbls) for one in run.of(ev.InjectCompleted)]


def times(run: Run) -> list[int]:
    return [record.time_ns for record in run.records if isinstance(record.event, ev.InjectCompleted)]


@pytest.mark.parametrize("policy", POLICIES)
def test_segments_have_the_sizes_of_the_rule_whatever_the_policy(policy: str, tmp_path: Path) -> None:
    rule = {"do": "segment_completions", "nth": 1, "sizes": [2, 1, 3]}
    run = chains(tmp_path, 9, rule, completion_policy=policy)

    assert segments(run) == [2, 1, 3, 3]
    assert run.rules == []


def test_a_size_beyond_the_chain_takes_what_is_there(tmp_path: Path) -> None:
    assert segments(chains(tmp_path, 3, {"do": "segment_completions", "nth": 1, "sizes": [8]})) == [3]


def test_a_delayed_completion_comes_so_much_later_and_no_other(tmp_path: Path) -> None:
    plain, late = clones(tmp_path, 3), clones(tmp_path, 3, {"do": "delay_completion", "nth": 2, "ns": 7_000_000})

    assert [one.injection for one in plain.of(ev.InjectCompleted)] == [1, 2, 3]
    assert [one.injection for one in late.of(ev.InjectCompleted)] == [1, 3, 2]
    assert times(late)[2] >= 7_000_000 > times(late)[1]
    assert late.rules == []


def test_a_rule_for_a_frame_reaches_the_injections_of_its_story_only(tmp_path: Path) -> None:
    late = clones(tmp_path, 3, {"do": "delay_completion", "frame": 1, "ns": 7_000_000})

    assert [one.injection for one in late.of(ev.InjectCompleted)] == [2, 3, 1]


def test_reordered_nbls_come_back_alone_each_once_and_not_in_their_order(tmp_path: Path) -> None:
    run = chains(tmp_path, 9, {"do": "reorder_completions", "share": 1})
    completed = [nbl for one in run.of(ev.InjectCompleted) for nbl in one.nbls]

    assert segments(run) == [1] * 9
    assert sorted(completed) == sorted(run.one(ev.InjectAccepted).nbls)
    assert completed != list(run.one(ev.InjectAccepted).nbls)
    assert run.rules == []


def test_reordered_injections_overtake_each_other(tmp_path: Path) -> None:
    run = clones(tmp_path, 12, {"do": "reorder_completions", "share": 1, "ns": 1_000_000})
    order = [one.injection for one in run.of(ev.InjectCompleted)]

    assert sorted(order) == list(range(1, 13))
    assert order != sorted(order)


def test_the_same_rules_and_seed_give_the_same_trace(tmp_path: Path) -> None:
    rules = ({"do": "reorder_completions", "share": 0.5}, {"do": "delay_completion", "share": 0.5},
             {"do": "segment_completions", "share": 0.5, "sizes": [2]})

    assert chains(tmp_path, 5, *rules, frames=6).lines == chains(tmp_path, 5, *rules, frames=6).lines
