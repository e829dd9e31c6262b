"""What if, on a real session: frames are counted while the policy is typed, and settle by stepping."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.display.parse import parse_filter
from engine.frames.capture import SourceOptions
from engine.wfp.document import set_enabled, with_filter, without_filter
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.objects import FilterSpec
from engine.wfp.types import ActionType
from gui.models.what_if import ChangedFramesModel, GroupsModel, display_filter
from gui.session_bridge.asking.comparing import Reading, read_frames
from gui.views.policy.view import PolicyView
from gui.views.whatif.view import WhatIfView
from tests.builders.policies import block
from tests.builders.runs import CLONER, OUT_ETHERNET, key
from tests.gui.conftest import BLOCK_ARP, POLICY

IN, OUT = INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET
EVERYTHING_OUT = block("nothing out", layer=OUT)


@pytest.fixture
def view(qtbot, bridge):
    view = WhatIfView(bridge)
    qtbot.addWidget(view)
    view.resize(1000, 300)
    view.show()
    return view


def compared(qtbot, view, count):
    """Wait until so many frames change."""
    runner = view._bridge.what_if
    qtbot.waitUntil(lambda: runner.compared is not None and runner.compared.working == view._bridge.working
                    and not runner.is_stepping, timeout=20_000)
    qtbot.waitUntil(lambda: heading(view).startswith(count), timeout=10_000)


def heading(view):
    return view.summary._heading.text()


def rows(model):
    return [tuple(model.index(row, column).data() for column in range(model.columnCount()))
            for row in range(model.rowCount())]  # fmt: skip


def test_frames_whose_fate_changes_are_counted_grouped_and_listed(view, bridge, qtbot):
    bridge.edit(set_enabled(bridge.document, BLOCK_ARP, False), "Disable “no ARP”")
    compared(qtbot, view, "1 of 6 frames changes")

    assert rows(view.summary.model) == [("1", "Block by no ARP", "Permit by default")]
    assert rows(view.model) == [
        ("1", "↑", "02:00:00:00:0b:31", "ARP", "", "Block by no ARP", "Permit by default")]
    assert view.subtitle().startswith("as applied → as edited · 6 frames in ")


def test_another_deciding_filter_is_counted_apart(view, bridge, qtbot):
    other = FilterSpec(name="all may enter", layer=IN.name, action=ActionType.FWP_ACTION_PERMIT)
    bridge.edit(with_filter(bridge.document, other), "Add")
    compared(qtbot, view, "None of 6 frames changes")

    assert view.summary._note.text() == "2 more keep the outcome, another filter decides."


def test_a_click_goes_to_the_frame_and_the_focus_chooses_the_row(view, bridge, qtbot):
    bridge.edit(with_filter(bridge.document, replace_weight(EVERYTHING_OUT)), "Add “nothing out”")
    compared(qtbot, view, "3 of 6 frames change")

    view.table.selectRow(1)
    assert bridge.focus.frame == 4
    bridge.select_frame(6)
    assert view.table.number() == 6


def replace_weight(spec):
    return msgspec.structs.replace(spec, weight=msgspec.structs.replace(spec.weight, value=2**62))


def test_what_is_typed_into_a_form_counts_before_it_is_an_edit(view, bridge, qtbot):
    policy = PolicyView(bridge)
    qtbot.addWidget(policy)
    policy.resize(900, 600)
    policy.show()
    policy.edit_key(BLOCK_ARP)
    assert bridge.working == bridge.applied

    qtbot.keyClicks(policy.form.conditions.rows[0].low, "")
    policy.form.conditions.rows[0].low.setText("0x0800")
    policy.form.conditions.rows[0]._on_text()
    compared(qtbot, view, "2 of 6 frames change")
    assert not bridge.has_unapplied_edits

    policy.form.closed.emit()
    qtbot.waitUntil(lambda: bridge.working == bridge.applied)


def test_while_the_form_has_an_error_the_last_valid_policy_is_shown(view, bridge, qtbot):
    policy = PolicyView(bridge)
    qtbot.addWidget(policy)
    policy.show()
    policy.edit_key(BLOCK_ARP)
    low = policy.form.conditions.rows[0].low
    for text in ("0x0800", "0x08zz"):
        low.setText(text)
        policy.form.conditions.rows[0]._on_text()

    compared(qtbot, view, "2 of 6 frames change")
    assert policy.form.problems().errors == 1


def test_what_windows_would_refuse_is_said_and_the_last_result_stays(view, bridge, qtbot):
    bridge.edit(set_enabled(bridge.document, BLOCK_ARP, False), "Disable “no ARP”")
    compared(qtbot, view, "1 of 6 frames changes")

    bad = msgspec.structs.replace(EVERYTHING_OUT, sublayer=key(77))
    bridge.edit(with_filter(bridge.document, bad), "Add")
    qtbot.waitUntil(lambda: not view.refused.isHidden())

    assert "FWP_E_SUBLAYER_NOT_FOUND" in view.refused.text()
    assert heading(view) == "1 of 6 frames changes"
    assert not view.apply.isEnabled()
    bridge.undo_stack.undo()
    qtbot.waitUntil(view.refused.isHidden)


def test_apply_and_discard_are_the_policys_own_and_undo_has_names(view, bridge, qtbot, settle):
    bridge.edit(set_enabled(bridge.document, BLOCK_ARP, False), "Disable “no ARP”")
    compared(qtbot, view, "1 of 6 frames changes")

    view.discard.click()
    assert (bridge.document, bridge.undo_stack.undoText()) == (bridge.applied, "Discard changes")
    qtbot.waitUntil(lambda: view._pages.currentWidget() is view._empty)
    bridge.undo_stack.undo()
    compared(qtbot, view, "1 of 6 frames changes")
    qtbot.waitUntil(view.apply.isEnabled)
    view.apply.click()
    settle(bridge)
    assert not bridge.has_unapplied_edits


def test_a_hidden_view_compares_nothing(view, bridge, qtbot):
    view.hide()
    bridge.edit(set_enabled(bridge.document, BLOCK_ARP, False), "Disable “no ARP”")
    qtbot.wait(300)
    assert bridge.what_if.compared is None or bridge.what_if.compared.working is not bridge.working

    view.show()
    compared(qtbot, view, "1 of 6 frames changes")


def test_the_place_in_the_capture_leads_to_the_first_frame_from_there_on(view, bridge, qtbot):
    bridge.edit(with_filter(bridge.document, replace_weight(EVERYTHING_OUT)), "Add “nothing out”")
    compared(qtbot, view, "3 of 6 frames change")
    assert sum(int(counts.sum()) for _, counts in bridge.what_if.compared.places) == 3

    view.summary.strip.chosen.emit(5)
    assert bridge.focus.frame == 6


def test_the_frames_table_shows_only_the_frames_of_the_chosen_group(view, bridge, qtbot):
    wishes = []
    bridge.frame_filter.wanted.connect(lambda text, apply: wishes.append((text, apply)))
    bridge.edit(with_filter(bridge.document, replace_weight(EVERYTHING_OUT)), "Add “nothing out”")
    compared(qtbot, view, "3 of 6 frames change")

    view.only.click()

    assert wishes == [("frame.number in {2, 4, 6}", True)]
    assert parse_filter(wishes[0][0]).text == wishes[0][0]


@given(st.lists(st.integers(1, 10**7), max_size=200, unique=True).map(sorted))
def test_a_display_filter_names_all_frames_or_says_that_it_cannot(numbers):
    text = display_filter(iter([np.array(numbers[:50], np.int64), np.array(numbers[50:], np.int64)]))

    if text is None:
        assert not numbers or sum(len(str(number)) for number in numbers) > 1000
    else:
        named = [range(int(one.partition("..")[0]), int(one.rpartition("..")[2]) + 1)
                 for one in text.removeprefix("frame.number in {").rstrip("}").split(", ")]
        assert [number for one in named for number in one] == numbers


def test_cancel_ends_the_reading_and_compare_begins_it_again(view, bridge, qtbot, monkeypatch):
    def endless(_capture, _options):
        while True:
            yield Reading(1, 100)

    with monkeypatch.context() as patched:
        patched.setattr("gui.session_bridge.asking.what_if.read_frames", endless)
        bridge.edit(set_enabled(bridge.document, BLOCK_ARP, False), "Disable “no ARP”")
        qtbot.waitUntil(lambda: bridge.what_if.is_reading)
        bridge.cancel()
        qtbot.waitUntil(lambda: view._pages.currentWidget() is view._again)

    view._again.acted.emit()
    compared(qtbot, view, "1 of 6 frames changes")


def test_a_capture_that_is_gone_is_said_and_the_window_goes_on(view, bridge, qtbot, capture_file):
    capture_file.unlink()
    told = []
    bridge.message.connect(lambda severity, text: told.append((severity, text)))
    bridge.edit(set_enabled(bridge.document, BLOCK_ARP, False), "Disable “no ARP”")

    qtbot.waitUntil(lambda: any(severity == "error" and "six-frames.pcap" in text for severity, text in told))
    assert bridge.what_if.compared is None


def test_without_a_capture_the_view_says_what_it_needs(qtbot, empty_bridge):
    view = WhatIfView(empty_bridge)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: view._empty.accessibleName() == "Nothing to compare")


@pytest.fixture
def callout_bridge(empty_bridge, capture_file, tmp_path, settle):
    """The six frames under a policy whose callout absorbs and clones what is sent."""
    (tmp_path / "cloner.py").write_text(CLONER, encoding="utf-8")
    callout = {"key": key(7), "name": "cloner", "layer": OUT_ETHERNET, "script": "cloner.py", "class": "Cloner"}
    calls = {"key": key(8), "name": "calls", "layer": OUT_ETHERNET, "action": "FWP_ACTION_CALLOUT_TERMINATING",
             "callout": key(7), "weight": {"type": "FWP_UINT8", "value": 15}}  # fmt: skip
    path = tmp_path / "with-callout.json"
    path.write_text(json.dumps({**POLICY, "callouts": [callout], "filters": [*POLICY["filters"], calls]}))
    empty_bridge.open([capture_file, path])
    settle(empty_bridge)
    empty_bridge._loader.give_trust()
    settle(empty_bridge)
    return empty_bridge


def test_frames_that_reach_a_callout_are_stepped_and_then_counted(qtbot, callout_bridge):
    view = WhatIfView(callout_bridge)
    qtbot.addWidget(view)
    view.resize(1000, 300)
    view.show()
    callout_bridge.edit(without_filter(callout_bridge.document, key(8)), "Remove “calls”")

    compared(qtbot, view, "3 of 6 frames change")
    assert rows(view.summary.model) == [("3", "Absorb by calls", "Permit by LAN permit")]


def test_what_only_stepping_tells_is_said_until_it_is_asked_for(qtbot, callout_bridge, monkeypatch):
    monkeypatch.setattr("gui.session_bridge.asking.what_if.STEPPED_AT_ONCE", 1)
    view = WhatIfView(callout_bridge)
    qtbot.addWidget(view)
    view.show()
    callout_bridge.edit(without_filter(callout_bridge.document, key(8)), "Remove “calls”")
    compared(qtbot, view, "None of 6 frames changes")

    assert view.summary._note.text().startswith("3 reach a callout")
    assert rows(view.summary.model)[-1] == ("3", "Reach a callout: nothing is said of them", "")
    view.step.click()
    compared(qtbot, view, "3 of 6 frames change")
    assert not view.step.isVisible()


def test_one_frame_is_run_both_ways(qtbot, callout_bridge):
    view = WhatIfView(callout_bridge)
    qtbot.addWidget(view)
    view.show()
    callout_bridge.edit(without_filter(callout_bridge.document, key(8)), "Remove “calls”")
    compared(qtbot, view, "3 of 6 frames change")

    view.table.selectRow(0)
    qtbot.mouseClick(view.both, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(view._both.isVisible)
    assert view._both.text() == (
        "Frame 2 by itself, as applied: absorbed: “calls” absorbs at layer 57. "
        "As edited: sent: “LAN permit” permits at layer 57.")


def test_only_some_frames_of_a_capture_are_not_compared(capture_file):
    (only,) = read_frames(capture_file, SourceOptions(first=2))

    assert only.frames is None
    assert only.hindrance.startswith("Only some frames of the capture are open.")


def test_the_models_keep_qts_rules(qapp, view, bridge, qtbot):
    bridge.edit(with_filter(bridge.document, replace_weight(EVERYTHING_OUT)), "Add “nothing out”")
    compared(qtbot, view, "3 of 6 frames change")
    groups, frames = GroupsModel(), ChangedFramesModel()
    for model in (groups, frames):
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    groups.show(bridge.what_if.compared)
    frames.show(bridge.session, bridge.what_if.compared, groups.group(0))

    assert (groups.rowCount(), [frames.number(row) for row in range(frames.rowCount())]) == (1, [2, 4, 6])
