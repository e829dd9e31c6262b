"""The rows of the policy tree and the edits of a policy."""

from dataclasses import replace

import msgspec
import pytest

from engine.wfp.apply import apply_document
from engine.wfp.builtin import UNIVERSAL
from engine.wfp.document import PolicyDocument, with_filter
from engine.wfp.objects import Condition, Weight
from engine.wfp.store import PolicyStore
from engine.wfp.types import DataType, MatchType
from engine.wfp.validation import key_of
from engine.wfp.values import Value
from gui.models.policy import edits, object_edits
from gui.models.policy.rows import Change, count_changes, effective_of, policy_rows, weight_text
from tests.builders.policies import a_provider, a_sublayer_spec, block, ether_type, guid, permit
from tests.gui.views.policy_bridge import a_document

DOCUMENT = a_document()
POLICY = apply_document(PolicyStore(), DOCUMENT)


def rows_of(document=DOCUMENT, applied=DOCUMENT, search=""):
    return policy_rows(document, applied, POLICY, search)


def outline(rows):
    """`provider`, ` sublayer weight`, `  filter (change)`."""
    lines = []
    for provider in rows:
        lines.append(provider.name)
        for sublayer in provider.sublayers:
            lines.append(f" {sublayer.name} {sublayer.weight}")
            lines += [f"  {row.spec.name} {row.change}".rstrip() for row in sublayer.filters]
    return lines


def row(name, document=DOCUMENT, applied=DOCUMENT):
    return next(one for provider in rows_of(document, applied) for sublayer in provider.sublayers
                for one in sublayer.filters if one.spec.name == name)  # fmt: skip


def test_filters_stand_below_provider_and_sublayer_in_the_order_in_which_they_are_tried():
    assert outline(rows_of()) == [
        "Contoso",
        " Contoso L2 40000",
        "  no ARP announcements",
        "  VLAN 20 quarantine",
        "  gateway rewrite",
        "  no ARP from guests",
        "  mirror inbound",
        "no provider",
        " UNIVERSAL 32768",
        "  old lab block",
        "  LAN permit",
    ]


def test_a_row_knows_id_layer_weight_and_whether_its_callout_is_there():
    found, mirror, off = row("no ARP announcements"), row("mirror inbound"), row("old lab block")

    assert (found.id, found.layer_id, found.effective) == (
        POLICY.filters[found.key].id, 57, POLICY.filters[found.key].effective_weight)
    assert (mirror.is_unregistered, found.is_unregistered, row("gateway rewrite").is_unregistered) == (
        True, False, False)
    assert off.id is None
    assert mirror.words() == "filter mirror inbound, FWP_ACTION_CALLOUT_INSPECTION, auto, callout not registered"


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("arp", ["no ARP announcements", "no ARP from guests"]),
        ("vlan_id", ["VLAN 20 quarantine"]),
        ("mac_rewrite", ["gateway rewrite"]),
        (str(row("gateway rewrite").id), ["gateway rewrite"]),
        (f"0x{row('gateway rewrite').id:X}", ["gateway rewrite"]),
        (row("LAN permit").key[1:14], ["LAN permit"]),
        ("nothing has this", []),
    ],
)
def test_the_search_finds_names_fields_callouts_ids_and_guids(search, names):
    found = [one.spec.name for provider in rows_of(search=search) for sublayer in provider.sublayers
             for one in sublayer.filters]  # fmt: skip

    assert found == names


def test_an_empty_provider_and_an_empty_sublayer_are_shown_unless_one_searches():
    owner = a_provider("Fabrikam")
    document = PolicyDocument(providers=(owner,), sublayers=(a_sublayer_spec("empty", 5, provider=key_of(owner)),))

    assert outline(policy_rows(document, document, None)) == ["Fabrikam", " empty 5"]
    assert policy_rows(document, document, None, "x") == ()


def test_what_was_edited_added_and_removed_since_the_policy_was_applied_is_marked():
    document = edits.toggle_enabled(DOCUMENT, row("no ARP from guests")).document
    document = edits.remove_filter(document, row("LAN permit")).document
    document = edits.duplicate_filter(document, row("gateway rewrite")).document

    changes = {one.spec.name: str(one.change) for provider in rows_of(document) for sublayer in provider.sublayers
               for one in sublayer.filters if one.change}  # fmt: skip

    assert changes == {"no ARP from guests": "edited", "LAN permit": "removed", "gateway rewrite copy": "new"}
    assert count_changes(document, DOCUMENT) == 3
    assert count_changes(DOCUMENT, DOCUMENT) == 0
    assert count_changes(replace(DOCUMENT, options={"mtu": 9000}), DOCUMENT) == 1


def test_edits_carry_the_words_for_undo():
    taken = row("VLAN 20 quarantine")
    heavier = msgspec.structs.replace(taken.spec, weight=Weight(type=DataType.FWP_UINT8, value=15))
    both = msgspec.structs.replace(heavier, enabled=False)

    texts = [
        edits.toggle_enabled(DOCUMENT, taken).text,
        edits.remove_filter(DOCUMENT, taken).text,
        edits.duplicate_filter(DOCUMENT, taken).text,
        edits.put_filter(DOCUMENT, taken.key, heavier).text,
        edits.put_filter(DOCUMENT, taken.key, both).text,
        edits.put_filter(DOCUMENT, taken.key, msgspec.structs.replace(taken.spec, name="x", key=taken.key)).text,
        edits.put_filter(DOCUMENT, None, permit("printers")).text,
    ]

    assert texts == [
        "Disable “VLAN 20 quarantine”", "Remove “VLAN 20 quarantine”", "Duplicate “VLAN 20 quarantine”",
        "Change weight of “VLAN 20 quarantine”", "Change parts of “VLAN 20 quarantine”", "Rename “VLAN 20 quarantine”",
        "Add “printers”",
    ]  # fmt: skip


def test_a_removed_filter_comes_back_as_it_was():
    taken = row("LAN permit")
    removed = edits.remove_filter(DOCUMENT, taken).document
    gone = row("LAN permit", removed)

    restored = edits.restore_filter(removed, gone).document

    assert gone.change is Change.REMOVED
    assert set(restored.filters) == set(DOCUMENT.filters)


def test_copies_of_copies_have_names_of_their_own():
    document = DOCUMENT
    for _ in range(3):
        document = edits.duplicate_filter(document, row("LAN permit", document)).document

    assert [one.name for one in document.filters[-3:]] == ["LAN permit copy", "LAN permit copy 2", "LAN permit copy 3"]


def test_providers_and_sublayers_are_added_renamed_weighed_and_removed():
    document = object_edits.add_provider(DOCUMENT).document
    document = object_edits.add_provider(document).document
    provider = rows_of(document)[2]
    document = object_edits.add_sublayer(document, provider.key).document
    renamed = object_edits.rename_object(document, rows_of(document)[2], "Fabrikam")
    sublayer = rows_of(renamed.document)[2].sublayers[0]
    weighed = object_edits.weigh_sublayer(renamed.document, sublayer, 7)

    assert outline(rows_of(weighed.document))[6:11] == [
        "  mirror inbound", "New provider", "Fabrikam", " New sublayer 7", "no provider"]
    assert object_edits.is_used(weighed.document, rows_of(weighed.document)[2])
    assert not object_edits.is_used(weighed.document, sublayer)
    assert object_edits.remove_object(weighed.document, sublayer).text == "Remove “New sublayer”"
    assert object_edits.remove_object(weighed.document, rows_of()[1].sublayers[0]) is None


def test_a_filter_of_another_provider_is_edited_under_a_warning():
    other = a_provider("Fabrikam")
    document = replace(DOCUMENT, providers=(*DOCUMENT.providers, other))
    foreign = permit("theirs", provider=key_of(other))
    applied = with_filter(document, foreign)

    warning = edits.ownership_warning(applied, row("theirs", applied, applied))
    assert warning.startswith("“theirs” belongs to Fabrikam: ")
    assert edits.ownership_warning(applied, row("theirs", applied, document)) is None
    assert edits.ownership_warning(applied, row("no ARP announcements", applied, applied)) is None
    assert edits.ownership_warning(applied, row("LAN permit", applied, applied)) is None


def test_a_filter_with_a_wrong_condition_has_no_weight_yet():
    wrong = Condition(field="ETHER_TYPE", match=MatchType.FWP_MATCH_EQUAL,
                      value=Value(type=DataType.FWP_UINT32, value=1))  # fmt: skip

    assert effective_of(block("a", wrong)) is None
    assert effective_of(msgspec.structs.replace(block("a"), layer="nowhere")) is None
    assert effective_of(block("a", ether_type(1), weight=Weight())) == 33285996544


@pytest.mark.parametrize(
    ("weight", "text"),
    [(Weight(), "auto"), (Weight(type=DataType.FWP_UINT8, value=9), "9 · auto"),
     (Weight(type=DataType.FWP_UINT64, value=2**63), str(2**63))],
)  # fmt: skip
def test_weights_read_as_in_the_policy(weight, text):
    assert weight_text(weight) == text


def test_an_unknown_sublayer_is_shown_by_its_key():
    document = PolicyDocument(filters=(permit("a", sublayer=guid(9)), permit("b", sublayer=UNIVERSAL),
                                       block("c", ether_type(1, MatchType.FWP_MATCH_EQUAL), weight=Weight())))

    assert outline(policy_rows(document, document, None)) == [
        "no provider", " UNIVERSAL 32768", "  c", "  b", f" {guid(9)} None", "  a"]
