"""The bulk path and the stepping path give one answer: verdict for verdict, count for count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.bulk import arbitrate, columns, grouping, vectors, verdicts
from engine.bulk.frame_classes import classes_of
from engine.bulk.verdicts import OUTCOMES, STEPPED, BulkVerdicts, classify
from engine.classify import arbitration
from engine.frames.frame import Frame
from engine.report.summary import SummaryFold
from engine.report.verdicts import FrameVerdict, VerdictFold
from engine.trace import events as ev
from engine.wfp import conditions
from engine.wfp.layers import PATHS
from engine.wfp.types import MatchType
from tests.builders.drawn_policies import Drawn, Scene, a_bench, crowded_scenes, drawn_filters, drawn_frames
from tests.builders.engines import Run

policies = st.lists(drawn_filters(), max_size=7)


def stepped(run: Run) -> set[int]:
    """Frames for which a callout was called."""
    return {int(event.nbls[0].partition(".")[0]) for event in run.of(ev.CalloutEntered)}


def said_by_steps(run: Run, all_frames: list[Frame], left_out: set[int]) -> tuple[list[FrameVerdict], SummaryFold]:
    fold, summary = VerdictFold(run.engine.policy), SummaryFold(run.engine.policy)
    verdicts: list[FrameVerdict] = []
    for frame in all_frames:
        fold.expect(frame.number, frame.direction)
    for record in run.records:
        verdicts += fold.take(record)
        if record.frame not in left_out:
            summary.take(record)
    return [one for one in verdicts + fold.finish() if one.frame not in left_out], summary


def said_in_bulk(
    run: Run, found: BulkVerdicts, all_frames: list[Frame], of_frame: list[int]
) -> list[tuple[object, ...]]:
    policy = run.engine.policy
    told: list[tuple[object, ...]] = []
    for frame, number in zip(all_frames, of_frame, strict=True):
        if found.outcome[number] == STEPPED:
            continue
        path = found.paths[frame.direction]
        (place,) = np.flatnonzero(path.ids == number)
        layers = []
        for layer, at_layer in zip(PATHS[frame.direction], (path.first, path.second), strict=True):
            id_ = int(at_layer.decided_by[place])
            blocked = bool(at_layer.blocked[place])
            layers.append((layer.name, "FWP_ACTION_BLOCK" if blocked else "FWP_ACTION_PERMIT",
                           bool(at_layer.hard[place]), policy.filter_by_id[id_].key if id_ else None))
            if blocked:
                break
        told.append((frame.number, OUTCOMES[found.outcome[number]], tuple(layers)))
    return told


def assert_one_answer(folder: Path, drawn: list[Drawn], all_frames: list[Frame], *, is_grouped: bool) -> None:
    """Both paths say the same of every frame and every count. `is_grouped`: however few classes there are."""
    run = a_bench(folder, drawn).run(*all_frames, duplicate_conditions="and")
    policy = run.engine.policy
    registered = {event.callout for event in run.of(ev.CalloutRegistered)}
    folded = classes_of(all_frames)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(grouping, "GROUP_FROM", 0 if is_grouped else 1 << 60)
        groups = grouping.group(policy, folded.classes)
    classes, counts = groups.classes, groups.counted(folded.counts)
    of_frame = groups.of(np.array([folded.table.class_of_frame(frame.number) for frame in all_frames], np.int32))

    found = classify(policy, registered, classes, counts)

    called = stepped(run)
    assert {frame.number for frame, number in zip(all_frames, of_frame, strict=True)
            if found.outcome[number] == STEPPED} == called
    verdicts, summary = said_by_steps(run, all_frames, called)
    assert said_in_bulk(run, found, all_frames, of_frame.tolist()) == [
        (one.frame, one.outcome, tuple((at.layer, at.action, at.hard, at.filter) for at in one.layers))
        for one in verdicts]
    assert {id_: (one.matched, one.decided) for id_, one in found.filters.items() if one.matched} == {
        id_: (one.matched, one.decided) for id_, one in summary.filters.items() if one.matched}
    assert {id_: (one.classified, one.permit, one.block) for id_, one in found.layers.items()} == {
        id_: (one.classified, one.permit, one.block) for id_, one in summary.layers.items()}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policies, drawn_frames(), st.booleans())
def test_bulk_and_steps_agree_on_every_frame_and_every_count(
    tmp_path: Path, drawn: list[Drawn], all_frames: list[Frame], is_grouped: bool
) -> None:
    assert_one_answer(tmp_path, drawn, all_frames, is_grouped=is_grouped)


def _soft_permits(filter_: Any, registered: Any) -> tuple[int, bool] | None:
    meaning = REAL_MEANING(filter_, registered)
    return (meaning[0], False) if meaning is not None and meaning[0] == arbitrate.PERMITTED else meaning


REAL_MEANING, REAL_ADDRESS, REAL_COUNT, REAL_GROUPS = (
    arbitrate.plain_meaning, columns._address, verdicts._count_layer, conditions.groups)
GREATER, ANY_SET = MatchType.FWP_MATCH_GREATER, MatchType.FWP_MATCH_FLAGS_ANY_SET
IN_BULK: dict[str, tuple[object, str, object]] = {
    "nobody vetoes": (arbitrate, "can_veto", lambda filter_: False),
    "every permit is soft": (arbitrate, "plain_meaning", _soft_permits),
    "greater takes the value itself": (vectors, "_TESTS", {**vectors._TESTS, GREATER: np.greater_equal}),
    "any flag is all flags": (vectors, "_TESTS", {
        **vectors._TESTS, ANY_SET: vectors._TESTS[MatchType.FWP_MATCH_FLAGS_ALL_SET]}),
    "local and remote are mixed up": (columns, "_address", lambda rows, *, is_destination: REAL_ADDRESS(
        rows, is_destination=not is_destination)),
    "broadcast is multicast": (columns, "_BROADCAST", np.uint64(0)),
    "a layer counts twice": (verdicts, "_count_layer", lambda *args: (REAL_COUNT(*args), REAL_COUNT(*args))),
    "intervals do not end behind their value": (grouping.Named, "borders", lambda self: np.array(
        sorted(self.values), np.uint64)),
}
IN_STEPS: dict[str, tuple[object, str, object]] = {
    "nobody vetoes in a step": (arbitration, "_can_veto", lambda filter_, said: False),
    "no permit clears the right": (arbitration, "_clears", lambda filter_: False),
    "alternatives must all hold": (conditions, "groups", lambda given: [
        (index,) for indices in REAL_GROUPS(given) for index in indices]),
}


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("planted", [*IN_BULK, *IN_STEPS])
def test_a_difference_planted_in_either_path_is_found(
    planted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*{**IN_BULK, **IN_STEPS}[planted])

    @settings(max_examples=400, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(crowded_scenes())
    def search(scene: Scene) -> None:
        assert_one_answer(tmp_path, scene.policy, scene.frames, is_grouped=True)

    with pytest.raises(AssertionError):
        search()
