"""New callout from template: what is written, what is added, and that it runs without a question."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QFileDialog

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE, LAYERS
from engine.wfp.policy_file import load_policy
from gui.models.scripts.template_rows import TemplatesModel
from gui.models.scripts.templates import templates
from gui.models.stories import first_story
from gui.views.policy.view import PolicyView


@pytest.fixture
def view(qtbot, bridge):
    return make_view(qtbot, bridge)


def make_view(qtbot, bridge):
    view = PolicyView(bridge)
    qtbot.addWidget(view)
    view.resize(404, 700)
    view.show()
    return view


def choose(view, id_, layer=None):
    view.new_from_template()
    chooser = view.chooser
    row = next(row for row, one in enumerate(templates()) if one.id == id_)
    chooser.table.selectRow(row)
    if layer is not None:
        chooser.layer.setCurrentIndex(chooser.layer.findData(layer))
        chooser.layer.activated.emit(chooser.layer.currentIndex())


def names(bridge):
    return ([one.name for one in bridge.document.callouts], [one.name for one in bridge.document.filters[2:]])


def test_a_template_is_copied_beside_the_policy_and_added_as_one_step_of_undo(view, bridge, settle, policy_file):
    choose(view, "C12")
    assert "And an anchor at OUTBOUND_MAC_FRAME_NATIVE" in view.chooser._adds.text()
    view.chooser.accept()
    settle(bridge)

    copy = policy_file.parent / "callouts" / "c12_reflector.py"
    assert copy.read_bytes() == templates()[11].script.read_bytes()
    added = ["Reflector", "Reflector, anchor"]
    assert names(bridge) == (added, added)
    assert [one.class_ for one in bridge.document.callouts] == ["Reflector", "Anchor"]
    assert view.chooser.isHidden()
    assert view.tree.current_row().spec.name == "Reflector"

    assert bridge.undo_stack.undoText() == "Add “Reflector”"
    bridge.undo_stack.undo()
    assert names(bridge) == ([], [])
    bridge.undo_stack.redo()
    assert names(bridge) == (added, added)


def test_what_was_made_here_runs_without_asking_for_trust_also_after_it_was_changed(
    view, bridge, settle, policy_file
):
    choose(view, "C06", INBOUND_MAC_FRAME_ETHERNET)
    view.chooser.accept()
    settle(bridge)
    bridge.apply()
    settle(bridge)
    assert bridge.session.trusted
    bridge.run()
    settle(bridge)
    accepted = [one.event for one in bridge.session.trace.slice(0, len(bridge.session.trace))
                if isinstance(one.event, ev.InjectAccepted)]
    assert [one.layer for one in accepted] == [56, 56]

    copy = policy_file.parent / "callouts" / "c06_clone_reinject.py"
    copy.write_text(copy.read_text(encoding="utf-8") + "\n# mine now\n", encoding="utf-8")
    bridge.restart()
    settle(bridge)
    assert bridge.session.trusted


def test_a_second_copy_gets_another_name_and_the_first_is_left_as_it_is(view, bridge, settle, policy_file):
    for _ in range(2):
        choose(view, "C02")
        view.chooser.accept()
        settle(bridge)

    assert names(bridge)[0] == ["Permit all", "Permit all 2"]
    assert [one.script for one in bridge.document.callouts] == [
        "callouts/c02_permit_all.py", "callouts/c02_permit_all_2.py"]


@pytest.mark.parametrize("bundled", [False, True])
def test_a_policy_that_has_no_place_of_its_own_is_saved_first_with_its_scripts(
    bundled, qtbot, empty_bridge, settle, tmp_path
):
    bridge = empty_bridge
    if bundled:
        bridge.open([first_story()])
        settle(bridge)
    view = make_view(qtbot, bridge)
    choose(view, "C15")
    view.chooser.accept()
    (dialog,) = view.findChildren(QFileDialog)
    target = tmp_path / "mine" / "policy.json"
    target.parent.mkdir()
    dialog.fileSelected.emit(str(target))
    dialog.close()
    settle(bridge)

    assert bridge.document.path == target
    assert load_policy(target).callouts == bridge.document.callouts[:-1]
    scripts = {one.script for one in bridge.document.callouts}
    assert {path.relative_to(target.parent).as_posix() for path in target.parent.rglob("*.py")} == scripts
    assert not list(first_story().rglob("c15*"))
    bridge.apply()
    settle(bridge)
    assert bridge.session is None or bridge.session.trusted


def test_a_folder_that_cannot_be_written_is_one_line_and_nothing_is_added(view, bridge, settle, policy_file):
    (policy_file.parent / "callouts").write_text("a file, not a folder")
    told = []
    bridge.message.connect(lambda severity, text: told.append((severity, text)))
    choose(view, "C01")
    view.chooser.accept()
    settle(bridge)

    ((severity, text),) = told
    assert severity == "error"
    assert text.startswith(f"{policy_file}, $.callouts: c01_frame_logger.py cannot be copied to")
    assert text.endswith("save the policy in a folder of your own")
    assert names(bridge) == ([], [])


def test_the_layer_where_the_user_is_comes_first_where_the_template_can_stand_there(view, bridge):
    view.tree.tree.setCurrentIndex(view.model.index_of(bridge.document.filters[0].key))
    choose(view, "C06")
    assert view.chooser.layer.currentData() == INBOUND_MAC_FRAME_ETHERNET
    choose(view, "C12")
    assert view.chooser.layer.currentData() == INBOUND_MAC_FRAME_NATIVE


def test_escape_leaves_the_templates_and_the_form_takes_their_place(view, qtbot):
    view.new_from_template()
    assert (view.chooser.isVisible(), view.tree.isVisible()) == (True, False)
    view.new_filter()
    assert (view.chooser.isVisible(), view.form.isVisible()) == (False, True)
    view.new_from_template()
    qtbot.keyClick(view.chooser, Qt.Key.Key_Escape)
    assert (view.chooser.isVisible(), view.form.isVisible(), view.tree.isVisible()) == (False, False, True)


def test_another_policy_closes_the_templates_and_the_same_one_applied_again_does_not(view, bridge, settle):
    view.new_from_template()
    bridge.apply()
    settle(bridge)
    assert view.chooser.isVisible()
    bridge.open([first_story()])
    settle(bridge)
    assert (view.chooser.isVisible(), view.tree.isVisible()) == (False, True)


def test_the_templates_are_rows_and_each_can_stand_somewhere(qtbot):
    model = TemplatesModel(templates())
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)

    assert [model.data(model.index(row, 0)) for row in range(model.rowCount())] == [one.id for one in templates()]
    assert all(set(one.layers) <= set(LAYERS) and one.layers for one in templates())
