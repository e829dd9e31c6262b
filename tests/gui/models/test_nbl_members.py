"""What a box prints of an NBL."""

import pytest

from engine.ndis.snapshot import HistoryEntry, NblKind
from engine.trace.history import WorldHistory
from gui.models.nbl.members import (
    Member,
    changed_members,
    explain_member,
    history_text,
    made_nbls,
    members_of,
    shown_members,
    vlan_text,
)
from tests.gui.nbl_story import ACCEPTED, CHAIN, DONE, FLYING, FRESH, REWRITTEN, an_nbl, rewrite_trace


def test_a_changed_member_shows_what_it_was():
    members = {one.name: one.text() for one in members_of(FLYING, REWRITTEN) if one.is_changed}

    assert members == {
        "State": "ALLOCATED → IN_FLIGHT", "Injection history": "empty → H1 · 57", "Completion": "– → mac_done",
        "Owner": "mac_rewrite → engine",
    }  # fmt: skip


def test_without_a_step_before_nothing_is_changed():
    assert [one for one in members_of(FLYING) if one.is_changed] == []


def test_a_box_keeps_its_members_while_one_steps():
    names = [[one.name for one in shown_members(nbl, members_of(nbl))] for nbl in (REWRITTEN, FLYING, DONE)]

    assert names == [["State", "ParentNetBufferList", "Status", "Injection history", "Completion"]] * 3


def test_an_original_shows_its_clones_and_its_tag():
    shown = shown_members(FRESH, members_of(FRESH))

    assert shown == (
        Member("State", "INDICATED"), Member("ChildRefCount", "0", is_default=True),
        Member("Status", "–", is_default=True), Member("Ieee8021Q", "PCP 3 · VID 20"),
    )  # fmt: skip


def test_every_box_of_a_chain_shows_its_next():
    shown = [one.value for nbl in CHAIN for one in shown_members(nbl, members_of(nbl), is_chained=True)
             if one.name == "Next"]

    assert shown == ["22.1", "23.1", "NULL"]


def test_a_member_that_leaves_its_default_is_shown_too():
    changed = members_of(FRESH, FLYING)

    assert {"Completion", "Injection history"} <= {one.name for one in shown_members(FRESH, changed)}


@pytest.mark.parametrize(
    ("cursor", "expected"), [(0, (0, 0)), (1, (0, 1)), (5, (1, 1)), (ACCEPTED, (4, 0)), (10, (0, 0))])
def test_the_last_step_counts_what_it_changed_and_what_it_made(cursor, expected):
    world = WorldHistory(rewrite_trace()).at(cursor)

    assert (changed_members(world), made_nbls(world)) == expected


@pytest.mark.parametrize(
    ("tag", "text"),
    [(None, "–"), (0, "PCP 0 · VID 0"), (0x6014, "PCP 3 · VID 20"), (0x7FFF, "PCP 3 · VID 4095 · DEI")])
def test_a_tag_is_read_as_priority_and_id(tag, text):
    assert vlan_text(tag) == text


@pytest.mark.parametrize(
    ("layers", "text"),
    [((), "empty"), ((57,), "H1 · 57"), ((57, 59), "H1 · 57 → H1 · 59"), ((57,) * 8, "7 before → H1 · 57")])
def test_a_long_history_is_counted(layers, text):
    history = tuple(HistoryEntry("H1", "x", None, layer, 1) for layer in layers)

    assert history_text(an_nbl("1.1", history=history)) == text


def test_what_does_not_fit_the_box_is_explained():
    told = [explain_member(DONE, name) for name in ("Status", "Injection history", "Owner")]

    assert told == [
        "0x00000000 STATUS_SUCCESS", "injection 7 by mac_rewrite · handle H1 · layer 57 · context –", ""]


def test_what_a_driver_has_set_is_printed_by_its_names():
    nbl = an_nbl("12.0", nbl_flags=0x1200, flags=0x1000, info={4: 0x140, 8: 0xABCD}, contexts=((48, 16), (16, 0)),
                 has_scratch=True, reserved=("protocol_reserved",), tags=(1, 3), is_batch_tainted=True, is_lent=True)
    values = {one.name: one.value for one in members_of(nbl) if not one.is_default}

    assert values == {
        "State": "INDICATED", "NblFlags": "IS_IPV4 | IS_UDP", "Flags": "0x00001000",
        "NetBufferListInfo": "NetBufferListHashValue 0xABCD", "Context": "48 bytes, 16 free → 16 bytes",
        "Scratch": "set", "Reserved": "ProtocolReserved", "Packet tags": "1, 3", "Batch taint": "tainted",
        "Receive flags": "RESOURCES", "Owner": "engine",
    }  # fmt: skip


def test_flags_that_contradict_each_other_and_pools_are_explained():
    nbl = an_nbl("12.0", nbl_flags=0x600, pool="pool1", source="driver")

    assert explain_member(nbl, "NblFlags") == "0x600\nIS_IPV4 with IS_IPV6"
    assert explain_member(nbl, "Owner") == "NdisPoolHandle: pool1\nSourceHandle: driver"


def test_a_fragment_has_the_members_of_a_clone():
    fragment = an_nbl("12.2", NblKind.FRAGMENT, parent="12.0")

    assert [one.name for one in shown_members(fragment, members_of(fragment))] == [
        "State", "ParentNetBufferList", "Status", "Injection history", "Completion"]
