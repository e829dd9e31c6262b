"""Dragging filters and sublayers: what a place in the tree means for weights."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.wfp.apply import apply_document
from engine.wfp.builtin import BUILTIN_SUBLAYERS, UNIVERSAL
from engine.wfp.document import PolicyDocument, find_filter
from engine.wfp.objects import Weight
from engine.wfp.store import PolicyStore
from engine.wfp.types import DataType
from engine.wfp.validation import key_of, sublayer_of
from gui.models.policy.dragging import Drop, can_drop, is_draggable, read_drop, write_drag
from gui.models.policy.moves import Refused, move_filter, move_sublayer, shifted, weight_between
from gui.models.policy.rows import FilterRow, effective_of, policy_rows
from tests.builders.policies import a_sublayer_spec, block, ether_type, permit
from tests.gui.views.policy_bridge import a_document

DOCUMENT = a_document()
CONTOSO = key_of(DOCUMENT.sublayers[0])
TREE = policy_rows(DOCUMENT, DOCUMENT, None)
L2, UNIVERSAL_ROW = TREE[0].sublayers[0], TREE[1].sublayers[0]


def key(name: str, document: PolicyDocument = DOCUMENT):
    return next(key_of(one) for one in document.filters if one.name == name)


def order(document: PolicyDocument, sublayer) -> list[str]:
    policy = apply_document(PolicyStore(), document)
    return [one.filter.name for found in policy.layers.values() for at in found for one in at.filters
            if at.sublayer.key == sublayer]  # fmt: skip


def test_a_filter_goes_to_another_sublayer_and_keeps_its_weight():
    moved = move_filter(DOCUMENT, key("LAN permit"), CONTOSO)

    spec = find_filter(moved.document, key("LAN permit"))
    assert (moved.text, sublayer_of(spec), spec.weight) == ("Move “LAN permit” to Contoso L2", CONTOSO, Weight())
    back = move_filter(moved.document, key("LAN permit"), UNIVERSAL)
    assert find_filter(back.document, key("LAN permit")).sublayer is None
    assert move_filter(moved.document, key("LAN permit"), CONTOSO) is None


def test_between_two_filters_it_gets_a_weight_by_which_it_is_tried_there():
    above, below = key("no ARP announcements"), key("VLAN 20 quarantine")
    moved = move_filter(DOCUMENT, key("gateway rewrite"), CONTOSO, above, below)

    assert moved.text == "Move “gateway rewrite”"
    assert order(moved.document, CONTOSO)[:3] == ["no ARP announcements", "gateway rewrite", "VLAN 20 quarantine"]


def test_between_neighbouring_ranges_of_weights_it_gets_a_number_of_its_own():
    one, other, third = (
        permit(name, weight=Weight(type=DataType.FWP_UINT8, value=value))
        for name, value in (("one", 8), ("other", 7), ("third", 1)))
    document = PolicyDocument(filters=(one, other, third))

    moved = move_filter(document, key_of(third), UNIVERSAL, key_of(one), key_of(other))

    weights = [effective_of(find_filter(moved.document, key_of(each))) for each in (one, third, other)]
    assert weights == [8 << 60, 15 << 59, 7 << 60]


def test_where_no_weight_lies_between_the_move_is_refused():
    one, other, third = (
        permit(name, weight=Weight(type=DataType.FWP_UINT64, value=value))
        for name, value in (("one", 5), ("other", 5), ("third", 1)))
    document = PolicyDocument(filters=(one, other, third))

    refused = move_filter(document, key_of(third), UNIVERSAL, key_of(one), key_of(other))

    assert isinstance(refused, Refused)
    assert "C14" in refused.text


@given(st.lists(st.integers(0, 2**64 - 1), min_size=3, max_size=3, unique=True))
def test_a_filter_that_is_moved_between_two_others_is_tried_between_them(values):
    specs = [block(f"filter {value}", ether_type(n), weight=value) for n, value in enumerate(values)]
    document = PolicyDocument(filters=tuple(specs))
    low, middle, high = sorted(specs, key=lambda one: one.weight.value)

    moved = move_filter(document, key_of(middle), UNIVERSAL, None, key_of(high))

    if isinstance(moved, Refused):
        assert high.weight.value == 2**64 - 1
    else:
        after = find_filter(moved.document, key_of(middle))
        assert effective_of(after) > high.weight.value > low.weight.value


def test_a_sublayer_is_put_between_two_others_by_a_free_weight():
    first, second = a_sublayer_spec("first", 40_000), a_sublayer_spec("second", 30_000)
    document = PolicyDocument(sublayers=(first, second))

    moved = move_sublayer(document, key_of(second), None, 40_000)

    assert moved.text == f"Move sublayer “second” to weight {moved.document.sublayers[1].weight}"
    assert moved.document.sublayers[1].weight > 40_000


def test_no_weight_between_neighbours_and_windows_own_sublayers_are_refused():
    document = PolicyDocument(sublayers=(a_sublayer_spec("one", 500), a_sublayer_spec("two", 499),
                                         a_sublayer_spec("third", 7000)))

    assert "500 and 499" in move_sublayer(document, key_of(document.sublayers[2]), 500, 499).text
    assert "FWP_E_BUILTIN_OBJECT" in move_sublayer(document, UNIVERSAL, None, 500).text


@given(st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=6, unique=True), st.integers(0, 0xFFFF), st.booleans())
def test_a_sublayer_that_is_shifted_passes_exactly_one_other(weights, own, up):
    taken = {one.weight for one in BUILTIN_SUBLAYERS}
    others = [a_sublayer_spec(f"sublayer {weight}", weight) for weight in weights if weight not in taken | {own}]
    mine = a_sublayer_spec("mine", own)
    document = PolicyDocument(sublayers=(*others, mine))
    if own in taken:
        return  # BFE moves it: that is another test's
    moved = shifted(document, key_of(mine), up=up)

    def place(found: PolicyDocument) -> int:
        ordered = sorted(found.sublayers, key=lambda one: -one.weight)
        return [one.name for one in ordered].index("mine")

    if moved is None:
        assert place(document) == (0 if up else len(others))
    elif isinstance(moved, Refused):
        assert "C15" in moved.text
    else:
        assert place(moved.document) == place(document) + (-1 if up else 1)


def test_a_weight_that_fits_stays():
    spec = a_sublayer_spec("mine", 700)

    assert weight_between(PolicyDocument(sublayers=(spec,)), spec, 800, 600) == 700


def test_a_filter_is_dropped_on_a_sublayer_and_a_sublayer_between_others_of_a_provider():
    filter_row = next(row for row in L2.filters if row.spec.name == "gateway rewrite")
    dragged = write_drag(filter_row)

    assert read_drop(dragged, UNIVERSAL_ROW, -1) == Drop("filter", filter_row.key, UNIVERSAL_ROW, -1)
    assert not can_drop(dragged, TREE[0], 0)
    assert read_drop(write_drag(L2), TREE[0], 1) == Drop("sublayer", L2.key, TREE[0], 1)
    assert not can_drop(write_drag(L2), UNIVERSAL_ROW, -1)
    assert (is_draggable(filter_row), is_draggable(L2), is_draggable(UNIVERSAL_ROW), is_draggable(TREE[0])) == (
        True, True, False, False)
    assert isinstance(filter_row, FilterRow)
