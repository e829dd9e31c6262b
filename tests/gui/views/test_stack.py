"""The whole stack over a bridge of hand-made facts."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from engine.frames.frame import Interface
from engine.trace.history import WorldHistory
from gui.session_bridge import Focus
from gui.theme import theme_manager
from gui.views.stack import view as stack
from gui.views.stack.breakpoints import filter_breakpoint, filter_menu
from gui.views.stack.host import band_text, interface_of, subtitle
from gui.views.stack.view import StackView
from tests.builders.stack_story import IN_CALLOUT, LAN, REWRITE, STORY, a_trace, the_policy


class Watch(QObject):
    """Whether the view rests."""

    paused_changed = Signal(bool)
    is_paused = False


class Bridge(QObject):
    """What the stack asks of the bridge, without engine and thread."""

    session_changed = Signal()
    trace_grown = Signal(int)
    cursor_moved = Signal(int)
    focus_changed = Signal(object)
    running_changed = Signal(bool)
    live_changed = Signal(bool)
    breakpoints_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.session = None
        self.cursor, self.focus, self.running, self.is_live = 0, Focus(), False, False
        self.toggled = []
        self.came_by_step = False
        self.watch = Watch()

    @property
    def world(self):
        return WorldHistory(self.session.trace).at(self.cursor)

    def adopt(self) -> None:
        interface = Interface(id=0, name="Ethernet0", mac=None, link_type=1, index=7)
        self.session = SimpleNamespace(trace=a_trace(), policy=the_policy(), rows=(), interfaces=(interface,),
                                       breakpoints=(), is_finished=True)
        self.session_changed.emit()

    def move(self, cursor: int) -> None:
        self.cursor = cursor
        self.cursor_moved.emit(cursor)

    def run(self, running: bool) -> None:
        self.running = running
        self.running_changed.emit(running)

    def set_focus(self, **changes) -> None:
        self.focus = Focus(**{**{name: getattr(self.focus, name) for name in ("frame", "nbl", "filter")}, **changes})
        self.focus_changed.emit(self.focus)

    def toggle_breakpoint(self, breakpoint_) -> None:
        self.toggled.append(breakpoint_)
        self.breakpoints_changed.emit()


@pytest.fixture
def bridge():
    return Bridge()


@pytest.fixture
def view(qtbot, bridge):
    theme_manager()
    shown = StackView(bridge)
    qtbot.addWidget(shown)
    shown.resize(760, 560)
    shown.show()
    return shown


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def ladder_words(view: StackView, layer: int = 57) -> str:
    return view.panes[layer].ladder.accessibleDescription()


def test_without_a_session_the_view_says_what_will_be_here(view):
    assert view._pages.currentIndex() == 0
    assert view.subtitle() == ""


def test_the_cursor_is_followed_forwards_and_backwards(view, bridge):
    bridge.adopt()
    bridge.move(IN_CALLOUT)
    settle()
    inside = ladder_words(view)
    assert "filter gateway rewrite, current, matched, 2 of 2 conditions" in inside

    bridge.move(21)
    settle()
    assert "filter gateway rewrite, decided, matched · Absorb, hard · decided the layer" in ladder_words(view)

    bridge.move(IN_CALLOUT)
    settle()
    assert ladder_words(view) == inside


def test_the_current_pane_is_the_one_where_the_record_happened(view, bridge):
    bridge.adopt()
    bridge.move(IN_CALLOUT)
    settle()

    assert {id_: pane.accessibleDescription() for id_, pane in view.panes.items()} == {
        56: "", 57: "current", 58: "", 59: ""}


def test_the_title_names_the_interface_and_that_it_is_a_model(view, bridge, qtbot):
    with qtbot.waitSignal(view.subtitle_changed) as told:
        bridge.adopt()
        bridge.move(IN_CALLOUT)

    assert told.args == ["Ethernet0 · a model, not the driver · ifIndex 7 · NDIS port 0"]
    assert view.title_widgets[0].text() == "simulated time 10.000 ms"


def test_what_is_not_modelled_is_there_with_its_reason(view):
    missing = view.findChildren(stack.MissingBand)

    assert [band.text() for band in missing] == ["not modelled: FAST and vSwitch layers"]
    assert "FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE_FAST" in missing[0].toolTip()


def test_a_click_on_a_filter_or_a_token_sets_the_focus(view, bridge):
    bridge.adopt()
    view.panes[57].ladder.filter_chosen.emit(LAN)
    view.panes[57].entering.token_chosen.emit("12.1")

    assert (bridge.focus.frame, bridge.focus.nbl, bridge.focus.filter) == (12, "12.1", LAN)


def test_activating_a_filter_toggles_its_breakpoint(view, bridge):
    bridge.adopt()
    settle()

    view.panes[57].ladder.filter_activated.emit(REWRITE)

    assert [(one.kind, one.filter) for one in bridge.toggled] == [("filter", "{73507}")]


def test_the_menu_of_a_filter_copies_its_id_as_people_write_it(view, bridge):
    bridge.adopt()

    menu = filter_menu(bridge, the_policy().filter_by_id[REWRITE], view)
    entries = {action.text(): action for action in menu.actions() if action.text()}
    copies = {action.text().partition(":")[0]: action for action in entries["Copy"].menu().actions()}
    copies["Hexadecimal id"].trigger()

    assert list(entries) == ["Break here", "Apply as filter", "Prepare as filter", "Highlight in the steps", "Copy"]
    assert list(copies) == ["Name", "Id", "Hexadecimal id", "Key"]
    assert QApplication.clipboard().text() == "0x11F23"


def test_the_menu_offers_to_remove_a_breakpoint_that_is_there(view, bridge):
    bridge.adopt()
    rewrite = the_policy().filter_by_id[REWRITE]
    bridge.session.breakpoints = (filter_breakpoint(rewrite),)

    menu = filter_menu(bridge, rewrite, view)
    menu.actions()[0].trigger()

    assert menu.actions()[0].text() == "Remove breakpoint"
    assert bridge.toggled == [filter_breakpoint(rewrite)]


@pytest.mark.parametrize(
    ("name", "short"),
    [("Ethernet0", "Ethernet0"),
     (r"\Device\NPF_{258CFF68-5C12-4F80-B079-B906CA1D7ADD}", "{258CFF68-5C…906CA1D7ADD}")],
)
def test_device_paths_are_cut_in_the_title_and_whole_below(name, short):
    interface = Interface(id=0, name=name, mac=None, link_type=1)

    assert subtitle(interface) == f"{short} · a model, not the driver · ifIndex 1 · NDIS port 0"
    assert band_text(interface) == f"miniport · {name} · 802.3"


def test_a_frame_of_the_second_interface_names_that_one(bridge):
    bridge.adopt()
    other = Interface(id=1, name="Wi-Fi", mac=None, link_type=1, index=8)
    bridge.session.interfaces = (other, *bridge.session.interfaces)

    assert [interface_of(bridge.session, number).name for number in (12, 99)] == ["Ethernet0", "Wi-Fi"]


def test_a_run_shows_rates_only_when_it_lasts(view, bridge, qtbot):
    bridge.adopt()
    bridge.run(True)
    assert not view.shows_rates

    qtbot.waitUntil(lambda: view.shows_rates, timeout=5000)
    settle()
    assert view.panes[57].flow.isVisible()

    bridge.run(False)
    settle()
    assert not view.shows_rates
    assert view.panes[57].ladder.isVisible()


def test_a_live_source_shows_rates_at_once(view, bridge):
    bridge.adopt()
    bridge.is_live = True
    bridge.live_changed.emit(True)
    bridge.run(True)

    assert view.shows_rates


def test_rates_can_be_asked_for_at_any_time(view, bridge):
    bridge.adopt()
    bridge.move(len(STORY))
    view.rates_action.setChecked(True)
    settle()

    assert view.panes[57].flow.isVisible()
    told = view.panes[57].flow.accessibleDescription()
    assert "hottest filters: gateway rewrite matched 1 (100 %) · decided 1" in told


def test_a_hidden_view_does_no_work_until_it_is_shown(view, bridge, monkeypatch):
    bridge.adopt()
    settle()
    view.hide()
    calls = []
    panes_of = stack.panes_of
    monkeypatch.setattr(stack, "panes_of", lambda *args, **kw: (calls.append(1), panes_of(*args, **kw))[1])

    for cursor in range(1, IN_CALLOUT + 1):
        bridge.move(cursor)
    settle()
    assert calls == []

    view.show()
    settle()
    assert calls == [1]
    assert "gateway rewrite, current" in ladder_words(view)


def test_many_moves_of_one_moment_are_one_refresh(view, bridge, monkeypatch):
    bridge.adopt()
    settle()
    calls = []
    panes_of = stack.panes_of
    monkeypatch.setattr(stack, "panes_of", lambda *args, **kw: (calls.append(1), panes_of(*args, **kw))[1])

    for cursor in range(1, IN_CALLOUT + 1):
        bridge.move(cursor)
    settle()

    assert calls == [1]


def test_a_change_of_the_theme_is_painted(view, bridge):
    bridge.adopt()
    bridge.move(IN_CALLOUT)
    settle()
    theme_manager().set_mode("dark")
    dark = view.grab().toImage()

    theme_manager().set_mode("light")
    settle()
    light = view.grab().toImage()
    theme_manager().set_mode("dark")

    assert dark.pixelColor(400, 300) != light.pixelColor(400, 300)


def test_a_watched_stack_shows_rates_until_a_frame_is_stepped(view, bridge):
    bridge.adopt()
    view.set_watched(True)
    shown = []
    for cursor in (0, IN_CALLOUT, len(bridge.session.trace)):
        bridge.move(cursor)
        shown.append(view.shows_rates)
    view.set_watched(False)

    assert (shown, view.shows_rates) == ([True, False, True], False)
