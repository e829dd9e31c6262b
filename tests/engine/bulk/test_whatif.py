"""What if: the frames that fare otherwise under another policy are those that the stepping path finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bulk import frame_classes, grouping, table, whatif
from engine.bulk.fates import Fate
from engine.bulk.frame_classes import classes_of
from engine.bulk.whatif import Change, Difference, WhatIf, finished
from engine.frames.frame import Direction, Frame
from engine.report.verdicts import FrameVerdict, VerdictFold
from engine.trace import events as ev
from engine.wfp.apply import apply_document, update_document
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE
from engine.wfp.objects import CalloutSpec
from engine.wfp.policy import Policy
from engine.wfp.store import PolicyStore
from engine.wfp.types import ActionType
from tests.builders.drawn_policies import Drawn, a_bench, drawn_filters, drawn_frames
from tests.builders.engines import Run
from tests.builders.frames import ARP, IPV4, a_frame, received
from tests.builders.policies import block, calls, ether_type, permit

policies = st.lists(drawn_filters(most_fields=1), max_size=5)


def stepped_fates(run: Run, frames: list[Frame]) -> list[Fate | None]:
    """Of each frame, by its steps; None where a callout was called."""
    fold = VerdictFold(run.engine.policy)
    for frame in frames:
        fold.expect(frame.number, frame.direction)
    called = {int(event.nbls[0].partition(".")[0]) for event in run.of(ev.CalloutEntered)}
    verdicts = [one for record in run.records for one in fold.take(record)] + fold.finish()
    return [None if one.frame in called else decided(one) for one in sorted(verdicts, key=lambda one: one.frame)]


def decided(verdict: FrameVerdict) -> Fate:
    """A frame that passes is decided by the last filter that had a say."""
    last = verdict.layers[-1]
    if verdict.outcome != "blocked":
        last = next((one for one in reversed(verdict.layers) if one.filter is not None), last)
    return Fate(verdict.outcome, last.layer, last.filter)


def registered(run: Run) -> set[str]:
    return {event.callout for event in run.of(ev.CalloutRegistered)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policies, policies, drawn_frames(), st.booleans())
def test_a_difference_is_what_stepping_under_both_policies_shows(
    tmp_path: Path, before: list[Drawn], after: list[Drawn], frames: list[Frame], is_grouped: bool
) -> None:
    runs = [a_bench(tmp_path, drawn).run(*frames, duplicate_conditions="and") for drawn in (before, after)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(grouping, "GROUP_FROM", 0 if is_grouped else 1 << 60)
        what_if = WhatIf(classes_of(frames))
        old, new = (finished(what_if.outcomes(run.engine.policy, registered(run))) for run in runs)
        found = finished(what_if.difference(old, new))

    fates = list(zip(*(stepped_fates(run, frames) for run in runs), strict=True))
    for frame, (was, is_) in zip(frames, fates, strict=True):
        said_old, said_new = found.fate(frame.number)
        assert (said_old if said_old.is_settled else None, said_new if said_new.is_settled else None) == (was, is_)
    assert found.unsettled == sum(None in pair for pair in fates)
    assert found.frames == sum(None not in pair and pair[0] != pair[1] for pair in fates)
    assert found.outcomes == sum(None not in pair and pair[0].outcome != pair[1].outcome for pair in fates)
    assert numbers_of(found) == [frame.number for frame in frames
                                 if found.fate(frame.number)[0] != found.fate(frame.number)[1]]
    for change in found.changes:
        members = np.concatenate(list(found.changed_frames(change))).tolist()
        assert (len(members), members[0]) == (change.frames, change.exemplar)
        assert {found.fate(number) for number in members} == {(change.old, change.new)}


def numbers_of(found: Difference, first: int = 1) -> list[int]:
    return [number for part in found.changed_frames(first=first) for number in part.tolist()]


ARP_BLOCKED = PolicyDocument(filters=(
    block("no ARP", ether_type(0x0806), layer=INBOUND_MAC_FRAME_ETHERNET),
    permit("all", layer=INBOUND_MAC_FRAME_ETHERNET)))


def compared(old: PolicyDocument, new: PolicyDocument, *frames: Frame, **options: bool) -> Difference:
    store = PolicyStore()
    before = apply_document(store, old)
    after = update_document(store, old, new)
    what_if = WhatIf(classes_of(frames))
    was = finished(what_if.outcomes(before))
    return finished(what_if.difference(was, finished(what_if.outcomes(after, **options))))


def key_of(policy: Policy, name: str) -> str:
    return next(one.key for one in policy.filters.values() if one.name == name)


def test_frames_are_grouped_by_what_decided_them_before_and_after() -> None:
    frames = [received(1, ether_type=ARP), received(2, ether_type=IPV4), received(3, ether_type=ARP)]

    found = compared(ARP_BLOCKED, PolicyDocument(filters=ARP_BLOCKED.filters[1:]), *frames)

    name = INBOUND_MAC_FRAME_ETHERNET.name
    assert found.changes == (Change(
        Fate("blocked", name, key_of(found.old.policy, "no ARP")),
        Fate("delivered", name, key_of(found.old.policy, "all")), frames=2, exemplar=1),)
    assert found.changes[0].is_outcome
    assert (numbers_of(found), numbers_of(found, first=2)) == ([1, 3], [3])


def test_a_callout_that_is_reached_is_named_and_its_frames_are_not_judged() -> None:
    callout = CalloutSpec(name="watch", layer=INBOUND_MAC_FRAME_NATIVE.name, script="watch.py", class_="Watch")
    calling = calls(callout, "to the callout", layer=INBOUND_MAC_FRAME_NATIVE)
    draft = PolicyDocument(callouts=(callout,), filters=(*ARP_BLOCKED.filters, calling))

    found = compared(ARP_BLOCKED, draft, received(1, ether_type=ARP), a_frame(2, bytes(60), Direction.OUTBOUND))

    (change,) = found.changes
    assert change.new == Fate("stepped", INBOUND_MAC_FRAME_NATIVE.name, key_of(found.new.policy, "to the callout"),
                              next(iter(found.new.policy.callouts)))
    assert (found.frames, found.unsettled) == (0, 1)
    assert [part.tolist() for part in found.stepped_frames()] == [[1]]


def test_where_options_touch_plain_frames_nothing_is_said() -> None:
    found = compared(ARP_BLOCKED, ARP_BLOCKED, received(1, ether_type=ARP), is_settled=False)

    assert (found.frames, found.unsettled, found.fate(1)[1]) == (0, 1, Fate("stepped"))


def test_frames_of_every_block_of_the_table_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (table, whatif, frame_classes):
        monkeypatch.setattr(module, "FRAMES_A_BLOCK", 4)
    frames = [received(number, ether_type=ARP if number % 3 else IPV4) for number in range(1, 20)]

    found = compared(ARP_BLOCKED, PolicyDocument(filters=ARP_BLOCKED.filters[1:]), *frames)

    assert [one.exemplar for one in found.changes] == [1]
    assert numbers_of(found, first=6) == [number for number in range(6, 20) if number % 3]


def test_an_edit_that_names_no_other_value_keeps_the_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "GROUP_FROM", 0)
    quiet = PolicyDocument(filters=(permit("no ARP", ether_type(0x0806), layer=INBOUND_MAC_FRAME_ETHERNET),
                                    ARP_BLOCKED.filters[1]))

    found = compared(ARP_BLOCKED, quiet, received(1, ether_type=ARP), received(2, ether_type=IPV4))

    assert found.old.groups is found.new.groups
    assert [(one.old.outcome, one.new.outcome, one.frames) for one in found.changes] == [("blocked", "delivered", 1)]
    assert quiet.filters[0].action is ActionType.FWP_ACTION_PERMIT
