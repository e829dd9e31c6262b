"""The NBL chain at work."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from gui.theme import theme, theme_manager
from gui.views.nbl.box import BoxItem
from gui.views.nbl.track import TrackItem
from gui.views.nbl.view import NblChainView
from tests.gui.nbl_story import ACCEPTED, CLONE, ORIGINAL, chain_trace, rewrite_trace
from tests.gui.table_builders import Bridge, Session, a_row


def a_session(trace):
    return Session(rows=[a_row(number, type_name="IPv4") for number in range(1, 30)], trace=trace)


@pytest.fixture
def bridge():
    return Bridge(a_session(rewrite_trace()))


@pytest.fixture
def view(qtbot, bridge):
    view = NblChainView(bridge)
    qtbot.addWidget(view)
    view.resize(746, 250)
    view.show()
    qtbot.waitExposed(view)
    return view


def go(qtbot, view, bridge, cursor, **focus):
    bridge.look(**({"frame": 12} | focus))
    bridge.move(cursor)
    qtbot.waitUntil(lambda: not view._refresher._stale)


def items(view, kind):
    return sorted(item.sight.snapshot.id for item in view.canvas.scene().items() if isinstance(item, kind))


def page(view):
    return view._pages.currentWidget()


def told(view):
    return (view._chip.text(), view._when.text()) if not view._chip.isHidden() else None


def test_without_a_frame_it_says_what_will_be_here(qtbot, view, bridge):
    go(qtbot, view, bridge, 0, frame=None)

    assert (page(view).accessibleName(), view.subtitle(), told(view)) == ("No NBLs yet", "", None)


def test_boxes_and_tracks_of_the_lineage_are_drawn(qtbot, view, bridge):
    go(qtbot, view, bridge, ACCEPTED)

    assert (items(view, BoxItem), items(view, TrackItem)) == ([ORIGINAL, CLONE], [ORIGINAL, CLONE])
    assert view.subtitle() == "frame 12 · 2 NBLs"


def test_the_title_counts_what_the_last_step_changed(qtbot, view, bridge):
    go(qtbot, view, bridge, 5)
    made = told(view)
    go(qtbot, view, bridge, ACCEPTED)
    accepted = told(view)
    go(qtbot, view, bridge, ACCEPTED + 1)

    assert (made, accepted, told(view)) == (
        ("1 member · 1 new NBL", "changed by step 5"), ("4 members", "changed by step 9"), None)


def test_a_freed_clone_keeps_its_box_and_loses_its_bytes(qtbot, view, bridge):
    go(qtbot, view, bridge, 19)

    assert (items(view, BoxItem), items(view, TrackItem)) == ([ORIGINAL, CLONE], [ORIGINAL])


def test_a_click_on_a_box_puts_the_nbl_in_focus(qtbot, view, bridge):
    go(qtbot, view, bridge, ACCEPTED)

    qtbot.mouseClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=view.canvas.point_of(CLONE))

    assert bridge.wishes == [("set_focus", {"frame": 12, "nbl": CLONE})]
    assert view.canvas.accessibleDescription().startswith("NBL 12.1, clone, IN_FLIGHT")


def test_arrow_keys_go_from_box_to_box(qtbot, view, bridge):
    go(qtbot, view, bridge, ACCEPTED)

    for _ in range(3):
        qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Left)

    assert [changes["nbl"] for _, changes in bridge.wishes] == [ORIGINAL, CLONE, CLONE, ORIGINAL]


def test_keys_zoom_and_zero_fits(qtbot, view, bridge):
    go(qtbot, view, bridge, ACCEPTED)

    zooms = []
    for key in "++-0":
        qtbot.keyClicks(view.canvas, key)
        zooms.append(view.canvas.zoom)

    assert zooms == pytest.approx([1.25, 1.5625, 1.25, 1.0])


def test_the_buttons_of_the_title_zoom(qtbot, view, bridge):
    go(qtbot, view, bridge, ACCEPTED)

    view.zoom_actions[0].trigger()
    view.zoom_actions[0].trigger()
    view.zoom_actions[1].trigger()

    assert view.canvas.zoom == 1.25


def test_a_chain_is_drawn_with_its_scale(qtbot, view, bridge):
    bridge.show(a_session(chain_trace(until=2)))
    go(qtbot, view, bridge, 2, frame=22)

    assert items(view, BoxItem) == ["21.1", "22.1", "23.1"]
    assert view.legend.accessibleDescription() == "to scale: 1 byte = 4 px"


def test_as_a_tree_it_shows_the_same_in_rows(qtbot, view, bridge):
    go(qtbot, view, bridge, ACCEPTED)
    view.tree_action.setChecked(True)
    go(qtbot, view, bridge, ACCEPTED, nbl=CLONE)

    assert page(view) is view.tree
    assert view.model.nbl(view.tree.currentIndex()) == CLONE
    assert [action.isEnabled() for action in view.zoom_actions] == [False] * 3


def test_a_row_of_the_tree_puts_its_nbl_in_focus(qtbot, view, bridge):
    view.tree_action.setChecked(True)
    go(qtbot, view, bridge, ACCEPTED)

    view.tree.clicked.emit(view.model.index(2, 0, view.model.index_of(CLONE)))

    assert bridge.wishes == [("set_focus", {"frame": 12, "nbl": CLONE})]


def test_the_menu_leads_to_the_step_that_made_an_nbl_and_to_its_parent(qtbot, view, bridge):
    go(qtbot, view, bridge, ACCEPTED)
    menu = view._menu(CLONE, "12.1")

    entries = {action.text(): action for action in menu.actions() if action.text()}
    entries["Go to the step that made 12.1"].trigger()
    entries["Look at its parent 12.0"].trigger()

    assert list(entries) == [
        "Go to the step that made 12.1", "Look at its parent 12.0", "Apply as filter", "Prepare as filter",
        "Highlight in the steps", "Follow 12.1", "Break when", "Explain", "Copy"]
    assert bridge.wishes == [("go_to", 4), ("set_focus", {"frame": 12, "nbl": ORIGINAL})]


def test_a_hidden_view_does_no_work(qtbot, view, bridge):
    go(qtbot, view, bridge, ACCEPTED)
    before = view.picture
    view.hide()

    bridge.move(ACCEPTED + 1)
    qtbot.wait(20)

    assert view.picture is before


def test_another_session_starts_anew(qtbot, view, bridge):
    go(qtbot, view, bridge, ACCEPTED)

    bridge.show(None)
    qtbot.waitUntil(lambda: page(view).accessibleName() == "No NBLs yet")

    assert (view.picture.sights, view.subtitle()) == ({}, "")


def test_the_drawing_follows_the_theme(qtbot, view, bridge):
    theme_manager().set_mode("dark")
    go(qtbot, view, bridge, ACCEPTED)
    grounds = []
    for mode in ("dark", "light"):
        theme_manager().set_mode(mode)
        image = view.canvas.viewport().grab().toImage()
        grounds.append((QColor(image.pixel(QPoint(2, 2))), theme().surface.panel))
    theme_manager().set_mode("dark")

    assert [seen.name() for seen, _ in grounds] == [wanted.name() for _, wanted in grounds]
