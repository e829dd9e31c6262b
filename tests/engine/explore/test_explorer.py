"""Exploring: what is found, that it is small, that it can be repeated, and that careful drivers come through."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from engine.classify.adversity.calls import CALLS
from engine.classify.options import EngineOptions
from engine.errors import EngineError
from engine.explore.case import frames_text, source_options
from engine.explore.discovery import Progress
from engine.explore.explorer import explore
from engine.explore.laboratory import Laboratory
from engine.explore.plan import cases
from engine.frames.capture import SourceOptions, open_capture
from engine.wfp.policy_file import load_policy
from tests.builders.findings import marked
from tests.builders.frames import sent
from tests.builders.laboratories import CAREFUL, GOOD, LEAKS_WHEN_REFUSED, done, explored, laboratory
from tests.corpus import REPOSITORY

SAMPLES = REPOSITORY / "resources" / "samples"
GOOD_SAMPLES = ["absorb-clone-reinject", "segmented-completion", "permit-and-block", "rewrite-inbound", "out-of-band"]


def sample(name: str) -> Laboratory:
    document = load_policy(SAMPLES / name / "policy.json")
    with open_capture(SAMPLES / name / "capture.pcapng") as capture:
        return Laboratory(document, EngineOptions().with_all(document.options), list(islice(capture, 20)))


def test_a_careful_driver_comes_through(tmp_path: Path) -> None:
    found, end = explored(explore(laboratory(tmp_path, GOOD), 60, 1))

    assert found == []
    assert (end.runs, end.engine_runs, end.findings, end.cut) == (60, 60, 0, 0)


@pytest.mark.parametrize("name", GOOD_SAMPLES)
def test_the_good_samples_come_through(name: str) -> None:
    assert explored(explore(sample(name), 40, 1))[0] == []


def test_a_leak_that_needs_a_refused_injection_is_found_with_one_rule_and_one_frame(tmp_path: Path) -> None:
    found, _ = explored(explore(laboratory(tmp_path, LEAKS_WHEN_REFUSED), 60, 1))

    leak = next(one for one in found if one.seen.key.rule == "M47")
    assert not leak.is_undisturbed
    assert leak.seen.key.driver == "driver"
    assert len(leak.case.faults) == 1
    assert len(leak.case.frames) == 1
    assert leak.case.options == ()
    assert leak.case.seed == 1
    assert {one.seen.key.rule for one in found} == {"M47", "M20a"}


def test_every_discovery_shows_its_finding_when_it_is_run_again(tmp_path: Path) -> None:
    lab = laboratory(tmp_path, LEAKS_WHEN_REFUSED)
    found, _ = explored(explore(lab, 60, 1))

    assert found
    for one in found:
        assert done(lab.run(one.case)).findings[one.seen.key] == one.seen


def test_the_same_seed_finds_the_same(tmp_path: Path) -> None:
    first = explored(explore(laboratory(tmp_path, LEAKS_WHEN_REFUSED), 30, 5))
    again = explored(explore(laboratory(tmp_path, LEAKS_WHEN_REFUSED), 30, 5))

    assert first == again


def test_what_the_undisturbed_run_shows_is_marked_and_has_no_adversity(tmp_path: Path) -> None:
    body = CAREFUL.replace("self.release(fwps, nbl)", "pass").replace("RELEASE", "pass")
    found, _ = explored(explore(laboratory(tmp_path, body), 2, 1))

    undisturbed = [one for one in found if one.is_undisturbed]
    assert "M47" in {one.seen.key.rule for one in undisturbed}
    assert {(one.case.seed, one.case.options, one.case.faults) for one in undisturbed} == {(1, (), ())}
    assert {len(one.case.frames) for one in undisturbed} == {1}


def test_findings_that_need_several_frames_keep_them_and_no_others(tmp_path: Path) -> None:
    body = """
    def seen(self, fwps, values, meta, layer_data, out):
        kind = layer_data.first_net_buffer.data()[14]
        self.state = getattr(self, "state", 0) | kind
        if self.state == 3:
            raise ValueError("both")
        out.permit()
    """
    kinds = [0, 1, 0, 0, 2, 0, 1, 2]
    frames = [sent(number, payload=bytes([kind]) * 46) for number, kind in enumerate(kinds, 1)]
    found, _ = explored(explore(laboratory(tmp_path, body, frames), 1, 1))

    (failure,) = found
    assert failure.seen.key.rule == "X01"
    assert failure.case.frames == (2, 5)


def test_distinct_findings_are_told_once_each(tmp_path: Path) -> None:
    found, _ = explored(explore(laboratory(tmp_path, LEAKS_WHEN_REFUSED), 60, 1))

    keys = [one.seen.key for one in found]
    assert len(set(keys)) == len(keys)


def test_a_run_that_never_ends_is_cut_and_what_it_showed_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.explore.laboratory.MOST_EVENTS", 100)
    monkeypatch.setattr("engine.explore.laboratory.MOST_EVENTS_PER_FRAME", 10)
    body = """
    def seen(self, fwps, values, meta, layer_data, out):
        self.again(fwps)
        raise ValueError("seen")

    def again(self, fwps):
        fwps.set_timer(1, self.again, fwps)
    """
    found, end = explored(explore(laboratory(tmp_path, body), 3, 1))

    assert end.cut == 3
    assert [one.seen.key.rule for one in found] == ["X01"]


def test_it_can_be_left_within_a_run(tmp_path: Path) -> None:
    steps = list(islice(explore(laboratory(tmp_path, GOOD, 200), 5, 1), 4))

    assert steps == [Progress(0, 5, "run", 0)] * 4


def test_options_that_the_user_or_the_policy_has_set_are_left_alone(tmp_path: Path) -> None:
    lab = laboratory(tmp_path, GOOD, rx_chain="4", completion_policy="each")
    drawn = {name for case in cases(lab, lab.base(1), 60, CALLS) for name, _ in case.options}

    assert drawn == {"tx_chain"}


def test_a_policy_that_the_undisturbed_run_refuses_is_an_error(tmp_path: Path) -> None:
    body = """
    def notify(self, fwps, notify_type, filter_key, filter):
        return 0xC0000001
    """
    with pytest.raises(EngineError, match="FWP_E_CALLOUT_NOTIFICATION_FAILED"):
        explored(explore(laboratory(tmp_path, body), 5, 1))


def test_every_drawn_case_can_be_used(tmp_path: Path) -> None:
    lab = laboratory(tmp_path, GOOD)
    drawn = list(cases(lab, lab.base(3), 300, CALLS))
    for case in drawn:
        lab.faults(case)
        lab.options.with_all(dict(case.options))

    assert {case.frames for case in drawn} == {(1, 2, 3, 4, 5, 6)}
    kinds = {str(rule.get("do", "call")) for case in drawn for rule in case.faults}
    assert kinds == {"call", "delay_completion", "reorder_completions", "segment_completions", "restart_module",
                     "remove_interface", "disconnect_media", "close_handle", "unload_driver"}


def test_calls_that_no_driver_uses_are_not_failed(tmp_path: Path) -> None:
    lab = laboratory(tmp_path, GOOD)
    drawn = list(cases(lab, lab.base(3), 100, {"FwpsAllocateCloneNetBufferList0"}))

    assert {rule["call"] for case in drawn for rule in case.faults if "call" in rule} == {
        "FwpsAllocateCloneNetBufferList0"}
    assert not any("completion" in str(rule.get("do")) for case in drawn for rule in case.faults)


@pytest.mark.parametrize(("numbers", "text"), [((3,), "3"), ((1, 2, 3), "1-3"), ((1, 3, 4, 9), "1,3-4,9"), ((), "")])
def test_frames_are_told_as_ranges(numbers: tuple[int, ...], text: str) -> None:
    assert frames_text(numbers) == text


def test_a_source_gives_the_frames_of_a_case_only() -> None:
    options = source_options((2, 3, 7, 11), SourceOptions())
    with open_capture(SAMPLES / "absorb-clone-reinject" / "capture.pcapng", options) as capture:
        assert [frame.number for frame in capture] == [2, 3, 7, 11]


def test_the_line_of_a_leak_is_where_it_was_allocated(tmp_path: Path) -> None:
    body = LEAKS_WHEN_REFUSED.replace("status, clone = self.clone(fwps, meta, layer_data)",
                                      "status, clone = fwps.allocate_clone_net_buffer_list(layer_data)  # M47")
    found, _ = explored(explore(laboratory(tmp_path, body), 40, 1))

    assert next(one for one in found if one.seen.key.rule == "M47").seen.key.line == marked(tmp_path, "M47")
