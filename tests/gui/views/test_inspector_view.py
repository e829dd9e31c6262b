"""Inspector, breakpoints, findings, explanation and log."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from engine.debugger.breakpoints import Breakpoint, BreakpointSet
from engine.debugger.frames.row import FrameRow, FrameState
from engine.frames.frame import Direction
from gui.models.inspected import Fact
from gui.theme import theme_manager
from gui.views.explain import ExplainView, rich_text
from gui.views.findings import FindingsView
from gui.views.inspector.facts import Facts
from gui.views.inspector.view import BREAKPOINTS, FRAME, InspectorView
from gui.views.log import LogView
from gui.widgets.empty_state import EmptyState
from tests.gui.views.policy_bridge import PolicyBridge, a_document, a_story


@pytest.fixture
def bridge(qapp):
    document = a_document()
    bridge = PolicyBridge(document, *a_story(document))
    bridge.session.breakpoints = BreakpointSet()
    bridge.session.rows = [
        FrameRow(number, 0, Direction.OUTBOUND, "02:00:00:00:00:aa", "02:00:00:00:00:01", "IPv4", 0x0800, (), 98, 0, (),
                 None)
        for number in range(1, 20)
    ]  # fmt: skip
    bridge.session.outcome = lambda number: FrameState("pending") if number == 12 else None
    return bridge


def shown(qtbot, view, width=404, height=320):
    qtbot.addWidget(view)
    view.resize(width, height)
    view.show()
    return view


def named(bridge, name):
    return next(one for one in bridge.session.policy.filters.values() if one.name == name)


def button(widget, text):
    return next(one for one in widget.findChildren(QPushButton) if one.text() == text)


@pytest.fixture
def inspector(qtbot, bridge):
    return shown(qtbot, InspectorView(bridge))


def test_the_filter_page_follows_the_filter_under_test_and_the_focus(inspector, bridge, qtbot):
    panel = inspector.filter_panel
    qtbot.waitUntil(lambda: panel.filter() is not None)
    assert panel.facts.text().startswith("Name: gateway rewrite\n")
    assert panel.model.rowCount() == 2

    bridge.set_focus(filter=named(bridge, "LAN permit").id)

    qtbot.waitUntil(lambda: panel.facts.text().startswith("Name: LAN permit\n"))
    assert not panel.table.isVisible()


def test_break_here_and_edit_are_for_the_filter_shown(inspector, bridge, qtbot):
    qtbot.waitUntil(lambda: inspector.filter_panel.filter() is not None)
    asked = []
    inspector.edit_requested.connect(asked.append)

    button(inspector, "Break here").click()
    button(inspector, "Edit").click()

    rewrite = named(bridge, "gateway rewrite")
    assert list(bridge.session.breakpoints) == [Breakpoint(kind="filter", filter=rewrite.key)]
    assert asked == [rewrite.id]
    assert inspector.tabs.tabText(BREAKPOINTS) == "Breakpoints  1"
    qtbot.waitUntil(lambda: inspector.filter_panel.break_here.text() == "Do not break")


def test_the_frame_page_shows_the_frame_in_focus(inspector, bridge, qtbot):
    inspector.show_page(FRAME)
    bridge.set_focus(frame=12)

    qtbot.waitUntil(lambda: "Outcome: pending" in inspector.frame_panel.facts.text())
    bridge.set_focus(frame=3)
    qtbot.waitUntil(lambda: "Outcome: not run yet" in inspector.frame_panel.facts.text())


def test_values_keep_their_fonts_through_a_change_of_theme(inspector, bridge, qtbot):
    qtbot.waitUntil(lambda: inspector.filter_panel.filter() is not None)
    values = [value for _, value, _ in inspector.filter_panel.facts._rows]
    before = [value.font().family() for value in values]

    for mode in ("light", "dark"):
        theme_manager().set_mode(mode)
        assert [value.font().family() for value in values] == before
    theme_manager().set_mode("system")


def test_a_note_that_has_no_room_is_cut_and_told_whole_by_its_tooltip(qtbot):
    facts = Facts()
    qtbot.addWidget(facts)
    facts.resize(260, 60)
    facts.show_facts([Fact("Weight", "UINT8 8", "→ 9224427601303437312", mono=True)])
    facts.show()
    qtbot.waitExposed(facts)
    _, value, note = facts._rows[0]
    cut = note.text()
    facts.resize(500, 60)
    qtbot.waitUntil(lambda: note.text() == "→ 9224427601303437312")

    assert (value.text(), cut[-1], note.toolTip()) == ("UINT8 8", "…", "→ 9224427601303437312")
    assert facts.text() == "Weight: UINT8 8 → 9224427601303437312"


def choose(combo, data):
    combo.setCurrentIndex(combo.findData(data))
    combo.activated.emit(combo.currentIndex())


def test_breakpoints_of_every_kind_are_added(inspector, bridge):
    inspector.show_page(BREAKPOINTS)
    panel = inspector.breakpoints_panel
    QTest.keyClicks(panel.number, "12")
    QTest.keyClick(panel.number, Qt.Key.Key_Return)
    choose(panel.kind, "filter")
    choose(panel.target, named(bridge, "LAN permit").key)
    panel.add.click()
    choose(panel.kind, "callout")
    panel.add.click()
    choose(panel.kind, "verdict")
    choose(panel.target, 57)
    choose(panel.action, "block")
    panel.add.click()

    assert [one.describe(bridge.session.policy) for one in bridge.session.breakpoints] == [
        "frame 12", 'filter "LAN permit"', 'callout "mac_rewrite"', "block at OUTBOUND_MAC_FRAME_ETHERNET"]


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "1" * 30])
def test_a_frame_number_has_to_be_one(inspector, bridge, text):
    inspector.show_page(BREAKPOINTS)
    panel = inspector.breakpoints_panel
    QTest.keyClicks(panel.number, text)
    QTest.keyClick(panel.number, Qt.Key.Key_Return)

    assert not panel.add.isEnabled()
    assert list(bridge.session.breakpoints) == []


def test_breakpoints_are_switched_off_visited_and_removed(inspector, bridge, qtbot):
    points = bridge.session.breakpoints
    points.add(Breakpoint(kind="filter", filter=named(bridge, "LAN permit").key))
    bridge.breakpoints_changed.emit()
    inspector.show_page(BREAKPOINTS)
    table, model = inspector.breakpoints_panel.table, inspector.breakpoints_panel.model
    qtbot.waitUntil(lambda: model.rowCount() == 1)

    model.setData(model.index(0, 0), Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    assert [one.enabled for one in points] == [False]
    table.doubleClicked.emit(model.index(0, 2))
    assert bridge.focus.filter == named(bridge, "LAN permit").id

    table.setCurrentIndex(model.index(0, 2))
    inspector.breakpoints_panel.remove.trigger()
    assert list(points) == []
    qtbot.waitUntil(lambda: model.rowCount() == 0)


def test_the_explanation_follows_the_cursor(qtbot, bridge):
    view = shown(qtbot, ExplainView(bridge))
    qtbot.waitUntil(lambda: view.step.text().startswith("The engine accepted 12.1 for sending"))
    assert view.subtitle() == "step 11 · InjectAccepted"
    assert view.frame.text().startswith("Frame 12: on its way\nAn outbound frame of 98 bytes.")

    bridge.move(6)

    qtbot.waitUntil(lambda: view.step.text().startswith("Filter VLAN 20 quarantine does not match"))
    assert "It wants VLAN_ID 0x0014. The frame has 0x6014 (PCP 3, VID 20)." in view.step.text()
    view.title_actions[0].trigger()
    assert QGuiApplication.clipboard().text() == f"{view.step.text()}\n\n{view.frame.text()}"
    bridge.move(0)
    qtbot.waitUntil(lambda: not view.step.isVisible())


def test_a_name_cannot_smuggle_rich_text():
    assert rich_text("<b>**x & y**") == '&lt;b&gt;<span style="font-weight:600">x &amp; y</span>'


def test_a_finding_is_explained_and_leads_to_its_step(qtbot, bridge):
    view = shown(qtbot, FindingsView(bridge))
    qtbot.waitUntil(lambda: view.model.rowCount() == 1)
    group = view.model.index(0, 0)
    assert view.tree.isExpanded(group)
    assert "Remedy: Call FwpsQueryPacketInjectionState0 first." in view.remedy.accessibleName()

    view.tree.activated.emit(view.model.index(0, 0, group))
    assert bridge.wishes == [("go_to", 9)]
    place = view.model.index(0, 0, group)
    view.tree.activated.emit(view.model.index(0, 0, place))
    assert bridge.wishes[1:] == [("go_to", 8)]
    assert view.text_of(view.model.index(0, 0, place)) == "#8 12.1 is cloned from 12.0 (mac_rewrite.py:34)"
    assert view.markdown_of(place).startswith("### M07 inject without any state query (warning)\n\n12.1 is injected")
    assert view.markdown_of(place) == view.markdown_of(group)

    view.resize(700, 500)
    view.tree.setCurrentIndex(place)
    qtbot.wait(10)
    assert view.remedy.height() == view.remedy.heightForWidth(view.remedy.width()), "the text is as high as it needs"

    bridge.move(3)
    qtbot.waitUntil(lambda: view.model.rowCount() == 0)
    assert not view.tree.isVisible()


def test_the_log_shows_copies_and_clears_messages(qtbot, bridge):
    view = shown(qtbot, LogView(bridge))
    bridge.message.emit("info", "opened")
    bridge.message.emit("error", "a.pcap, byte 4: broken; save it again")

    view.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.partition(" ")[2] for line in lines] == [
        "info: opened", "error: a.pcap, byte 4: broken; save it again"]
    view.table.selectRow(1)
    view.copy()
    assert QGuiApplication.clipboard().text() == lines[1]
    view.clear()
    assert not view.table.isVisible()


@pytest.mark.parametrize("make", [InspectorView, ExplainView, FindingsView, LogView])
def test_without_a_session_every_view_says_what_will_be_here(qtbot, make):
    view = shown(qtbot, make(PolicyBridge()))

    qtbot.wait(10)
    assert any(part.isVisible() for part in view.findChildren(EmptyState))
