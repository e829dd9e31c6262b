"""Callout source at work."""

import pytest
from PySide6.QtCore import Qt

from engine.wfp.document import PolicyDocument
from engine.wfp.objects import CalloutSpec
from engine.wfp.types import FilterId
from gui.theme import theme_manager
from gui.views.source.view import CalloutSourceView
from tests.builders.policies import a_policy, calls
from tests.gui.nbl_story import CALLOUT, SCRIPT, rewrite_trace
from tests.gui.table_builders import Bridge, Session

LINES = [f"call_{number}()" for number in range(1, 61)]


class PolicyBridge(Bridge):
    applied = PolicyDocument()


@pytest.fixture
def callout():
    return CalloutSpec(name="mac_rewrite", key=CALLOUT, layer="FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET",
                       script=SCRIPT, class_="MacRewrite")


@pytest.fixture
def bridge(tmp_path, callout):
    (tmp_path / SCRIPT).write_text("\n".join(LINES), encoding="utf-8")
    bridge = PolicyBridge(Session(trace=rewrite_trace(), policy=a_policy(callout, calls(callout))))
    bridge.applied = PolicyDocument(callouts=(callout,), path=tmp_path / "policy.json")
    return bridge


@pytest.fixture
def view(qtbot, bridge):
    view = CalloutSourceView(bridge)
    qtbot.addWidget(view)
    view.resize(600, 240)
    view.show()
    qtbot.waitExposed(view)
    return view


def go(qtbot, view, bridge, cursor, **focus):
    bridge.look(**({"frame": 12} | focus))
    bridge.move(cursor)
    qtbot.waitUntil(lambda: not view._refresher._stale)


def test_before_any_callout_it_says_what_will_be_here(qtbot, view, bridge):
    go(qtbot, view, bridge, 1)

    assert (view._pages.currentWidget().accessibleName(), view.subtitle()) == ("No callout runs here", "")


def test_the_line_that_runs_is_lit_and_in_sight(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)

    shown = [block.text() for block, _ in view.reader.visible_blocks(view.reader.viewport().height())]
    (lit,) = view.reader.extraSelections()
    assert (view.reader.current_line, lit.cursor.block().text(), LINES[40] in shown) == (41, LINES[40], True)
    assert view.subtitle() == f"mac_rewrite · {SCRIPT} · line 41"


def test_behind_the_callout_its_script_stays_without_a_line(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)
    go(qtbot, view, bridge, 11)

    assert (view.reader.toPlainText(), view.reader.current_line) == ("\n".join(LINES), None)
    assert view.subtitle() == f"mac_rewrite · {SCRIPT} · not running"


def test_the_filter_in_focus_shows_its_callout(qtbot, view, bridge):
    filter_id = next(iter(bridge.session.policy.filter_by_id))

    go(qtbot, view, bridge, 1, filter=FilterId(filter_id))

    assert (view.reader.toPlainText().splitlines()[0], view.reader.current_line) == (LINES[0], None)


def test_lines_that_made_steps_are_marked(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)

    assert view.reader.calls == {30: 1, 34: 1, 35: 1, 36: 1, 37: 1, 41: 1, 52: 1}


def test_a_double_click_goes_to_the_next_step_of_a_line(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)
    rect = next(rect for block, rect in view.reader.visible_blocks(500) if block.blockNumber() == 36)

    qtbot.mouseDClick(view.reader.viewport(), Qt.MouseButton.LeftButton, pos=rect.center().toPoint())

    assert bridge.wishes == [("go_to", 6)]


def test_a_double_click_on_another_line_goes_nowhere(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)
    rect = next(rect for block, rect in view.reader.visible_blocks(500) if block.blockNumber() == 37)

    qtbot.mouseDClick(view.reader.viewport(), Qt.MouseButton.LeftButton, pos=rect.center().toPoint())

    assert bridge.wishes == []


def test_enter_goes_to_the_next_step_of_the_line_under_the_caret(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)

    qtbot.keyClick(view.reader, Qt.Key.Key_Return)

    assert bridge.wishes == [("go_to", 8)]


def test_a_missing_script_is_told(qtbot, view, bridge, tmp_path):
    (tmp_path / SCRIPT).unlink()

    go(qtbot, view, bridge, 9)

    page = view._pages.currentWidget()
    assert (page.accessibleName(), SCRIPT in page.accessibleDescription()) == ("There is no script to show", True)


def test_another_session_forgets_the_script(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)

    bridge.show(None)
    qtbot.waitUntil(lambda: not view._refresher._stale)

    assert (view._pages.currentWidget().accessibleName(), view.subtitle()) == ("No callout runs here", "")


def test_the_script_of_another_session_is_read_again(qtbot, view, bridge, tmp_path):
    go(qtbot, view, bridge, 9)
    (tmp_path / SCRIPT).write_text("other = 1", encoding="utf-8")

    bridge.show(Session(trace=rewrite_trace(), policy=bridge.session.policy))
    go(qtbot, view, bridge, 9)

    assert view.reader.toPlainText() == "other = 1"


def test_a_script_that_another_program_saves_is_told_and_what_ran_stays(qtbot, view, bridge, tmp_path):
    go(qtbot, view, bridge, 9)
    other = tmp_path / "other.tmp"
    other.write_text("changed()", encoding="utf-8")

    other.replace(tmp_path / SCRIPT)  # as an editor saves
    qtbot.waitUntil(lambda: not view.notice.isHidden())
    view.notice.acted.emit()

    assert view.notice.text() == f"{SCRIPT} was saved by another program. What is shown here is what ran."
    assert view.reader.toPlainText() == "\n".join(LINES)
    assert bridge.wishes == [("restart",)]


def test_a_script_that_is_saved_as_it_was_is_not_worth_a_word(qtbot, view, bridge, tmp_path):
    go(qtbot, view, bridge, 9)

    with qtbot.waitSignal(view._outside.saved):
        (tmp_path / SCRIPT).write_text("\n".join(LINES), encoding="utf-8")

    assert view.notice.isHidden()


def test_find_goes_from_place_to_place_around_the_end(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)
    qtbot.keyClick(view.reader, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)

    lines = []
    qtbot.keyClicks(view.finder.field, "call_6")
    for key, modifier in ((Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier),
                          (Qt.Key.Key_F3, Qt.KeyboardModifier.NoModifier),
                          (Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)):
        lines.append(view.reader.textCursor().blockNumber() + 1)
        qtbot.keyClick(view.finder.field, key, modifier)
    lines.append(view.reader.textCursor().blockNumber() + 1)

    assert lines == [60, 6, 60, 6]


def test_what_is_not_there_is_told_and_escape_leads_back(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)
    view.finder.begin()
    qtbot.keyClicks(view.finder.field, "nowhere")
    told = view.finder.field.accessibleDescription()

    qtbot.keyClick(view.finder.field, Qt.Key.Key_Escape)

    assert (told, view.finder.isHidden()) == ("not found", True)


def test_colours_follow_the_theme(qtbot, view, bridge, tmp_path):
    (tmp_path / SCRIPT).write_text("import os", encoding="utf-8")
    colours = []
    for mode in ("dark", "light"):
        theme_manager().set_mode(mode)
        go(qtbot, view, bridge, 9)
        formats = view.reader.document().firstBlock().layout().formats()
        colours.append(formats[0].format.foreground().color().name())
    theme_manager().set_mode("dark")

    assert colours == ["#b394ff", "#5b2cd0"]
