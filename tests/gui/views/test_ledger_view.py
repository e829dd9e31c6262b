"""The ledger on a real session: it follows the step and the focus, leads to steps, and says what is not recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from engine.report.ledgers.nbl_log import lineage_log
from engine.wfp.policy_file import save_policy
from gui.views.ledgers.view import LINEAGE, LedgerView
from tests.builders.laboratories import bench as a_bench
from tests.builders.runs import outbound, write_capture

KEEPS = """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        out.absorb()
"""


HOLDS_BOTH = """
    def seen(self, fwps, values, meta, layer_data, out):
        self.kept = fwps.allocate_clone_net_buffer_list(layer_data)
        out.absorb()
"""


def bring(bridge, settle, folder: Path, body: str = KEEPS, **options: object) -> None:
    """A driver that keeps each of three frames, run to the end and trusted."""
    policy = folder / "policy.json"
    save_policy(a_bench(folder, body).document(options), policy)
    offers = []
    bridge.offer.connect(offers.append)
    bridge.open([write_capture(folder, *[outbound() for _ in range(3)]), policy])
    settle(bridge)
    offers[-1].act()
    settle(bridge)
    bridge.run()
    settle(bridge)


@pytest.fixture
def bridge(empty_bridge):
    return empty_bridge


@pytest.fixture
def view(bridge, qtbot):
    made = LedgerView(bridge)
    qtbot.addWidget(made)
    made.resize(640, 300)
    made.show()
    return made


def shown(view: LedgerView, number: int, column: int = 0) -> list[str]:
    model = view.models[number]
    return [model.index(row, column).data() for row in range(model.rowCount())]


def turn(view: LedgerView, number: int) -> None:
    view.choice.set_current(number)
    view.choice.chosen.emit(number)


def test_pending_nbls_are_those_of_the_step_that_is_shown(view, bridge, settle, qtbot, tmp_path):
    bring(bridge, settle, tmp_path)
    qtbot.waitUntil(lambda: shown(view, 0) == ["1.0", "2.0", "3.0"])
    assert view.subtitle() == "3 pending"

    bridge.go_to(bridge.session.trace.of_frame(2)[0])
    qtbot.waitUntil(lambda: shown(view, 0) == ["1.0", "2.0"])


def test_a_click_puts_the_nbl_into_focus_and_enter_goes_to_its_step(view, bridge, settle, qtbot, tmp_path):
    bring(bridge, settle, tmp_path)
    qtbot.waitUntil(lambda: len(shown(view, 0)) == 3)
    table = view.tables[0]
    place = table.visualRect(view.models[0].index(1, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (bridge.focus.frame, bridge.focus.nbl) == (2, "2.0")

    table.setCurrentIndex(view.models[0].index(0, 0))
    wanted = view.models[0].row(0).seq
    qtbot.keyClick(table, Qt.Key.Key_Return)
    settle(bridge)
    qtbot.waitUntil(lambda: bridge.cursor == wanted + 1)


def test_the_log_is_of_the_nbl_in_focus(view, bridge, settle, qtbot, tmp_path):
    bring(bridge, settle, tmp_path)
    bridge.set_focus(frame=2, nbl="2.0")
    turn(view, 2)

    qtbot.waitUntil(lambda: "Referenced" in shown(view, 2, 2))
    assert view.subtitle() == "2.0 · driver holds 1"
    bridge.set_focus(frame=1, nbl="1.0")
    qtbot.waitUntil(lambda: view.subtitle() == "1.0 · driver holds 1")


def test_the_lineage_log_has_all_nbls_of_the_frame(view, bridge, settle, qtbot, tmp_path):
    bring(bridge, settle, tmp_path, HOLDS_BOTH)
    bridge.set_focus(frame=2)
    turn(view, LINEAGE)

    qtbot.waitUntil(lambda: {"2.0", "2.1"} <= set(shown(view, 2)))
    assert view.subtitle() == "frame 2 · 2 NBLs"
    assert shown(view, 2) == [row.nbl for row in lineage_log(bridge.session.trace, bridge.world, 2)]


def test_an_address_and_bytes_lead_to_the_nbl_that_has_them(view, bridge, settle, qtbot, tmp_path):
    bring(bridge, settle, tmp_path)
    world = bridge.world
    data = world.frame_bytes("2.0")
    view.finder.setText(data[:14].hex(" "))
    view.look_up()
    assert bridge.focus.nbl is not None

    for text, note in (("zz", "no such text"), ("de ad be ef 99 98 97", "in none"), ("ffff8000`ffffffff", "in none")):
        view.finder.setText(text)
        view.look_up()
        assert view.finder.accessibleDescription() == note


@pytest.mark.parametrize(("level", "number", "words"), [
    ("0", 0, "The engine option recording_level is 0; from 1 on this is kept."),
    ("2", 2, "The engine option recording_level is 2; from 3 on this is kept."),
])  # fmt: skip
def test_what_is_not_recorded_is_said(level, number, words, view, bridge, settle, qtbot, tmp_path):
    bring(bridge, settle, tmp_path, recording_level=level)
    turn(view, number)

    qtbot.waitUntil(lambda: view._empty.accessibleDescription() == words)
    assert view.subtitle() == f"recording level {level}"
