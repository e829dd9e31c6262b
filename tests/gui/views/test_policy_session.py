"""The policy's views on a real session: the engine runs what was applied."""

import pytest
from PySide6.QtWidgets import QPushButton

from engine.debugger.session import StepKind
from gui.views.explain import ExplainView
from gui.views.inspector.view import BREAKPOINTS, InspectorView
from gui.views.policy.view import PolicyView
from tests.gui.conftest import BLOCK_ARP, PERMIT_ALL


@pytest.fixture
def view(qtbot, bridge):
    view = PolicyView(bridge)
    qtbot.addWidget(view)
    view.resize(404, 400)
    view.show()
    return view


def hits(view, key):
    return view.model.index_of(key).siblingAtColumn(2).data()


def test_hits_are_counted_while_the_capture_runs(view, bridge, settle, qtbot):
    bridge.run()
    settle(bridge)

    qtbot.waitUntil(lambda: (hits(view, BLOCK_ARP), hits(view, PERMIT_ALL)) == ("1", "3"))


def test_a_disabled_filter_blocks_nothing_after_apply_and_undo_leads_back(view, bridge, settle, qtbot):
    view.commands.toggle(view.model.row_at(view.model.index_of(BLOCK_ARP)))
    next(one for one in view.bar.findChildren(QPushButton) if one.text() == "Apply").click()
    settle(bridge)
    assert not bridge.has_unapplied_edits
    bridge.run()
    settle(bridge)

    assert bridge.session.outcome(1).outcome == "delivered"
    assert hits(view, BLOCK_ARP) == "–"
    bridge.undo_stack.undo()
    assert view.bar.isVisible()
    assert bridge.has_unapplied_edits


def test_a_breakpoint_set_in_the_inspector_stops_the_run_where_the_filter_matches(view, bridge, settle, qtbot):
    inspector, explain = InspectorView(bridge), ExplainView(bridge)
    for each in (inspector, explain):
        qtbot.addWidget(each)
        each.show()
    bridge.set_focus(filter=bridge.session.policy.filters[BLOCK_ARP].id)
    qtbot.waitUntil(lambda: inspector.filter_panel.filter() is not None)
    inspector.filter_panel.break_here.click()

    bridge.run()
    settle(bridge)
    qtbot.waitUntil(lambda: explain.step.text().startswith("Filter no ARP matches"))
    inspector.show_page(BREAKPOINTS)
    qtbot.waitUntil(lambda: inspector.breakpoints_panel.model.index(0, 3).data() == "1")

    bridge.step(StepKind.INTO)
    settle(bridge)
    qtbot.waitUntil(lambda: explain.step.text().startswith("Filter no ARP says hard BLOCK"))
