"""Any sequence of calls that a driver may make leaves every NBL well put together: I1 to I11 of 5.5."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.ndis.invariants import broken_invariants
from engine.ndis.snapshot import NblKind, NblState
from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders.engines import BATCH, Bench, Run, assert_whole
from tests.builders.frames import received, sent

PLAYER = """
    def start(self, fwps, config):
        super().start(fwps, config)
        self.hand, self.calls = [], list(self.config["calls"])

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        for _ in range(self.config["per_call"]):
            if self.calls:
                name, which, number = self.calls.pop(0)
                nbls = [layer_data, *self.hand]
                self.play(fwps, values, name, nbls[which % len(nbls)], number)
        out.absorb() if self.config["absorbs"] else out.permit()

    def play(self, fwps, values, name, nbl, number):
        try:
            getattr(self, name)(fwps, values, nbl, number)
        except (ValueError, TypeError, AttributeError):
            pass

    def keep(self, made):
        if made is not None:
            self.hand.append(made)

    def clone_it(self, fwps, values, nbl, number):
        self.keep(fwps.allocate_clone_net_buffer_list(nbl, None, None, 0)[1])

    def deep(self, fwps, values, nbl, number):
        self.keep(fwps.allocate_deep_clone_net_buffer_list(nbl, None, None, 0)[1])

    def fragments(self, fwps, values, nbl, number):
        self.keep(fwps.allocate_fragment_net_buffer_list(nbl, None, None, 0, 1 + number, number % 7, 2, 0))

    def reassembles(self, fwps, values, nbl, number):
        self.keep(fwps.allocate_reassembled_net_buffer_list(nbl, None, 0, number % 7, 2, 0))

    def makes(self, fwps, values, nbl, number):
        self.keep(self.copy(fwps, bytes(14 + number))[1])

    def retreats(self, fwps, values, nbl, number):
        fwps.retreat_net_buffer_list_data_start(nbl, number, number % 5, None)

    def advances(self, fwps, values, nbl, number):
        fwps.advance_net_buffer_list_data_start(nbl, number, number % 2 == 0, None)

    def writes(self, fwps, values, nbl, number):
        nbl.first_net_buffer.write(0, b"x" * (number % 9))

    def chains(self, fwps, values, nbl, number):
        nbl.next = self.hand[number % len(self.hand)] if self.hand else None

    def injects(self, fwps, values, nbl, number):
        super().inject(fwps, values, nbl, [None, 56, 57, 58, 59][number % 5])

    def references(self, fwps, values, nbl, number):
        fwps.reference_net_buffer_list(nbl, number % 2 == 0)

    def dereferences(self, fwps, values, nbl, number):
        fwps.dereference_net_buffer_list(nbl, False)

    def frees(self, fwps, values, nbl, number):
        [lambda: fwps.free_clone_net_buffer_list(nbl, 0), lambda: fwps.free_net_buffer_list(nbl),
         lambda: fwps.free_fragment_net_buffer_list(nbl, number % 7, 0),
         lambda: fwps.free_reassembled_net_buffer_list(nbl, number % 7, 0)][number % 4]()

    def contexts(self, fwps, values, nbl, number):
        fwps.allocate_net_buffer_list_context(nbl, 16 * (number % 3), 16, 0)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        self.keep(net_buffer_list)
"""
NAMES = ["clone_it", "deep", "fragments", "reassembles", "makes", "retreats", "advances", "writes", "chains", "injects",
         "references", "dereferences", "frees", "contexts"]
CALLS = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 6), st.integers(0, 80)), max_size=25)
PLACES = st.sampled_from([INBOUND_MAC_FRAME_NATIVE, INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET])
OPTIONS = st.fixed_dictionaries({}, optional={
    "reenter_inline": st.just("on"), "cross_cpu_copy": st.just("on"), "injection_history": st.just("move"),
    "clone_of_chain": st.just("whole"), "receive_resources": st.just("on"), "resources_hold": st.just("unprotected"),
    "inject_checks": st.just("misbehave"), "forward_per_run": st.just("on"), "batch_delivery": st.just("per_callout"),
    "ub_policy": st.sampled_from(["leak", "masked"]), "batch_reference": st.just("counted"),
})  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CALLS, PLACES, st.booleans(), st.booleans(), st.integers(1, 3), OPTIONS)
def test_i1_to_i11_hold_after_any_calls(calls: list[tuple[str, int, int]], layer: object, absorbs: bool, batch: bool,
                                        chain: int, options: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.driver(PLAYER)
        config = {"calls": calls, "per_call": 5, "absorbs": absorbs}
        bench.calls("player", layer, config=config, **({"flags": BATCH} if batch else {}))
        frame = sent if layer is OUTBOUND_MAC_FRAME_ETHERNET else received
        frames = [frame(number, time_ns=number // 3) for number in range(1, 6)]
        run, again = (bench.run(*frames, rx_chain=chain, tx_chain=chain, **options) for _ in range(2))

    _assert_whole(run)
    assert run.lines == again.lines


def _assert_whole(run: Run) -> None:
    """I1, I2, I4 of each NBL; I5 of the live ones; I6 an owner; I7 and I8 of the originals that came through."""
    host = run.engine._host
    assert not host.inline
    assert [one.function for one in run.of(ev.CalloutFailed)] == []
    nbls = list(host.nbls.values())
    for nbl in nbls:
        if nbl.state is not NblState.FREED:
            words = [one for one in broken_invariants(nbl) if "Next leads" not in one]  # the drivers' own knots
            assert words == [], nbl.id
        children = [one for one in nbls if one.parent is nbl and one.state is not NblState.FREED]
        assert nbl.child_ref_count == len(children), nbl.id
        assert nbl.owner
    entered = {nbl.id: nbl for event in run.of(ev.FrameEntered) for nbl in event.changed}
    for event in run.of(ev.FrameDelivered):
        for snapshot in event.changed:
            if snapshot.kind is NblKind.ORIGINAL and not snapshot.history:
                before = entered[snapshot.id]
                assert snapshot.net_buffers == before.net_buffers or snapshot.is_lent is not before.is_lent
    assert_whole(run)
