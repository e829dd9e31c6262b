"""Sends of several NET_BUFFERs in one NBL, one frame each: 5.7, both ways of keeping some of them, and M40."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.report.verdicts import VerdictFold
from engine.trace import events as ev
from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders import policies
from tests.builders.engines import Bench, Run, assert_whole
from tests.builders.frames import ARP, IPV4, sent
from tests.builders.injections import injecting


def frames(*types: int) -> list[object]:
    return [sent(number, ether_type, time_ns=0, payload=bytes([number]) * 46)
            for number, ether_type in enumerate(types, 1)]


def wire(run: Run) -> list[list[int]]:
    """The first payload byte of each frame put on the wire, by NBL."""
    found = []
    for record in run.records:
        for snapshot in record.event.changed if isinstance(record.event, ev.FrameDelivered) else ():
            if snapshot.frame != record.frame:
                continue  # told again under each frame that shares the NBL
            memories = run.world.memories
            found.append([b"".join(memories[m.memory][m.start:m.start + m.byte_count] for m in nb.mdls)[
                nb.data_offset + 14] for nb in snapshot.net_buffers])
    return found


def test_5_7_frames_with_one_mac_header_share_an_nbl(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add(policies.permit("all", layer=OUTBOUND_MAC_FRAME_ETHERNET))
    run = bench.run(*frames(IPV4, IPV4, IPV4, ARP, IPV4), tx_buffers=2, tx_chain=3)

    assert wire(run) == [[1, 2], [3], [4], [5]]
    assert run.outcomes == dict.fromkeys(range(1, 6), "sent")
    assert [one.nbl for one in run.of(ev.OriginalCompleted)] == ["1.0", "3.0", "4.0", "5.0"]
    assert_whole(run)


def test_5_7_a_verdict_hits_all_frames_of_the_nbl(tmp_path: Path) -> None:
    """Fixed values describe the first (CH-34); the drop is one NBL's."""
    bench = Bench(tmp_path)
    bench.add(policies.block("no IPv4", policies.ether_type(IPV4), layer=OUTBOUND_MAC_FRAME_ETHERNET))
    run = bench.run(*frames(IPV4, IPV4, ARP), tx_buffers=4)

    assert run.outcomes == {1: "blocked", 2: "blocked", 3: "sent"}
    assert [one.nbl for one in run.of(ev.DropAudited)] == ["1.0"]
    assert_whole(run)


BY_A_NEW_NBL = """
    def seen(self, fwps, values, meta, layer_data, out):
        head, nb = None, layer_data.first_net_buffer
        while nb is not None:
            data = nb.data()
            if data[14] % 2:
                status, copy = self.copy(fwps, data)
                copy.next, head = head, copy
            nb = nb.next
        self.inject(fwps, values, head)
        out.absorb()
"""
IN_THE_CLONE = """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        first = clone.first_net_buffer
        second = first.next
        first.next, self.links = second.next, (first, second)
        self.inject(fwps, values, clone)
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        first, second = self.links
        first.next = second
        fwps.free_clone_net_buffer_list(net_buffer_list, 0)
"""


@pytest.mark.parametrize(("body", "left"), [(BY_A_NEW_NBL, [[3], [1]]), (IN_THE_CLONE, [[1, 3]])])
def test_5_7_a_callout_keeps_some_of_the_frames(body: str, left: list[list[int]], tmp_path: Path) -> None:
    run = injecting(tmp_path, body).run(*frames(IPV4, IPV4, IPV4), tx_buffers=3, completion_policy="single")

    assert (run.failures, run.rules) == ([], [])
    assert wire(run) == left
    assert run.outcomes == {1: "absorbed", 2: "absorbed", 3: "absorbed"}
    assert_whole(run)


def test_5_7_m45_what_was_unlinked_in_the_clone_is_linked_again_before_it_is_freed(tmp_path: Path) -> None:
    run = injecting(tmp_path, IN_THE_CLONE.replace("first.next = second\n", "pass\n")).run(
        *frames(IPV4, IPV4, IPV4), tx_buffers=3)

    assert run.rules == ["M45"]


def test_5_7_an_nbl_that_is_never_given_back_leaves_its_frames_absorbed(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        out.absorb()
    """).run(*frames(IPV4, IPV4), tx_buffers=2)

    assert run.outcomes == {1: "absorbed", 2: "absorbed"}
    assert_whole(run)


def test_5_5_the_list_variants_move_every_net_buffer_or_none(tmp_path: Path) -> None:
    """Also where a new MDL is needed, and where the second retreat of two fails."""
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            def places():
                return [(nb.data_offset, nb.data_length) for nb in (first, first.next)]
            first = layer_data.first_net_buffer
            assert fwps.advance_net_buffer_list_data_start(layer_data, 14, False, None) is None
            assert places() == [(80, 46)] * 2
            assert fwps.retreat_net_buffer_list_data_start(layer_data, 14, 0, None, None) == 0
            assert places() == [(66, 60)] * 2
            assert fwps.retreat_net_buffer_list_data_start(layer_data, 70, 8, None, None) == 0
            assert places() == [(8, 130)] * 2 and first.mdl_chain.byte_count == 12
            fwps.advance_net_buffer_list_data_start(layer_data, 70, True, None)
            assert places() == [(66, 60)] * 2
            status = fwps.retreat_net_buffer_list_data_start(layer_data, 4, 0, None, None)
            assert status == fwps.STATUS_INSUFFICIENT_RESOURCES
            assert places() == [(66, 60)] * 2
            out.permit()
    """)
    bench.calls("moves", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(*frames(IPV4, IPV4), tx_buffers=2,
                    faults=[{"call": "NdisRetreatNetBufferDataStart", "nth": 6, "status": "0xC000009A"}])

    assert run.failures == []
    assert [rule for rule in run.rules if rule != "M61"] == []


@pytest.mark.parametrize(("policy", "stops"), [("stop", True), ("crash", True), ("leak", False), ("masked", False)])
def test_m40_an_nbl_with_two_net_buffers_is_not_for_the_receive_path(
    policy: str, stops: bool, tmp_path: Path
) -> None:
    """3.8: bug check 0x1D3 on Windows."""
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        assert self.inject(fwps, values, clone, 56) == fwps.STATUS_INVALID_PARAMETER
        self.release(fwps, clone)
        out.permit()
    """).run(*frames(IPV4, IPV4), tx_buffers=2, ub_policy=policy)

    assert (run.failures, run.rules) == ([], ["M40"])
    assert [one.code for one in run.of(ev.BugCheckSimulated)] == (["0x1D3"] if stops else [])
    assert_whole(run)


def test_5_7_each_frame_of_a_shared_nbl_has_its_layers_and_is_told_of_its_sending(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add(policies.permit("all", layer=OUTBOUND_MAC_FRAME_ETHERNET))
    run = bench.run(*frames(IPV4, IPV4, ARP), tx_chain=3, tx_buffers=3)
    fold = VerdictFold(run.engine.policy)
    verdicts = [verdict for record in run.records for verdict in fold.take(record)]

    assert [len(one.layers) for one in verdicts] == [2, 2, 2]
    assert verdicts[0].layers == verdicts[1].layers
    assert [(record.frame, record.event.nbls) for record in run.records
            if isinstance(record.event, ev.FrameDelivered)] == [(1, ("1.0",)), (2, ("1.0",)), (3, ("3.0",))]


def test_5_7_a_block_is_the_block_of_each_frame_that_shares_the_nbl(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add(policies.block("all", layer=OUTBOUND_MAC_FRAME_ETHERNET))
    run = bench.run(*frames(IPV4, IPV4), tx_chain=2, tx_buffers=2)
    fold = VerdictFold(run.engine.policy)
    verdicts = [verdict for record in run.records for verdict in fold.take(record)]

    assert [(one.outcome, [layer.action for layer in one.layers]) for one in verdicts] == [
        ("blocked", ["FWP_ACTION_BLOCK"])] * 2
