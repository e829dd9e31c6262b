"""The policy tree's model."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.trace.world import FilterCounts
from engine.wfp.apply import apply_document
from engine.wfp.store import PolicyStore
from gui.models.policy import edits
from gui.models.policy.cells import HITS, NAME, WEIGHT, action_mark
from gui.models.policy.rows import policy_rows
from gui.models.policy.tree import PolicyTreeModel
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone
from tests.gui.views.policy_bridge import a_document

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
DOCUMENT = a_document()
POLICY = apply_document(PolicyStore(), DOCUMENT)
IDS = {one.name: one.id for one in POLICY.filters.values()}


@pytest.fixture
def model(qapp):
    model = PolicyTreeModel()
    QAbstractItemModelTester(model, Fatal, model)
    model.show(policy_rows(DOCUMENT, DOCUMENT, POLICY))
    return model


def cells(model, name):
    index = model.index_of_id(IDS[name])
    return [index.siblingAtColumn(column).data(Role.CELL) for column in (NAME, WEIGHT, HITS)]


def test_a_filters_row_shows_mark_layer_weight_and_hits(model):
    model.show_counts({IDS["VLAN 20 quarantine"]: FilterCounts(tested=9, matched=1234, decided=3)}, None)

    assert cells(model, "VLAN 20 quarantine") == [
        Cell(text="VLAN 20 quarantine", mark="block", secondary="57", chips=()),
        Cell(text="9 · auto", number=True, tone=Tone.SECONDARY),
        Cell(text="1\u202f234", number=True, tone=Tone.STRONG),
    ]
    assert cells(model, "mirror inbound")[0] == Cell(
        text="mirror inbound", mark="skipped", secondary="56", chips=(("unregistered", "absorb"),))


def test_the_filter_under_test_is_current_in_every_column(model):
    model.show_counts({}, IDS["gateway rewrite"])

    assert [cell.current for cell in cells(model, "gateway rewrite")] == [True, True, True]
    assert not any(cell.current for cell in cells(model, "LAN permit"))


def test_disabled_filters_are_struck_through_and_have_no_hits(model):
    index = model.match(model.index(1, 0), Qt.ItemDataRole.DisplayRole, "old lab block",
                        flags=Qt.MatchFlag.MatchRecursive)[0]  # fmt: skip

    assert index.data(Role.CELL) == Cell(text="old lab block", mark="block", secondary="57", tone=Tone.DIM, strike=True,
                                         chips=())
    assert index.siblingAtColumn(HITS).data() == "–"


def test_contents_change_in_place_and_another_shape_resets(model, qtbot):
    row = model.row_at(model.index_of_id(IDS["LAN permit"]))
    resets = []
    model.modelReset.connect(lambda: resets.append(1))
    disabled = edits.toggle_enabled(DOCUMENT, row).document

    model.show(policy_rows(disabled, DOCUMENT, POLICY))
    assert (resets, cells(model, "LAN permit")[0].strike) == ([], True)

    model.show(policy_rows(edits.duplicate_filter(disabled, row).document, DOCUMENT, POLICY))
    assert resets == [1]
    assert model.filter_count() == 8


def test_names_of_providers_and_sublayers_and_weights_of_sublayers_can_be_typed(model, qtbot):
    provider = model.index(0, 0)
    sublayer = model.index(0, 0, provider)
    told = []
    model.renamed.connect(lambda row, name: told.append((row.name, name)))
    model.weighed.connect(lambda row, text: told.append((row.name, text)))

    model.setData(provider, " Fabrikam ")
    model.setData(sublayer.siblingAtColumn(WEIGHT), "7")
    model.setData(model.index(0, 0, sublayer), "no")
    model.setData(model.index(0, 0, model.index(1, 0)), "built in")

    assert told == [("Contoso", "Fabrikam"), ("Contoso L2", "7")]


def test_breakpoints_have_a_chip(model):
    key = model.row_at(model.index_of_id(IDS["LAN permit"])).key

    model.show_breakpoints(frozenset({key}))

    assert cells(model, "LAN permit")[0].chips == (("break", "block"),)


def test_the_tool_tip_has_what_the_row_has_no_room_for(model):
    index = model.index_of_id(IDS["gateway rewrite"])
    lines = index.data(Qt.ItemDataRole.ToolTipRole).splitlines()

    assert lines[:5] == [
        "gateway rewrite", f"filter id {IDS['gateway rewrite']} (0x{IDS['gateway rewrite']:X})",
        "FWPM_LAYER_OUTBOUND_MAC_FRAME_ETHERNET", "FWP_ACTION_CALLOUT_TERMINATING", "callout mac_rewrite"]
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == (
        "filter gateway rewrite, FWP_ACTION_CALLOUT_TERMINATING, 8 · auto")


def test_what_is_not_shown_has_no_index(model):
    model.show(policy_rows(DOCUMENT, DOCUMENT, POLICY, "arp"))

    assert model.index_of_id(IDS["LAN permit"]) == QModelIndex()
    assert action_mark(POLICY.filter_by_id[IDS["mirror inbound"]].action) == "skipped"
