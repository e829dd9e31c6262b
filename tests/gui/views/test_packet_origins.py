"""Each byte of the packet view says who put it there, and leads to that step."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from gui.models.packet.origins import go_to_last_write, last_write
from gui.views.origin_strip import ASK
from gui.views.packet import PacketView
from tests.gui.nbl_story import ACCEPTED, CLONE, rewrite_trace
from tests.gui.table_builders import Bridge, Session, a_row

SHARED = "12.1 is a clone of 12.0, made at mac_rewrite.py:34"


@pytest.fixture
def bridge():
    return Bridge(Session(rows=[a_row(12)], trace=rewrite_trace()))


@pytest.fixture
def view(qtbot, bridge):
    view = PacketView(bridge)
    qtbot.addWidget(view)
    view.resize(900, 300)
    view.show()
    qtbot.waitExposed(view)
    bridge.look(frame=12, nbl=CLONE)
    bridge.move(ACCEPTED)
    qtbot.waitUntil(lambda: view.subtitle().startswith("12.1"))
    return view


def hover(view, place):
    point = view.hex._layout().hex_rect(place).center() if place is not None else QPointF(-5, -5)
    event = QMouseEvent(QMouseEvent.Type.MouseMove, point, view.hex.viewport().mapToGlobal(point),
                        Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)  # fmt: skip
    view.hex.mouseMoveEvent(event)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (0, "byte 0 = 0x02: step 8, set by mac_rewrite.py:36"),
        (6, "byte 6 = 0x02: step 6, made by mac_rewrite.py:35: memory that the script gave"),
        (20, f"byte 20 = 0x00: from the capture: frame 12, byte 20 ← {SHARED}"),
    ],
)
def test_the_byte_under_the_mouse_says_who_put_it_there(view, place, text):
    hover(view, place)

    assert (view.origin.text.text(), view.origin.go.isEnabled()) == (text, True)


def test_where_no_byte_is_nothing_is_said(view):
    hover(view, 3)
    hover(view, None)

    assert (view.origin.text.text(), view.origin.go.isEnabled()) == (ASK, False)


def test_selected_bytes_stay_told_and_lead_to_their_step(qtbot, view, bridge):
    view.hex.setFocus()
    qtbot.keyClick(view.hex, Qt.Key.Key_Right)
    qtbot.keyClick(view.hex, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    hover(view, 20)
    hover(view, None)

    assert view.origin.text.text() == "bytes 1–2: step 8, set by mac_rewrite.py:36"
    qtbot.mouseClick(view.origin.go, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert bridge.wishes[-1] == ("go_to", 7)


def test_a_selection_of_many_origins_names_the_latest(qtbot, view, bridge):
    bridge.look(bytes=(0, 40))
    qtbot.waitUntil(lambda: view.origin.text.text() != ASK)

    assert view.origin.text.text() == "bytes 0–39: step 8, set by mac_rewrite.py:36 · the latest of 3 origins"
    assert last_write(bridge) == 7


def test_the_command_goes_to_the_last_write_of_the_bytes_in_focus(view, bridge):
    go_to_last_write(bridge)
    bridge.look(bytes=(6, 8))
    go_to_last_write(bridge)

    assert bridge.wishes == [("go_to", 5)]
    bridge.look(bytes=None)
    assert last_write(bridge) is None


def test_before_the_write_the_byte_belongs_to_whoever_had_it_then(qtbot, view, bridge):
    bridge.move(7)
    qtbot.waitUntil(lambda: not view._refresher._stale)
    hover(view, 0)

    assert view.origin.text.text() == "byte 0 = 0x02: step 6, made by mac_rewrite.py:35: memory that the script gave"
