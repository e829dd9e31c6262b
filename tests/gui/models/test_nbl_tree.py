"""The NBL chain in rows."""

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.trace.history import WorldHistory
from gui.models.nbl.chain import ChainReader, Picture
from gui.models.nbl.tree import NblTreeModel
from tests.gui.nbl_story import ACCEPTED, CLONE, rewrite_trace


def a_model(cursor=ACCEPTED):
    model = NblTreeModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(picture(cursor))
    return model


def picture(cursor):
    trace = rewrite_trace()
    return ChainReader(trace).picture(WorldHistory(trace).at(cursor), 12)


def rows(model, parent):
    return [tuple(model.index(row, column, parent).data() for column in range(2))
            for row in range(model.rowCount(parent))]


def test_each_nbl_is_a_row_with_all_its_members(qapp):
    model = a_model()

    assert rows(model, QModelIndex()) == [("12.0", "INDICATED"), ("12.1", "IN_FLIGHT")]
    assert rows(model, model.index_of(CLONE)) == [
        ("State", "ALLOCATED → IN_FLIGHT"), ("Next", "NULL"), ("ParentNetBufferList", "12.0"), ("ChildRefCount", "0"),
        ("References", "0"), ("Status", "–"), ("Ieee8021Q", "–"), ("Injection history", "empty → H1 · 57"),
        ("Completion", "– → mac_done"), ("NblFlags", "0"), ("Flags", "0"), ("NetBufferListInfo", "empty"),
        ("Context", "NULL"), ("Scratch", "NULL"), ("Reserved", "empty"), ("Packet tags", "empty"), ("Batch taint", "–"),
        ("Receive flags", "–"), ("Owner", "mac_rewrite → engine"),
        ("NET_BUFFER 1", "DataOffset 0 · DataLength 98"), ("Allocated at", "mac_rewrite.py:34"),
    ]  # fmt: skip


def test_a_net_buffer_lists_its_mdls_and_first_bytes(qapp):
    model = a_model()

    assert rows(model, model.index(19, 0, model.index_of(CLONE))) == [
        ("CurrentMdl", "MDL 1, offset 0"),
        ("MDL 1", "ByteCount 14 · memory of mac_rewrite"),
        ("MDL 2", "ByteCount 84 · shares MDL 2 of 12.0 · 84 used"),
        ("First bytes", "02 00 00 00 00 fe 02 00 00 00 0c 07 08 00"),
    ]


def test_a_step_that_only_changes_values_keeps_the_rows(qapp, qtbot):
    model = a_model(cursor=8)

    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.show(picture(9))

    assert model.index_of(CLONE).siblingAtColumn(1).data() == "IN_FLIGHT"


def test_a_new_nbl_brings_new_rows(qapp, qtbot):
    model = a_model(cursor=4)

    with qtbot.waitSignal(model.modelReset):
        model.show(picture(5))

    assert model.rowCount() == 2


def test_every_row_knows_its_nbl(qapp):
    model = a_model()

    assert model.nbl(model.index(3, 1, model.index_of(CLONE))) == CLONE
    assert model.nbl(QModelIndex()) is None


def test_a_screen_reader_hears_what_changed(qapp):
    model = a_model()

    assert model.index_of(CLONE).data(Qt.ItemDataRole.AccessibleTextRole) == (
        "NBL 12.1, clone, IN_FLIGHT, changed: State ALLOCATED to IN_FLIGHT, Injection history empty to H1 · 57, "
        "Completion – to mac_done, Owner mac_rewrite to engine")


def test_nothing_has_no_rows(qapp):
    model = a_model()
    model.show(Picture())

    assert model.rowCount() == 0
