"""What must be done with an NBL now, and what stands beside its drawing."""

import pytest

from engine.ndis.snapshot import NblId, NblKind, NblState
from engine.trace.history import WorldHistory
from gui.models.nbl.chain import ChainReader
from gui.models.nbl.duties import Duty, duties_of
from gui.models.nbl.side import side_of
from tests.gui.models.test_nbl_lineage import a_world
from tests.gui.nbl_story import ACCEPTED, CLONE, ORIGINAL, A, B, C, an_nbl, chain_trace, rewrite_trace


def told(trace, cursor, nbl):
    return [duty.text for duty in duties_of(WorldHistory(trace).at(cursor), nbl)]


def side(trace, cursor, frame, focus=None):
    world = WorldHistory(trace).at(cursor)
    return side_of(ChainReader(trace).picture(world, frame), world, focus)


@pytest.mark.parametrize(("cursor", "nbl", "wanted"), [
    (5, CLONE, ["Inject 12.1, or free it with FwpsFreeCloneNetBufferList0 (M47)."]),
    (ACCEPTED, CLONE, ["Leave 12.1 alone: it is the driver's again when mac_done is called for it."]),
    (18, CLONE, ["Put the clone's first MDL back, then free your own (M45).", "FwpsFreeCloneNetBufferList0 for 12.1."]),
    (19, CLONE, []),
    (5, ORIGINAL, []),
])
def test_each_state_asks_for_something_else(cursor, nbl, wanted):
    assert told(rewrite_trace(), cursor, nbl) == wanted


def test_a_held_original_waits_for_its_clones_and_its_references():
    held = an_nbl("1.0", state=NblState.ABSORBED_HELD, child_ref_count=1, references=2)
    clone = an_nbl("1.1", NblKind.CLONE, parent=held.id)

    assert [duty.text for duty in duties_of(a_world(held, clone), held.id)] == [
        "1.0 is released when ChildRefCount is 0: free 1.1 first (M49).",
        "Call FwpsDereferenceNetBufferList0 for 1.0 2 times (M47)."]


def test_what_is_still_out_keeps_its_context_and_a_failed_one_is_counted_as_lost():
    duties = duties_of(WorldHistory(chain_trace(until=4)).at(5), C)

    assert duties == (
        Duty("Count 23.1 as lost: STATUS_INVALID_BUFFER_SIZE. Only its own Status tells (M11).", is_warning=True),
        Duty("FwpsFreeNetBufferList0 for 23.1, then free its MDL and buffer."),
        Duty("Keep the context: 1 of 3 NBLs is still out (M13).", is_warning=True))


def test_without_a_focus_the_completed_one_stands_beside_the_drawing():
    shown = side(chain_trace(until=4), 5, 21)

    assert (shown.sight.snapshot.id, shown.title) == (B, "new")
    assert {fact.name: fact.text for fact in shown.facts} == {
        "State": "IN_FLIGHT → COMPLETED", "Status": "0x00000000 STATUS_SUCCESS", "NT_SUCCESS": "true", "Next": "23.1",
        "Owner": "engine → chain_sender", "Segment": "1 of injection 9", "Allocated": "–"}
    assert [(fact.name, fact.text, fact.note) for fact in shown.history] == [
        ("injection 9", "H1 · layer 57", "ctx – · chain_sender")]


def test_the_nbl_in_focus_stands_beside_the_drawing():
    shown = side(chain_trace(until=4), 5, 21, NblId("21.1"))

    assert (shown.sight.snapshot.id, shown.facts[-2].text, shown.facts[-2].note) == (A, "injection 9", "still out")


def test_a_clone_says_of_whom_and_where_it_was_allocated():
    shown = side(rewrite_trace(), ACCEPTED, 12, CLONE)

    assert (shown.title, shown.facts[-1].text) == ("clone of 12.0", "mac_rewrite.py:34")
