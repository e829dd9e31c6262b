"""Which NBLs stand around the one in focus."""

from hypothesis import given
from hypothesis import strategies as st

from engine.ndis.snapshot import NblId, NblKind, NblState
from engine.trace.history import WorldHistory
from engine.trace.world import World
from gui.models.nbl.lineage import Chain, Family, family_of
from tests.gui.nbl_story import ACCEPTED, CLONE, ORIGINAL, A, B, C, an_nbl, chain_trace, rewrite_trace


def a_world(*nbls):
    world = World()
    world.nbls = {nbl.id: nbl for nbl in nbls}
    return world


def test_a_clone_stands_behind_its_parent():
    family = family_of(WorldHistory(rewrite_trace()).at(ACCEPTED), 12)

    assert family == Family((Chain((ORIGINAL,), 0), Chain((CLONE,), 1)))


def test_another_frame_has_another_family():
    assert family_of(WorldHistory(rewrite_trace()).at(ACCEPTED), 13) == Family()


def test_whatever_is_chained_comes_along_in_the_order_of_next():
    family = family_of(WorldHistory(chain_trace(until=2)).at(2), 22)

    assert family == Family((Chain((A, B, C), 0),), calls=((A, B, C),))


def test_what_was_sent_together_stays_together_when_its_links_are_gone():
    family = family_of(WorldHistory(chain_trace(until=4)).at(5), 21)

    assert (family.calls, family.is_chained) == (((A, B, C),), True)


def test_a_cycle_of_next_ends():
    family = family_of(a_world(an_nbl("1.0", next=NblId("1.1")), an_nbl("1.1", next=NblId("1.0"))), 1)

    assert family.chains == (Chain((NblId("1.0"), NblId("1.1")), 0),)


def test_a_parent_from_another_frame_is_shown():
    family = family_of(a_world(an_nbl("1.0"), an_nbl("2.1", NblKind.CLONE, parent=NblId("1.0"))), 2)

    assert family.nbls == (NblId("1.0"), NblId("2.1"))


def test_of_too_many_what_the_last_step_changed_is_kept():
    world = a_world(*(an_nbl(f"1.{copy}", NblKind.NEW) for copy in range(9)))
    world.changed = (NblId("1.8"),)

    assert family_of(world, 1, most=2).nbls == (NblId("1.0"), NblId("1.8"))


def test_of_too_many_the_live_ones_are_kept():
    freed = [an_nbl(f"1.{copy}", NblKind.CLONE, state=NblState.FREED) for copy in range(1, 6)]

    family = family_of(a_world(an_nbl("1.0"), *freed, an_nbl("1.9", NblKind.NEW)), 1, most=3)

    assert (family.nbls, family.left_out) == ((NblId("1.0"), NblId("1.1"), NblId("1.9")), 4)


links = st.none() | st.integers(0, 7)


@given(st.lists(st.tuples(links, links), min_size=1, max_size=8))
def test_each_nbl_stands_in_exactly_one_place(members):
    def id_of(copy):
        return None if copy is None else NblId(f"1.{copy}")

    nbls = [an_nbl(f"1.{copy}", NblKind.NEW, next=id_of(following), parent=id_of(parent))
            for copy, (following, parent) in enumerate(members)]

    family = family_of(a_world(*nbls), 1)

    assert sorted(family.nbls) == sorted(nbl.id for nbl in nbls)
