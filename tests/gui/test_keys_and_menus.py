"""Keys that the user chooses, the one right-click grammar, places, and what can be dropped."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from engine.debugger.breakpoints import Breakpoint
from engine.trace import events as ev
from gui.actions import COMMANDS, LAYOUTS, Actions
from gui.actions.key_map import KEPT_AS
from gui.main_window import MainWindow
from gui.main_window.layouts import ARRANGEMENTS
from gui.models.places import SharePlace, parse_place
from gui.models.steps.wish import StepWish
from gui.views.key_editor import KeyEditor
from gui.views.thing_menu import Thing, add_thing_entries

# The keys of ui.md section 5, by what they do.
PROMISED = {
    "debug.continue": ["F5"], "debug.over": ["F10"], "debug.into": ["F11"], "debug.out": ["Shift+F11"],
    "debug.pause": ["Ctrl+Pause", "Ctrl+Cancel"], "debug.restart": ["Ctrl+Shift+F5"], "debug.stop": ["Shift+F5"],
    "debug.breakpoint": ["F9"], "debug.switch_breakpoint": ["Ctrl+F9"], "debug.new_breakpoint": ["Shift+F9"],
    "debug.back_over": ["Ctrl+F10"], "debug.back_into": ["Ctrl+F11"], "debug.run_back": ["Ctrl+F5"],
    "go.next_frame": ["F8", "Ctrl+Down"], "go.previous_frame": ["F7", "Ctrl+Up"],
    "steps.next_nbl": ["Ctrl+."], "steps.previous_nbl": ["Ctrl+,"], "go.back": ["Alt+Left"],
    "go.forward": ["Alt+Right"], "go.to": ["Ctrl+G"], "frames.mark": ["Ctrl+M"],
    "frames.next_mark": ["Ctrl+Shift+N"], "frames.previous_mark": ["Ctrl+Shift+B"], "frames.ignore": ["Ctrl+D"],
    "frames.comment": ["Ctrl+Alt+C"], "frames.reference": ["Ctrl+T"], "frames.as_column": ["Ctrl+Shift+I"],
    "capture.live": ["Ctrl+E"], "tools.palette": ["Ctrl+K", "Ctrl+Shift+P"], "view.next_pane": ["F6"],
    "view.previous_pane": ["Shift+F6"], "view.properties": ["Alt+Return"], "edit.undo": ["Ctrl+Z"],
    "help.keys": ["F1", "?"],
}  # fmt: skip


@pytest.fixture
def window(bridge, qtbot):
    window = MainWindow(bridge)
    window.resize(1280, 800)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.close()


def press(qtbot, widget, keys):
    combination = QKeySequence(keys)[0]
    qtbot.keyClick(widget, combination.key(), combination.keyboardModifiers())


def test_every_promised_key_is_that_of_its_command():
    known = {command.id: list(command.keys) for command in COMMANDS}

    assert {id_: known.get(id_, [])[:len(keys)] for id_, keys in PROMISED.items()} == PROMISED
    assert [known[f"view.{name}"] for name in ("frames", "explain")] == [["Alt+1"], ["Alt+9"]]


# --- keys of one's own ----------------------------------------------------------------------------------------------


def command(id_):
    return next(each for each in COMMANDS if each.id == id_)


def test_a_key_given_to_another_command_is_taken_from_the_first_and_kept(window, qtbot, settle):
    window.actions_.set_keys(command("go.next_frame"), ["F10"])

    keys = {id_: [key.toString() for key in window.actions_[id_].shortcuts()]
            for id_ in ("go.next_frame", "debug.over")}
    assert keys == {"go.next_frame": ["F10"], "debug.over": []}
    press(qtbot, window, "F10")
    settle(window.bridge)
    assert window.bridge.focus.frame == 1
    again = Actions(window, window)
    assert [key.toString() for key in again["go.next_frame"].shortcuts()] == ["F10"]


def test_all_keys_come_back_as_they_came(window):
    window.actions_.set_keys(command("go.next_frame"), ["F10"])
    window.actions_.forget_keys()

    assert [key.toString() for key in window.actions_["debug.over"].shortcuts()] == ["F10"]
    assert not window.actions_.key_map.is_own(command("go.next_frame"))


@pytest.mark.parametrize("value", [3, [], {"debug.over": 5, "x": ["F3"], "debug.into": [1, None, "nonsense key"]}])
def test_keys_of_any_shape_in_the_settings_are_survived(bridge, qtbot, value):
    bridge.store.set_plain(KEPT_AS, value)
    window = MainWindow(bridge)
    qtbot.addWidget(window)

    assert [key.toString() for key in window.actions_["debug.out"].shortcuts()] == ["Shift+F11"]


def test_the_editor_tells_whose_keys_are_typed_before_it_takes_them(window, qtbot):
    editor = KeyEditor(window.actions_)
    qtbot.addWidget(editor)
    editor.resize(700, 500)
    editor.show()
    qtbot.keyClicks(editor.search, "next frame")
    shown = [editor.model.thing(row).id for row in range(editor.model.rowCount())]
    assert shown == ["go.next_frame", "frames.next_mark"]

    editor.table.activated.emit(editor.model.index(0, 0))
    editor.edit.setKeySequence(QKeySequence("F10"))
    assert "F10 is “Step over” now" in editor.told.text()
    assert editor.keep.text() == "Take it from “Step over”"
    qtbot.mouseClick(editor.keep, Qt.MouseButton.LeftButton)

    assert window.actions_.owner_of("F10").id == "go.next_frame"
    assert editor.model.thing(0).keys == ("F10", "Ctrl+Down")
    assert editor.model.thing(0).is_own


def test_the_breakpoint_here_is_switched_off_and_on(window, qtbot):
    bridge = window.bridge
    bridge.select_frame(3)
    qtbot.wait(5)
    for keys in ("F9", "Ctrl+F9"):
        press(qtbot, window, keys)
        qtbot.wait(5)
    assert list(bridge.session.breakpoints) == [Breakpoint(kind="frame", number=3, enabled=False)]
    press(qtbot, window, "Ctrl+F9")
    assert [one.enabled for one in bridge.session.breakpoints] == [True]


# --- places and layouts -----------------------------------------------------------------------------------------------


def test_a_share_of_the_steps_is_a_place(window, settle):
    bridge = window.bridge
    bridge.run()
    settle(bridge)
    length = len(bridge.session.trace)
    window._entries.go_to(SharePlace(50))
    half = bridge.cursor
    window._entries.go_to(SharePlace(100))

    assert [parse_place(text) for text in ("50 %", "100%", "101%")] == [SharePlace(50), SharePlace(100), None]
    assert (abs(half - length / 2) <= 1, bridge.cursor) == (True, length)


def test_each_layout_shows_its_docks_and_is_remembered(window, qtbot):
    assert set(LAYOUTS) == set(ARRANGEMENTS)
    for name in LAYOUTS:
        window.set_layout(name)
        shown = {dock for dock, widget in window.docks.items() if not widget.isHidden()}
        assert shown == set(ARRANGEMENTS[name].docks), name
    window.set_layout("inspect")
    window.docks["explain"].hide()
    window.set_layout("step")
    window.set_layout("inspect")
    assert window.docks["explain"].isHidden()

    window.reset_layout()
    assert not window.docks["explain"].isHidden()


# --- right click ------------------------------------------------------------------------------------------------


def test_a_thing_has_its_entries_in_the_order_of_the_grammar(window, settle):
    bridge = window.bridge
    bridge.run()
    settle(bridge)
    number = next(iter(bridge.session.policy.filter_by_id))
    seq = next(seq for seq in bridge.session.trace.of_frame(1)
               if isinstance(bridge.session.trace[seq].event, ev.FilterTested))
    menu = QMenu()
    add_thing_entries(menu, bridge, Thing(seq=seq, kind=ev.FilterTested, frame=1, nbl="1.0", filter=number,
                                          texts=(("Step", "a & b"), ("Empty", ""))))

    assert [action.text() for action in menu.actions() if action.text()] == [
        "Go to this step", "Bookmark this step", "Apply as filter", "Prepare as filter", "Highlight in the steps",
        "Follow 1.0", "Make a filter from this", "Break when", "Explain", "Copy"]
    stops = next(action.menu() for action in menu.actions() if action.text() == "Break when")
    assert [action.text() for action in stops.actions()][-3:] == [
        "no ARP is tested", "any FilterTested comes", "frame 1 enters"]
    copies = next(action.menu() for action in menu.actions() if action.text() == "Copy")
    assert [action.text() for action in copies.actions()] == ["Step: a && b\tCtrl+C"]


def test_entries_do_what_they_say(window, settle, qtbot):
    bridge = window.bridge
    bridge.run()
    settle(bridge)
    wanted, lit = [], []
    bridge.frame_filter.wanted.connect(lambda text, apply: wanted.append((text, apply)))
    bridge.steps_wanted.connect(lit.append)
    menu = QMenu()
    add_thing_entries(menu, bridge, Thing(seq=bridge.session.trace.of_frame(3)[2], frame=3, nbl="3.0"))
    entries = {action.text(): action for action in menu.actions()}

    entries["Apply as filter"].menu().actions()[0].trigger()
    entries["Highlight in the steps"].menu().actions()[0].trigger()
    entries["Follow 3.0"].trigger()
    entries["Bookmark this step"].trigger()
    entries["Explain"].trigger()

    assert wanted == [("frame.number == 3", True)]
    assert lit == [StepWish(nbl="3.0")]
    assert (bridge.focus.frame, bridge.place()) == (3, (3, 3))
    assert [one.place for one in bridge.step_bookmarks.all] == [(3, 3)]
    assert window.docks["explain"].current().name == "explain"


# --- by keyboard ------------------------------------------------------------------------------------------------------


def named(widget: QWidget) -> bool:
    texts = [widget.accessibleName()]
    texts += [getattr(widget, name)() for name in ("text", "currentText", "placeholderText") if hasattr(widget, name)]
    action = getattr(widget, "defaultAction", lambda: None)()
    return any(texts) or bool(action is not None and action.text()) or bool(widget.toolTip())


def path(widget: QWidget) -> str:
    return " in ".join([type(widget).__name__, *(type(each).__name__ for each in parents(widget))][:4])


def parents(widget: QWidget) -> list[QWidget]:
    above = widget.parentWidget()
    return [] if above is None else [above, *parents(above)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_tab_walks_through_the_window_and_everything_on_the_way_has_a_name(window, layout, qtbot, settle):
    bridge = window.bridge
    bridge.run()
    settle(bridge)
    window.set_layout(layout)
    qtbot.wait(30)
    seen: list[QWidget] = []
    window.chrome.tool_row.field.setFocus()
    widget = window.focusWidget()
    for _ in range(600):
        following = widget.nextInFocusChain()
        while not (following.focusPolicy() & Qt.FocusPolicy.TabFocus and following.isVisible()
                   and following.isEnabled() and following.focusProxy() is None):
            following = following.nextInFocusChain()
        if following in seen:
            break
        seen.append(following)
        widget = following

    assert len(seen) > 10
    assert [path(each) for each in seen if not named(each)] == []


def test_every_button_says_its_shortcut_in_its_tooltip(window):
    for action in window.actions_.all():
        if action.shortcut().toString():
            assert action.shortcut().toString(QKeySequence.SequenceFormat.NativeText) in action.toolTip(), action.text()

