"""The policy view and the filter form, driven as a user does."""

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QPushButton, QWidget

from engine.wfp.document import replace_filter
from engine.wfp.objects import Weight
from engine.wfp.types import ActionType, DataType, MatchType
from engine.wfp.validation import key_of
from gui.models.policy.edits import Edit
from gui.models.policy.filter_draft import ConditionDraft
from gui.views.policy.forms import WIDE
from gui.views.policy.menu import fill_menu
from gui.views.policy.view import PolicyView
from tests.gui.views.policy_bridge import PolicyBridge, a_document, a_story


@pytest.fixture
def bridge(qapp):
    document = a_document()
    return PolicyBridge(document, *a_story(document))


@pytest.fixture
def view(qtbot, bridge):
    view = PolicyView(bridge)
    qtbot.addWidget(view)
    view.resize(404, 500)
    view.show()
    return view


def row(view, name):
    for spec in view._bridge.document.filters:
        if spec.name == name:
            return view.model.row_at(view.model.index_of(key_of(spec)))
    raise AssertionError(name)


def go_to(view, name):
    view.tree.tree.setCurrentIndex(view.model.index_of(row(view, name).key))


def names(view):
    return [one.name for one in view._bridge.document.filters]


def button(widget, text):
    return next(one for one in widget.findChildren(QPushButton) if one.text() == text)


def typed(editor, text):
    """As if typed, without the completer's popup, which the offscreen platform complains about."""
    editor.setText(text)
    editor.textEdited.emit(text)


def test_the_tree_opens_whole_and_says_how_many_filters_there_are(view):
    provider = view.model.index(0, 0)

    assert view.tree.tree.isExpanded(provider)
    assert view.tree.tree.isExpanded(view.model.index(0, 0, provider))
    assert view.subtitle() == "7 filters · 1 hint"


def test_space_disables_delete_removes_and_undo_brings_back(view, bridge):
    go_to(view, "no ARP announcements")
    QTest.keyClick(view.tree.tree, Qt.Key.Key_Space)
    assert not row(view, "no ARP announcements").spec.enabled
    assert bridge.undo_stack.undoText() == "Disable “no ARP announcements”"

    QTest.keyClick(view.tree.tree, Qt.Key.Key_Delete)
    assert "no ARP announcements" not in names(view)

    bridge.undo_stack.undo()
    bridge.undo_stack.undo()
    assert bridge.document == bridge.applied


def test_changes_are_applied_in_one_transaction_or_discarded(view, bridge, qtbot):
    assert not view.bar.isVisible()
    view.commands.toggle(row(view, "LAN permit"))
    view.commands.remove(row(view, "no ARP from guests"))

    assert view.bar.accessibleDescription().startswith("2 changes, not applied")
    button(view.bar, "Discard").click()
    assert not view.bar.isVisible()

    bridge.undo_stack.undo()
    button(view.bar, "Apply").click()
    assert bridge.applied == bridge.document
    assert not view.bar.isVisible()


def overweight(document, taken):
    wrong = msgspec.structs.replace(taken.spec, weight=Weight(type=DataType.FWP_UINT8, value=99))
    return Edit(replace_filter(document, taken.key, wrong), "break it", taken.key)


def test_what_windows_would_refuse_blocks_apply_and_is_named(view, bridge, qtbot):
    view.commands.run(overweight, row(view, "LAN permit"))

    qtbot.waitUntil(lambda: not button(view.bar, "Apply").isEnabled())
    assert "FWP_E_INVALID_WEIGHT 0x80320025" in view.bar.accessibleDescription()
    assert "$.filters[5]" in view.bar.accessibleDescription()


def test_the_filter_under_test_is_current_and_hits_follow_the_cursor(view, bridge, qtbot):
    index = view.model.index_of_id(row(view, "gateway rewrite").id)
    qtbot.waitUntil(lambda: index.siblingAtColumn(2).data() == "1")

    bridge.move(5)

    qtbot.waitUntil(lambda: index.siblingAtColumn(2).data() == "0")


def test_a_hidden_view_does_not_recompute(view, bridge, qtbot):
    index = view.model.index_of_id(row(view, "gateway rewrite").id)
    qtbot.waitUntil(lambda: index.siblingAtColumn(2).data() == "1")
    view.hide()
    told = []
    view.model.dataChanged.connect(lambda *_: told.append(1))

    bridge.move(3)
    QTest.qWait(20)
    assert told == []

    view.show()
    qtbot.waitUntil(lambda: told != [])


def test_choosing_a_row_sets_the_focus_and_the_focus_chooses_a_row(view, bridge):
    go_to(view, "LAN permit")
    assert bridge.focus.filter == row(view, "LAN permit").id

    bridge.set_focus(filter=row(view, "gateway rewrite").id)
    assert view.tree.current_row().spec.name == "gateway rewrite"


def test_the_search_narrows_the_tree_and_keeps_what_was_closed(view):
    tree, model = view.tree.tree, view.model
    tree.collapse(model.index(1, 0))
    view.tree.search.setText("arp")
    assert model.filter_count() == 2
    view.tree.search.setText("no such filter")
    assert view.tree.missed.isVisible()
    view.tree.search.clear()

    assert model.filter_count() == 7
    assert tree.isExpanded(model.index(0, 0))


def test_enter_opens_the_form_over_the_tree_and_escape_closes_it(view):
    go_to(view, "VLAN 20 quarantine")
    QTest.keyClick(view.tree.tree, Qt.Key.Key_Return)
    assert view.form.isVisible()
    assert not view.tree.isVisible()

    QTest.keyClick(view.form.choices.name, Qt.Key.Key_Escape)
    assert not view.form.isVisible()
    assert view.tree.isVisible()


def test_where_there_is_room_tree_and_form_stand_side_by_side(view, qtbot):
    view.resize(WIDE + 200, 600)
    view.edit_key(row(view, "VLAN 20 quarantine").key)

    qtbot.waitUntil(lambda: view.form.isVisible() and view.tree.isVisible())


def test_ok_puts_the_edited_filter_in_place(view, bridge):
    view.edit_key(row(view, "VLAN 20 quarantine").key)
    typed(view.form.choices.name, "quarantine")
    button(view.form, "OK").click()

    assert bridge.undo_stack.undoText() == "Rename “VLAN 20 quarantine”"
    assert names(view)[1] == "quarantine"
    assert not view.form.isVisible()


def test_cancel_leaves_the_policy_alone(view, bridge):
    view.edit_key(row(view, "VLAN 20 quarantine").key)
    view.form.choices.action.chosen.emit(0)
    button(view.form, "Cancel").click()

    assert bridge.document is bridge.applied


def test_a_new_filter_starts_where_the_user_is(view, bridge):
    go_to(view, "gateway rewrite")
    view.title_actions[0].trigger()
    form = view.form
    assert (form.draft().layer, form.draft().sublayer) == (
        row(view, "gateway rewrite").spec.layer, row(view, "gateway rewrite").spec.sublayer)
    assert not button(form, "OK").isEnabled()

    QTest.keyClicks(form.choices.name, "printers")
    button(form, "Condition").click()
    typed(form.conditions.rows[0].low, "LLDP")

    assert form.sentence.text() == (
        "Reads as: block a frame that leaves by layer 57 when its EtherType is LLDP (0x88cc).")
    button(form, "OK").click()
    assert names(view)[-1] == "printers"
    assert view.tree.current_row().spec.name == "printers"


def test_a_wrong_condition_is_told_below_it_and_one_click_corrects_it(view, qtbot):
    form = view.form
    view.edit_key(row(view, "VLAN 20 quarantine").key)
    wrong = ConditionDraft(field="MAC_REMOTE_ADDRESS", match=MatchType.FWP_MATCH_RANGE, text="02:00:00:00:0b:00",
                           high="02:00:00:00:0b:ff")
    form._show(replace(form.draft(), conditions=(wrong,)))
    (note,) = form.conditions.rows[0].notes.notes()
    assert note.problem.title == "FWP_E_MATCH_TYPE_MISMATCH 0x80320026"
    assert not button(form, "OK").isEnabled()

    button(note, "Use EQUAL").click()

    assert form.problems().errors == 0
    assert form.conditions.rows[0].match.currentData() is MatchType.FWP_MATCH_EQUAL
    assert button(form, "OK").isEnabled()


def test_choices_become_the_filter(view, bridge):
    form, choices = view.form, view.form.choices
    view.edit_key(row(view, "LAN permit").key)
    choices.action.set_current(2)
    choices.action.chosen.emit(2)
    assert form.draft().action is ActionType.FWP_ACTION_CALLOUT_TERMINATING
    assert [one.place for one in form.problems().problems] == ["callout"]

    choices.callout.setCurrentIndex(choices.callout.findText("mac_rewrite"))
    choices.callout.activated.emit(choices.callout.currentIndex())
    choices.weight_type.set_current(1)
    choices.weight_type.chosen.emit(1)
    form.permit_if.click()
    form.accept()

    spec = row(view, "LAN permit").spec
    assert (spec.action, spec.callout, spec.weight.type, spec.weight.value) == (
        ActionType.FWP_ACTION_CALLOUT_TERMINATING, key_of(bridge.document.callouts[0]), DataType.FWP_UINT8, 8)
    assert [flag.name for flag in spec.flags] == ["FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED"]


def test_conditions_are_added_changed_and_removed(view):
    form = view.form
    view.edit_key(row(view, "gateway rewrite").key)
    first, second = form.conditions.rows
    first.field.setCurrentIndex(first.field.findText("L2_FLAGS"))
    first.field.activated.emit(first.field.currentIndex())
    typed(first.low, "IS_WIFI")
    first.match.setCurrentIndex(first.match.findText("FLAGS_ALL_SET"))
    first.match.activated.emit(first.match.currentIndex())
    second.removed.emit()

    assert form.draft().conditions == (
        ConditionDraft(field="L2_FLAGS", match=MatchType.FWP_MATCH_FLAGS_ALL_SET, text="IS_WIFI"),)
    assert form.problems().errors == 0


def test_every_entry_of_a_filters_menu_does_something(view, bridge):
    menu = QMenu(view)
    fill_menu(menu, view, bridge, row(view, "LAN permit"))
    texts = [action.text().partition("\t")[0] for action in menu.actions() if action.text()]
    assert texts == ["Edit", "Disable", "Duplicate", "Move to sublayer", "Remove", "Break here", "Apply as filter",
                     "Prepare as filter", "Highlight in the steps", "Copy", "Add filter",
                     "New callout from template…", "Add callout…", "Add sublayer…", "Add provider…"]

    next(action for action in menu.actions() if action.text() == "Break here").trigger()
    assert [one.filter for one in bridge.session.breakpoints] == [row(view, "LAN permit").key]
    next(action for action in menu.actions() if action.text() == "Duplicate").trigger()
    assert names(view)[-1] == "LAN permit copy"


def test_a_sublayer_in_use_is_not_removed(view, bridge):
    provider = view.model.index(0, 0)
    view.commands.remove(view.model.row_at(view.model.index(0, 0, provider)))

    assert "FWP_E_IN_USE" in view.warning.text()
    assert bridge.document is bridge.applied


def test_without_a_session_the_policy_can_still_be_edited(qtbot):
    bridge = PolicyBridge()
    view = PolicyView(bridge)
    qtbot.addWidget(view)
    view.resize(404, 500)
    view.show()
    assert view.tree.nothing.isVisible()

    view.new_filter()
    QTest.keyClicks(view.form.choices.name, "first")
    view.form.accept()

    assert names(view) == ["first"]
    assert view.tree.tree.isVisible()


def test_in_a_low_dock_the_form_takes_room_and_gives_it_back(qtbot, bridge):
    window, view = QMainWindow(), PolicyView(bridge)
    qtbot.addWidget(window)
    window.setCentralWidget(QWidget())
    docks = [QDockWidget(name) for name in ("policy", "below")]
    for dock, inner in zip(docks, (view, QWidget()), strict=True):
        dock.setWidget(inner)
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.resize(900, 900)
    window.show()
    window.resizeDocks(docks, [250, 650], Qt.Orientation.Vertical)
    qtbot.waitUntil(lambda: docks[0].height() < 300)

    view.edit_key(row(view, "VLAN 20 quarantine").key)
    qtbot.waitUntil(lambda: docks[0].height() >= 500)
    button(view.form, "Cancel").click()

    qtbot.waitUntil(lambda: docks[0].height() < 300)
