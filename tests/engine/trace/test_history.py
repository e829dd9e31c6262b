"""The world at step n is a fold over the first n records, however one came there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.trace import events as ev
from engine.trace.folding import apply
from engine.trace.history import WorldHistory, forget_settled
from engine.trace.trace import Recorder, Trace
from engine.trace.world import World
from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders import policies
from tests.builders.engines import Bench
from tests.builders.frames import ARP, IPV4, sent


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """Some 1 500 records: clones on their way, blocks, permits."""
    bench = Bench(tmp_path_factory.mktemp("history"))
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            status, clone = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, clone)
            out.absorb()
    """)
    bench.calls("clones", OUTBOUND_MAC_FRAME_ETHERNET, policies.ether_type(IPV4))
    bench.add(policies.block("arp", policies.ether_type(ARP), layer=OUTBOUND_MAC_FRAME_ETHERNET))
    return bench.run(
        *(sent(number, ARP if number % 3 else IPV4, time_ns=number * 9_000) for number in range(1, 80))
    ).trace


def state(world: World) -> dict[str, object]:
    found = {name: value for name, value in vars(world).items() if name != "outcomes"}
    return found | {"outcomes": dict(world.outcomes)}


def folded(trace: Trace, length: int) -> World:
    """Single steps from the start, forgetting where a history forgets."""
    world = World()
    for record in trace.slice(0, length):
        apply(world, record)
        if world.length % WorldHistory.INTERVAL == 0:
            forget_settled(world)
    return world


@given(data=st.data(), kept=st.sampled_from([2, 3, 1024]))
@settings(max_examples=25)
def test_any_order_of_jumps_leads_to_what_single_steps_lead_to(trace: Trace, data: st.DataObject, kept: int) -> None:
    class Small(WorldHistory):
        KEPT = kept

    history = Small(trace)
    for _ in range(6):
        length = data.draw(st.integers(0, len(trace)))
        assert state(history.at(length)) == state(folded(trace, length))


def test_lengths_out_of_range_are_the_ends(trace: Trace) -> None:
    history = WorldHistory(trace)

    assert state(history.at(-5)) == state(World())
    assert history.at(10**9).length == len(trace)


def test_a_world_of_the_past_does_not_know_how_later_frames_ended(trace: Trace) -> None:
    history = WorldHistory(trace)
    everything = dict(history.at(len(trace)).outcomes)
    middle = dict(history.at(len(trace) // 2).outcomes)

    assert len(everything) == 79
    assert 0 < len(middle) < 79
    assert 79 not in history.at(len(trace) // 2).outcomes
    assert all(everything[number] == outcome for number, outcome in middle.items())


def test_the_history_stays_small_in_a_long_run(trace: Trace) -> None:
    world = WorldHistory(trace).at(len(trace))

    assert len(world.nbls) < 60
    assert set(world.places) == set(world.nbls)
    assert len(world.memories) < 90


def test_a_world_counts_what_its_layers_and_filters_did(trace: Trace) -> None:
    world = WorldHistory(trace).at(len(trace))
    counts = world.layers[57]

    # 26 of 79 frames are cloned, each clone is classified once more; the other 53 are blocked
    assert (counts.classified, counts.permit, counts.block, counts.absorb, counts.inject) == (105, 26, 53, 26, 26)
    assert sorted((one.matched, one.decided) for one in world.filters.values()) == [(52, 52), (53, 53)]


def test_the_frame_of_a_record_finds_its_place_in_the_frames_story(trace: Trace) -> None:
    seqs = trace.of_frame(3)

    assert trace.place_in_frame(seqs[0]) == (1, len(seqs))
    assert trace.place_in_frame(seqs[-1]) == (len(seqs), len(seqs))
    assert trace.frames() == list(range(1, 80))
    assert trace.of_frame(1000) == []
    assert [trace[seq].seq for seq in seqs] == list(seqs)


def test_depth_follows_what_opens_and_closes_and_roots_begin_anew() -> None:
    recorder = Recorder()
    events = [
        ev.TransactionBegan(1),
        ev.ModuleEntered("native", 58, ()),
        ev.ClassifyBegan(58, (), (), {}),
        ev.FilterTested(1, (0,)),
        ev.FilterTested(2),
        ev.FilterDecided(2, "FWP_ACTION_PERMIT", False, False),
        ev.ClassifyEnded(58, (), "FWP_ACTION_PERMIT", False, None, False, False),
        ev.FrameSkipped(2, "why"),
        ev.ModuleLeft("native", 58, ()),
        ev.ModuleLeft("native", 58, ()),
    ]

    assert [recorder.record(event, 0, 0, 0).depth for event in events] == [0, 1, 2, 3, 3, 3, 2, 0, 0, 0]
