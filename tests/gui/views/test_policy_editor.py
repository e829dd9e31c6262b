"""The policy as objects: dragged, edited in forms, taken back one by one, made from a frame; all undone by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QMenu

from engine.debugger.breakpoints import Breakpoint
from engine.debugger.moves import StepKind
from engine.wfp.document import find_filter
from engine.wfp.objects import ObjectKind
from engine.wfp.validation import key_of, sublayer_of
from gui.models.policy.dragging import Drop, write_drag
from gui.models.policy.filter_draft import ConditionDraft
from gui.models.policy.rows import SublayerRow
from gui.views.explain import ExplainView
from gui.views.from_frame_menu import add_frame_entries
from gui.views.policy.menu import fill_menu
from gui.views.policy.view import PolicyView
from tests.builders.policies import a_provider, block
from tests.gui.conftest import BLOCK_ARP, PERMIT_ALL, SUBLAYER
from tests.gui.views.policy_bridge import PolicyBridge, a_document


@pytest.fixture
def view(qtbot):
    view = PolicyView(PolicyBridge(a_document()))
    qtbot.addWidget(view)
    view.resize(1000, 600)
    view.show()
    return view


def bridge_of(view):
    return view._bridge


def index_of(view, name):
    model = view.model
    return model.match(model.index(0, 0), Qt.ItemDataRole.DisplayRole, name, 1, Qt.MatchFlag.MatchRecursive)[0]


def row(view, name):
    return view.model.row_at(index_of(view, name))


def filter_of(view, name):
    return next(one for one in bridge_of(view).document.filters if one.name == name)


# --- dragging ---------------------------------------------------------------------------------------------------------


def test_a_filter_that_is_dropped_on_a_sublayer_is_tried_there(view, qtbot):
    data = write_drag(row(view, "LAN permit"))
    assert view.model.dropMimeData(data, Qt.DropAction.MoveAction, -1, -1, index_of(view, "Contoso L2"))
    qtbot.waitUntil(lambda: sublayer_of(filter_of(view, "LAN permit")) == row(view, "Contoso L2").key)

    assert bridge_of(view).undo_stack.undoText() == "Move “LAN permit” to Contoso L2"
    bridge_of(view).undo_stack.undo()
    assert filter_of(view, "LAN permit").sublayer is None


def test_the_tree_lets_drag_what_may_be_moved_and_drop_where_it_may_go(view):
    model, data = view.model, write_drag(row(view, "LAN permit"))
    drags = {name: bool(model.flags(index_of(view, name)) & Qt.ItemFlag.ItemIsDragEnabled)
             for name in ("LAN permit", "Contoso L2", "UNIVERSAL", "Contoso", "mirror")}  # fmt: skip
    targets = {name: model.canDropMimeData(data, Qt.DropAction.MoveAction, -1, -1, index_of(view, name))
               for name in ("Contoso L2", "UNIVERSAL", "Contoso", "mirror")}  # fmt: skip

    assert view.tree.tree.dragDropMode() is QAbstractItemView.DragDropMode.InternalMove
    assert drags == {"LAN permit": True, "Contoso L2": True, "UNIVERSAL": False, "Contoso": False, "mirror": False}
    assert targets == {"Contoso L2": True, "UNIVERSAL": True, "Contoso": False, "mirror": False}


def test_a_filter_between_two_others_stands_there_afterwards(view, qtbot):
    sublayer = row(view, "Contoso L2")
    names = [one.spec.name for one in sublayer.filters]
    view.commands.drop(Drop("filter", filter_key(view, names[2]), sublayer, 1))

    assert [one.spec.name for one in row(view, "Contoso L2").filters][:3] == [names[0], names[2], names[1]]


def test_dragging_what_belongs_to_another_provider_warns(qtbot):
    document = a_document()
    other = a_provider("Fabrikam")
    theirs = block("their block", provider=key_of(other))
    view = PolicyView(PolicyBridge(replace(document, providers=(*document.providers, other),
                                           filters=(*document.filters, theirs))))  # fmt: skip
    qtbot.addWidget(view)
    view.show()
    view.commands.drop(Drop("filter", key_of(theirs), row(view, "Contoso L2"), -1))

    assert view.warning.text().startswith("“their block” belongs to Fabrikam: ")
    assert sublayer_of(filter_of(view, "their block")) == row(view, "Contoso L2").key


def filter_key(view, name):
    return key_of(filter_of(view, name))


def test_sublayers_change_places_by_their_weights(view):
    view.new_object(ObjectKind.SUBLAYER)
    view.objects.texts["name"].setText("Second")
    view.objects.texts["weight"].setText("50000")
    view.objects.provider.setCurrentIndex(view.objects.provider.findText("Contoso"))
    view.objects._on_change()
    view.objects.accept()
    provider = row(view, "Contoso")
    assert [one.name for one in provider.sublayers] == ["Second", "Contoso L2"]

    view.commands.drop(Drop("sublayer", provider.sublayers[0].key, provider, 2))

    assert [one.name for one in row(view, "Contoso").sublayers] == ["Contoso L2", "Second"]
    assert bridge_of(view).undo_stack.undoText().startswith("Move sublayer “Second” to weight ")


# --- forms and menus --------------------------------------------------------------------------------------------------


def test_enter_on_a_callout_opens_its_form_and_ok_is_one_named_step(view):
    view.tree.activated.emit(row(view, "mirror"))
    assert view.objects.isVisible()
    assert not view.transaction.isVisible()
    view.objects.checks["batch"].click()
    view.objects.accept()

    assert bridge_of(view).undo_stack.undoText() == "Change flags of “mirror”"
    assert not view.objects.isVisible()
    assert view.transaction.isVisible()


def test_what_windows_would_refuse_keeps_the_form_from_ok(view):
    view.edit_row(row(view, "Contoso L2"))
    view.objects.texts["weight"].setText("65536")
    view.objects.texts["weight"].textEdited.emit("65536")

    (note,) = view.objects._notes["weight"].notes()
    assert note.problem.title == "FWP_E_OUT_OF_BOUNDS 0x80320028"
    view.objects.accept()
    assert bridge_of(view).document is bridge_of(view).applied


def test_space_registers_and_unregisters_a_callout(view):
    view.tree.toggled.emit(row(view, "mirror"))

    assert bridge_of(view).undo_stack.undoText() == "Register “mirror”"
    assert row(view, "mirror").spec.registered


def test_a_sublayers_menu_edits_duplicates_removes_and_shifts_it(view):
    menu = QMenu(view)
    fill_menu(menu, view, bridge_of(view), row(view, "Contoso L2"))
    texts = [action.text().partition("\t")[0] for action in menu.actions() if action.text()]

    assert texts[:6] == ["Edit", "Duplicate", "Remove", "Try earlier", "Try later", "Copy"]
    next(action for action in menu.actions() if action.text() == "Try later").trigger()
    assert isinstance(row(view, "Contoso L2"), SublayerRow)
    assert row(view, "Contoso L2").weight < 32768


def test_a_form_that_is_open_keeps_what_the_tree_changes_meanwhile(view):
    view.edit_key(filter_key(view, "no ARP announcements"))
    view.commands.toggle(row(view, "no ARP announcements"))
    assert not next(one for one in bridge_of(view).working.filters if one.name == "no ARP announcements").enabled

    view.form.choices.name.setText("no ARP")
    view.form.choices.changed.emit()
    view.form.accept()

    assert (filter_of(view, "no ARP").enabled, bridge_of(view).undo_stack.undoText()) == (
        False, "Rename “no ARP announcements”")


def test_changes_are_listed_and_one_of_them_is_taken_back(view):
    view.commands.toggle(row(view, "LAN permit"))
    view.commands.toggle(row(view, "mirror"))
    model = view.transaction.model
    assert [model.index(n, 0).data() for n in range(model.rowCount())] == [
        "register callout “mirror”", "disable filter “LAN permit”"]

    view.transaction.table.selectRow(1)
    view.transaction.take_back.click()

    assert [model.index(n, 0).data() for n in range(model.rowCount())] == ["register callout “mirror”"]
    assert bridge_of(view).undo_stack.undoText() == "Take back: disable filter “LAN permit”"
    assert filter_of(view, "LAN permit").enabled


def test_flags_are_chosen_by_name(view):
    view.new_filter()
    view.form.conditions.add.click()
    first = view.form.conditions.rows[0]
    first.show_draft(ConditionDraft(field="L2_FLAGS", text="IS_WIFI"), first._layer)
    actions = {action.text().partition(" ")[0]: action for action in first.flags.menu().actions()}
    assert first.flags.isVisibleTo(first)
    assert [name for name, action in actions.items() if action.isChecked()] == ["IS_WIFI"]

    actions["IS_VM2VM"].trigger()

    assert set(first.draft().text.split(" | ")) == {"IS_WIFI", "IS_VM2VM"}


# --- with a session ---------------------------------------------------------------------------------------------------


def test_breakpoints_stand_on_the_stack_of_undo_with_the_policy(bridge):
    point = Breakpoint(kind="filter", filter=BLOCK_ARP)
    bridge.toggle_breakpoint(point)
    bridge.set_breakpoint(Breakpoint(kind="filter", filter=BLOCK_ARP, enabled=False))
    stack = bridge.undo_stack
    assert [stack.text(place) for place in range(stack.count())] == [
        'Break at filter "no ARP"', 'Change the breakpoint at filter "no ARP"']

    stack.undo()
    assert [one.enabled for one in bridge.session.breakpoints] == [True]
    stack.undo()
    assert list(bridge.session.breakpoints) == []
    stack.redo()
    assert list(bridge.session.breakpoints) == [point]


def entries(menu):
    found = {}
    for action in menu.actions():
        inner = action.menu()
        found[action.text()] = [] if inner is None else inner.actions()
    return found


def test_a_filter_is_made_from_a_field_of_a_packet(qtbot, bridge):
    view = PolicyView(bridge)
    qtbot.addWidget(view)
    view.show()
    menu = QMenu()
    qtbot.addWidget(menu)
    add_frame_entries(menu, bridge, 1, span=(12, 14))
    block, permit = entries(menu)["Make a filter from this"]
    assert (block.text(), permit.text()) == ("Block ETHER_TYPE 0x0806 (ARP)…", "Permit ETHER_TYPE 0x0806 (ARP)…")

    block.trigger()

    assert view.form.isVisible()
    assert view.form.draft().conditions == (ConditionDraft(field="ETHER_TYPE", text="0x0806"),)
    assert view.form.problems().errors == 0


def test_a_run_breaks_on_a_field_of_a_frame(qtbot, bridge, settle):
    menu = QMenu()
    qtbot.addWidget(menu)
    add_frame_entries(menu, bridge, 5, names=("ETHER_TYPE",))
    (stop,) = entries(menu)["Break when"]
    assert stop.text() == "ETHER_TYPE 0x86dd (IPv6) at layer 56"
    stop.trigger()

    bridge.run()
    settle(bridge)

    assert (bridge.focus.frame, type(bridge.session.trace[bridge.cursor - 1].event).__name__) == (5, "ClassifyBegan")


def test_bytes_that_no_layer_reads_offer_nothing(qtbot, bridge):
    menu = QMenu()
    qtbot.addWidget(menu)
    add_frame_entries(menu, bridge, 1, span=(20, 24))
    add_frame_entries(menu, bridge, 99)

    assert menu.isEmpty()


def test_explain_proposes_what_would_turn_the_frame_and_tries_it_as_an_edit(qtbot, bridge, settle):
    view = ExplainView(bridge)
    qtbot.addWidget(view)
    view.resize(400, 700)
    view.show()
    wanted = []
    bridge.view_wanted.connect(wanted.append)
    bridge.step_frame(1)
    settle(bridge)
    bridge.step(StepKind.FRAME)
    settle(bridge)
    bridge.select_frame(1)
    qtbot.waitUntil(lambda: bridge.turner.turn is not None, timeout=10_000)

    assert view.turn.text().startswith("What would let it pass\nDisable “no ARP” → delivered: no filter decides\n")
    view.turn.wanted.emit(bridge.turner.turn.proposals[0])

    assert (bridge.undo_stack.undoText(), wanted) == ("Disable “no ARP”", ["what_if"])
    assert not find_filter(bridge.document, BLOCK_ARP).enabled
    view.turn.wanted.emit(bridge.turner.turn.proposals[1])
    assert bridge.undo_stack.undoText() == "Disable “no ARP”"


def test_a_hidden_explanation_runs_nothing(qtbot, bridge, settle):
    view = ExplainView(bridge)
    qtbot.addWidget(view)
    view.show()
    bridge.step_frame(1)
    settle(bridge)
    view.hide()
    bridge.select_frame(2)
    qtbot.wait(400)

    assert bridge.turner.turn is None
    assert not bridge.turner.is_looking


def test_the_objects_of_the_session_are_where_the_tests_expect_them(bridge):
    assert {BLOCK_ARP, PERMIT_ALL} <= set(bridge.session.policy.filters)
    assert SUBLAYER in bridge.session.policy.sublayers


# --- errors in sight --------------------------------------------------------------------------------------------------


def test_a_wrong_value_and_its_error_stay_in_sight_while_one_types(view, qtbot):
    view.resize(1000, 360)
    view.edit_key(filter_key(view, "no ARP announcements"))
    value = view.form.conditions.rows[0].low
    area = view.form._area.viewport()
    qtbot.waitUntil(view.isActiveWindow)
    value.setFocus()
    view.form._area.verticalScrollBar().setValue(0)
    value.setText("0x12345")
    value.textEdited.emit(value.text())  # typed, without the completer's popup
    notes = view.form.conditions.rows[0].notes

    def is_in_sight(part):
        top = part.mapTo(area, part.rect().topLeft()).y()
        return part.isVisible() and top >= 0 and top + part.height() <= area.height()

    qtbot.waitUntil(lambda: is_in_sight(value) and is_in_sight(notes))
    assert view.form._state.text() == "1 error in the form"
