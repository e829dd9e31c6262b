"""Fields and bytes at work."""

import pytest
from PySide6.QtCore import Qt

from engine.ndis.snapshot import MemoryId, NblId
from engine.trace import events as ev
from engine.trace.trace import Trace
from gui.views.packet import PacketView
from tests.gui.table_builders import ARP, Bridge, Session, a_buffer, a_frame, a_row, an_nbl, entered


@pytest.fixture
def bridge():
    return Bridge(Session(rows=[a_row(1), a_row(2)], frames={1: a_frame(1), 2: a_frame(2)}, trace=Trace()))


@pytest.fixture
def view(qtbot, bridge):
    view = PacketView(bridge)
    qtbot.addWidget(view)
    view.resize(900, 300)
    view.show()
    qtbot.waitExposed(view)
    return view


def look(qtbot, view, bridge, **focus):
    bridge.look(**focus)
    qtbot.waitUntil(lambda: view.model.rowCount() > 0 and not view.dissector.is_busy)


def field(view, *path):
    return view.model.index_at(path)


def chosen(view):
    return view.model.path_of(view.tree.currentIndex().siblingAtColumn(0))


def test_without_a_frame_it_says_what_will_be_here(view):
    assert (view._pages.currentIndex(), view.subtitle()) == (0, "")


def test_a_frame_that_has_not_run_is_shown_as_captured(view, bridge, qtbot):
    look(qtbot, view, bridge, frame=1)

    layers = [view.model.index(row, 0).data() for row in range(view.model.rowCount())]
    assert (layers, view.subtitle()) == (["Ethernet", "ARP", "Padding"], "frame 1 as captured · 60 bytes")


def test_choosing_a_field_lights_its_bytes_and_tells_the_focus(view, bridge, qtbot):
    look(qtbot, view, bridge, frame=1)

    view.tree.setCurrentIndex(field(view, 0, 1))

    assert view.hex._highlights["field"] == ((6, 12),)
    assert bridge.wishes == [("set_focus", {"bytes": (6, 12)})]


def test_choosing_bytes_chooses_the_innermost_field(view, bridge, qtbot):
    look(qtbot, view, bridge, frame=1)
    view.hex.setFocus()
    for _ in range(13):
        qtbot.keyClick(view.hex, Qt.Key.Key_Right)

    assert chosen(view) == ("0 Ethernet", "2 type")
    assert bridge.wishes[-1] == ("set_focus", {"bytes": (13, 14)})


def test_bytes_that_another_view_points_at_are_lit(view, bridge, qtbot):
    look(qtbot, view, bridge, frame=1)

    bridge.look(bytes=(28, 32))
    qtbot.waitUntil(lambda: view.tree.currentIndex().isValid())

    assert (chosen(view), view.hex._highlights["field"]) == (("1 ARP", "6 psrc"), ((28, 32),))


def test_the_same_field_stays_chosen_in_the_next_frame(view, bridge, qtbot):
    look(qtbot, view, bridge, frame=1)
    view.tree.setCurrentIndex(field(view, 0, 2))

    bridge.look(frame=2, bytes=None)
    qtbot.waitUntil(lambda: view.subtitle().startswith("frame 2") and chosen(view) == ("0 Ethernet", "2 type"))

    assert view.hex._highlights["field"] == ((12, 14),)


def test_the_last_step_s_bytes_are_lit(view, bridge, qtbot):
    trace = bridge.session.trace
    trace.append(entered(1), 1, 0, 0)
    trace.append(ev.DataWritten(nbl=NblId("1.0"), memory=MemoryId("1:0"), offset=0, old=ARP[:2], new=b"\x02\x09",
                                sharers=()), 1, 0, 0)  # fmt: skip
    bridge.move(2)
    look(qtbot, view, bridge, frame=1)

    assert view.hex._highlights["changed"] == ((0, 2),)
    assert view.subtitle() == "1.0 · 60 bytes · 2 changed by this step"


def test_behind_the_mac_header_fields_still_light_their_bytes(view, bridge, qtbot):
    trace = bridge.session.trace
    memory = MemoryId("1:0")
    event = ev.FrameEntered(1, "inbound", 1, 0, 60, 1, 0, {memory: bytes(10) + ARP},
                            changed=(an_nbl("1.0", a_buffer(60, ("1:0", 0, 70), offset=10)),))  # fmt: skip
    moved = an_nbl("1.0", a_buffer(46, ("1:0", 0, 70), offset=24))
    trace.append(event, 1, 0, 0)
    trace.append(ev.ModuleEntered("802.3", 56, (NblId("1.0"),), changed=(moved,)), 1, 0, 0)
    bridge.move(2)
    look(qtbot, view, bridge, frame=1)

    view.tree.setCurrentIndex(field(view, 0, 0))

    assert (view.hex._used, view.hex._highlights["field"]) == ((24, 70), ((10, 16),))


def test_a_packet_with_room_before_it_is_shown_from_its_first_byte_and_stays_where_it_was_scrolled(view, bridge, qtbot):
    trace = bridge.session.trace
    memory = MemoryId("1:0")
    event = ev.FrameEntered(1, "outbound", 1, 0, 60, 1, 0, {memory: bytes(640) + ARP},
                            changed=(an_nbl("1.0", a_buffer(60, ("1:0", 0, 700), offset=640)),))  # fmt: skip
    trace.append(event, 1, 0, 0)
    trace.append(ev.DataWritten(nbl=NblId("1.0"), memory=memory, offset=640, old=ARP[:2], new=b"\x02\x09", sharers=()),
                 1, 0, 0)  # fmt: skip
    view.resize(900, 80)
    bridge.move(1)
    look(qtbot, view, bridge, frame=1)
    bar = view.hex.verticalScrollBar()
    shown = bar.value()
    bar.setValue(0)
    bridge.move(2)
    qtbot.waitUntil(lambda: view.subtitle().endswith("2 changed by this step"))

    assert shown == round(view.hex._layout().hex_rect(640).top())
    assert bar.value() == 0


def test_a_frame_whose_bytes_are_gone_leaves_the_view_empty(view, bridge, qtbot):
    look(qtbot, view, bridge, frame=1)
    bridge.session.frame = lambda number: (_ for _ in ()).throw(IndexError(number))

    bridge.look(frame=2)
    qtbot.waitUntil(lambda: view._pages.currentIndex() == 0)

    assert view.subtitle() == ""


def test_in_a_narrow_dock_the_bytes_stand_below(view, qtbot):
    wide = view._split.orientation()
    view.resize(500, 400)
    qtbot.waitUntil(lambda: view._split.orientation() != wide)

    assert (wide, view._split.orientation()) == (Qt.Orientation.Horizontal, Qt.Orientation.Vertical)
