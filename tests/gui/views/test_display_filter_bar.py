"""The display filter in the window: typed, completed, applied; the menu, marks, comments, columns and colours."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from gui.models.frames.table import Column
from gui.views.frames import filter_bar
from gui.views.frames.span_entries import add_span_entries
from gui.views.frames.view import FramesView
from gui.widgets.minimap import CODES
from tests.builders.captures import ethernet, pcap, pcap_record

Key, Control = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def view(bridge, qtbot):
    view = FramesView(bridge)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    qtbot.waitExposed(view)
    view.table.setFocus()
    return view


@pytest.fixture
def field(view):
    return view.filter_bar.field


def shown(view):
    return [view.model.number(row) for row in range(view.model.rowCount())]


def type_in(qtbot, field, text):
    field.setFocus()
    qtbot.keyClicks(field, text)


def entries(menu):
    found = {}
    for action in menu.actions():
        text = action.text().partition("\t")[0]
        if action.menu() is not None:
            found |= {f"{text} > {inner}": act for inner, act in entries(action.menu()).items()}
        elif text:
            found[text] = action
    return found


def menu_of(view, row, column):
    return view._menu.make(view.model.index(row, column), view.table.chosen(), view.columns.shown(),
                           highlight=view._highlight, colour=view.colouring.add, export=view.export.ask)


def test_typing_shows_at_every_key_whether_it_is_valid(view, field, qtbot):
    states = []
    for text in ("arp", " =", "= tr", "ue"):
        type_in(qtbot, field, text)
        states.append(field.property("state"))
    field.setText("arp = 1")
    states.append(field.property("state"))
    field.clear()

    assert (states, field.property("state")) == (["valid", "error", "error", "valid", "slow"], "plain")


def test_enter_applies_and_the_count_is_told(view, bridge, field, settle, qtbot):
    type_in(qtbot, field, "arp")
    qtbot.keyClick(field, Key.Key_Return)
    settle(bridge)

    assert (shown(view), view.subtitle(), field.accessibleDescription()) == ([1, 2], "shown 2 of 6", "2")


def test_proposals_are_taken_with_the_keys(view, field, qtbot):
    type_in(qtbot, field, "ether")
    first = field.popup.isVisible()
    qtbot.keyClick(field, Key.Key_Down)
    qtbot.keyClick(field, Key.Key_Return)
    type_in(qtbot, field, " ")
    qtbot.keyClick(field, Key.Key_Tab)
    type_in(qtbot, field, " ar")
    qtbot.keyClick(field, Key.Key_Tab)

    assert (first, field.text(), field.property("state"), field.hasFocus()) == (
        True, "ether_type == arp", "valid", True)


def test_values_that_occur_are_proposed(view, field, qtbot):
    type_in(qtbot, field, "vlan.id == ")

    assert field.popup.model().index(0).data() == "20"


def test_escape_closes_the_proposals_then_leaves(view, bridge, field, qtbot):
    type_in(qtbot, field, "eth")
    qtbot.keyClick(field, Key.Key_Escape)
    stays = field.hasFocus(), field.popup.isVisible()
    qtbot.keyClick(field, Key.Key_Escape)

    assert (stays, field.text(), view.table.hasFocus()) == ((True, False), "", True)


def test_what_is_wrong_is_told_with_a_remedy_that_is_one_click(view, bridge, field, qtbot):
    field.setText("eth.tipe == 0x0806")
    qtbot.keyClick(field, Key.Key_Return)
    told = view.filter_bar._reason.text()
    view.filter_bar._mend.click()

    assert (told, field.text(), field.property("state")) == (
        "Character 1: there is no field `eth.tipe`; did you mean `eth.type`?", "eth.type == 0x0806", "valid")
    assert bridge.frame_filter.text == ""


def test_an_error_is_told_when_typing_pauses(view, field, qtbot, monkeypatch):
    view.filter_bar._told.setInterval(20)
    field.setText("arp ==")

    qtbot.waitUntil(view.filter_bar._below.isVisible)
    assert view.filter_bar._reason.text() == (
        'Character 7: it ends too soon; a name, a number or a "text" is wanted here.')
    assert filter_bar.TOLD_AFTER_MS > 300


def test_a_filter_that_nothing_passes_offers_to_clear_it(view, bridge, field, settle):
    view.filter_bar.take("frame.len > 9000", True)
    settle(bridge)
    page = view._content.currentWidget()
    view._none_passes.acted.emit()
    settle(bridge)

    assert (page, shown(view), field.text()) == (view._none_passes, [1, 2, 3, 4, 5, 6], "")


def test_what_was_used_is_offered_again(view, bridge, field, settle, qtbot):
    for text in ("arp", "ipv6", ""):
        view.filter_bar.take(text, True)
        settle(bridge)
    field.setFocus()
    qtbot.keyClick(field, Key.Key_Down)
    offered = [field.popup.model().index(row).data() for row in range(2)]
    qtbot.keyClick(field, Key.Key_Down)
    qtbot.keyClick(field, Key.Key_Return)

    assert (offered, field.text()) == (["ipv6", "arp"], "ipv6")


def test_filters_are_saved_taken_and_forgotten(view, bridge, settle):
    view.filter_bar.take("arp", True)
    entries(view.saved_filters.menu())["Save “arp”"].trigger()
    view.filter_bar.clear()
    settle(bridge)
    entries(view.saved_filters.menu())["arp"].trigger()
    settle(bridge)
    taken = shown(view)
    entries(view.saved_filters.menu())["Forget > arp"].trigger()

    assert (taken, view.filter_bar.library.saved()) == ([1, 2], [])


def test_a_frame_that_is_looked_at_stays_in_sight(view, bridge, settle, qtbot):
    view.table.choose(4)
    view.filter_bar.take("ipv6 or arp", True)
    settle(bridge)
    qtbot.waitUntil(lambda: view.table.currentIndex().row() == 2)

    assert bridge.focus.frame == 5


# --- the menu ---------------------------------------------------------------------------------------------------------


def test_a_cell_is_applied_as_filter_in_every_way(view, bridge, settle):
    view.filter_bar.take("ip", True)
    settle(bridge)
    found = []
    for how in ("Selected: vlan.id == 20", "Not selected", "… and selected", "… or not selected"):
        row = view.model.row_of(6)
        if row < 0:
            view.filter_bar.take("ip", True)
            settle(bridge)
            row = view.model.row_of(6)
        entries(menu_of(view, row, Column.VLAN))[f"Apply as filter > {how}"].trigger()
        settle(bridge)
        found.append(bridge.frame_filter.text)
        view.filter_bar.take("ip", True)
        settle(bridge)

    assert found == ["vlan.id == 20", "not vlan.id == 20", "ip and vlan.id == 20", "ip or not vlan.id == 20"]


def test_a_prepared_filter_waits_for_enter(view, bridge, field):
    entries(menu_of(view, 0, Column.TYPE))["Prepare as filter > Selected: arp"].trigger()

    assert (field.text(), field.hasFocus(), bridge.frame_filter.text) == ("arp", True, "")


def test_highlighting_hides_nothing(view, qtbot):
    entries(menu_of(view, 0, Column.TYPE))["Highlight"].trigger()

    assert (view.find_bar.field.text(), view.find_bar.isVisible(), view.model.rowCount()) == ("ARP", True, 6)


def test_a_conversation_is_followed(view, bridge, settle):
    entries(menu_of(view, 0, Column.TYPE))["Follow this conversation"].trigger()
    settle(bridge)

    assert shown(view) == [1, 2, 3, 4, 5, 6]
    assert bridge.frame_filter.text == "eth.addr == 02:00:00:00:0b:31 and eth.addr == 02:00:00:00:00:01"


def test_this_is_coloured(view, bridge):
    entries(menu_of(view, 0, Column.TYPE))["Colour this > Teal"].trigger()

    assert [(rule.text, rule.colour) for rule in view.colouring.rows.rules] == [
        ("arp", "teal"), ("outcome == blocked", "block")]


def test_selected_frames_are_marked_and_copied_together(view, bridge, qtbot):
    view.table.choose(0)
    qtbot.keyClick(view.table, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    entries(menu_of(view, 0, Column.TYPE))["Mark 2 frames"].trigger()
    entries(menu_of(view, 0, Column.TYPE))["Copy > Bytes as hex"].trigger()

    assert bridge.frame_notes.notes.marked == {1, 2}
    assert bridge.frame_notes.chosen == (1, 2)
    assert QGuiApplication.clipboard().text().count("\n\n") == 1


def test_there_is_no_menu_where_there_is_no_frame(view):
    view._open_menu(QPoint(10, view.table.viewport().height() - 2))

    assert menu_of(view, 99, 0) is None


# --- comments, columns, colours, sorting ------------------------------------------------------------------------------


def test_a_comment_is_written_in_the_bar(view, bridge, qtbot):
    bridge.frame_notes.comment_wanted.emit(3)
    qtbot.keyClicks(view.comment_bar.field, "why?")
    qtbot.keyClick(view.comment_bar.field, Key.Key_Return)
    once = bridge.frame_notes.notes.comments
    bridge.frame_notes.comment_wanted.emit(3)
    qtbot.keyClicks(view.comment_bar.field, "other")
    qtbot.keyClick(view.comment_bar.field, Key.Key_Escape)

    assert (once, bridge.frame_notes.notes.comments, view.comment_bar.isVisible()) == ({3: "why?"}, {3: "why?"}, False)
    assert view.table.hasFocus()


def test_a_field_becomes_a_column_that_is_remembered(view, bridge, qtbot):
    view.columns.add_wished.emit()
    qtbot.keyClicks(view.column_bar.field, "eth.srcc")
    qtbot.keyClick(view.column_bar.field, Key.Key_Escape)
    qtbot.keyClick(view.column_bar.field, Key.Key_Return)
    told = view.column_bar._reason.text()
    qtbot.keyClick(view.column_bar.field, Key.Key_Backspace)
    qtbot.keyClick(view.column_bar.field, Key.Key_Escape)
    qtbot.keyClick(view.column_bar.field, Key.Key_Return)
    bridge.frame_filter.column_wanted.emit("vlan.priority")

    other = FramesView(bridge)
    qtbot.addWidget(other)
    assert told == "There is no such field; did you mean eth.src?"
    assert [field.name for field in other.model.fields] == ["eth.src", "vlan.priority"]
    assert other.model.index(5, len(Column) + 1).data() == "3"
    entries(other.columns.menu())["Remove a column > eth.src"].trigger()
    assert [field.name for field in other.model.fields] == ["vlan.priority"]


def test_the_time_may_be_shown_otherwise(view, bridge, qtbot):
    entries(view.columns.menu())["Time as > Date and time of day, UTC"].trigger()

    other = FramesView(bridge)
    qtbot.addWidget(other)
    assert other.model.index(1, Column.TIME).data() == "1970-01-01 00:00:01.000500000"


def test_colour_rules_are_edited_by_keyboard(view, qtbot):
    view.colouring.toggle()
    table, rows = view.colouring.panel.table, view.colouring.rows
    view.colouring.panel._add()
    table.setCurrentIndex(rows.index(0, 0))
    qtbot.keyClick(table, Key.Key_Space)
    qtbot.keyClick(table, Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    moved = [(rule.name, rule.enabled) for rule in rows.rules]
    table.setCurrentIndex(rows.index(1, 0))
    qtbot.keyClick(table, Key.Key_Delete)
    qtbot.keyClick(table, Key.Key_Escape)

    assert moved == [("Blocked", True), ("New rule", False)]
    assert ([rule.name for rule in rows.rules], view.colouring.panel.isVisible()) == (["Blocked"], False)


def test_a_head_sorts_up_down_and_not_at_all(view, bridge, settle):
    header, orders = view.table.horizontalHeader(), []
    for _ in range(3):
        header.sectionClicked.emit(Column.TYPE)
        settle(bridge)
        orders.append(shown(view))

    assert orders == [[3, 4, 6, 1, 2, 5], [5, 1, 2, 3, 4, 6], [1, 2, 3, 4, 5, 6]]


def test_rows_are_exported_as_they_are_shown(view, bridge, settle, tmp_path):
    view.filter_bar.take("arp or ipv6", True)
    settle(bridge)
    bridge.frame_notes.toggle_ignored([2])
    for column in list(Column)[2:]:
        view.columns._show(column, column is Column.TYPE)
    view.export.write(tmp_path / "a.csv")
    settle(bridge)
    view.export.write(tmp_path / "a.pcapng")
    settle(bridge)

    assert (tmp_path / "a.csv").read_text() == "Number,Time,Type\n1,0.000000,ARP\n5,0.002000,IPv6\n"
    bridge.open([tmp_path / "a.pcapng"])
    settle(bridge)
    assert [row.type_name for row in bridge.session.rows] == ["ARP", "IPv6"]


def test_selected_rows_alone_are_exported_if_there_are_several(view, bridge, settle, tmp_path, qtbot):
    view.filter_bar.take("not ipv6", True)
    settle(bridge)
    view.table.choose(1)
    qtbot.keyClick(view.table, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    for name in ("a.csv", "a.pcapng"):
        view.export.write(tmp_path / name)
        settle(bridge)

    lines = (tmp_path / "a.csv").read_text().splitlines()
    bridge.open([tmp_path / "a.pcapng"])
    settle(bridge)
    assert [line.partition(",")[0] for line in lines] == ["Number", "2", "3"]
    assert [row.type_name for row in bridge.session.rows] == ["ARP", "IPv4"]


def test_the_minimap_shows_the_rows_that_are_shown(view, bridge, settle, qtbot):
    bridge.run()
    settle(bridge)
    view.filter_bar.take("arp", True)
    settle(bridge)
    qtbot.waitUntil(lambda: not view._map._timer.isActive())

    assert view._map._codes.tolist() == [CODES["block"], CODES["permit"]]


def test_a_smaller_capture_has_no_rows_of_the_one_before(view, bridge, settle, tmp_path, qtbot):
    view.table.horizontalHeader().sectionClicked.emit(Column.TYPE)
    view.filter_bar.take("eth", True)
    settle(bridge)
    before = shown(view)
    path = tmp_path / "two.pcap"
    path.write_bytes(pcap(*(pcap_record(ethernet(ether_type=kind)) for kind in (0x0806, 0x0800))))
    texts = []
    bridge.session_changed.connect(lambda: texts.append(view.model.texts(0, [Column.TYPE])))

    bridge.open([path])
    settle(bridge)
    qtbot.waitUntil(lambda: shown(view) == [2, 1])

    assert (before, len(texts)) == ([3, 4, 6, 1, 2, 5], 1)


@pytest.mark.parametrize(("span", "terms"), [
    ((0, 6), ["eth.dst == 02:00:00:00:0b:31"]), ((7, 9), ["eth.src == 02:00:00:00:00:01"]),
    ((12, 14), ["eth.type == 0x8100"]), ((14, 16), ["vlan.id == 20"]), ((15, 16), ["vlan.id == 20"]),
    ((16, 18), ["vlan.etype == 0x0800"]), ((18, 30), []),
    ((0, 14), ["eth.dst == 02:00:00:00:0b:31", "eth.src == 02:00:00:00:00:01", "eth.type == 0x8100"]),
])  # fmt: skip
def test_bytes_of_a_packet_become_a_filter_and_columns(bridge, span, terms, qtbot):
    menu = QMenu()
    qtbot.addWidget(menu)
    add_span_entries(menu, bridge, 6, span)
    found = entries(menu)

    names = [term.partition(" ")[0] for term in terms]
    wanted = " and ".join(terms)
    assert [text for text in found if text.startswith("Apply as filter > Selected")] == (
        [f"Apply as filter > Selected: {wanted if len(wanted) <= 60 else wanted[:57] + '…'}"] if terms else [])
    assert [text for text in found if "column" in text] == [f"Apply as column: {name}" for name in names]
