"""Whole stories in order: callouts-nbl-injection 6.2 to 6.11 (T1 to T10), over generated frames."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.ndis.snapshot import NblState
from engine.trace import events as ev
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_ETHERNET,
    INBOUND_MAC_FRAME_NATIVE,
    OUTBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_NATIVE,
)
from tests.builders import policies
from tests.builders.engines import BATCH, VERDICTS, Bench, Run, bare
from tests.builders.frames import ARP, received, sent

FRAME = 1
QUIET = (ev.SublayerEntered, ev.SublayerDecided, ev.FilterTested, ev.FilterDecided, ev.ActionArbitrated)

CLONE_AND_INJECT = """
    at_ip_header = {at_ip_header}
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        status = self.inject(fwps, values, clone)
        if fwps.nt_success(status):
            out.absorb()
        else:
            fwps.free_clone_net_buffer_list(clone, 0)
            out.block(hard=True)
"""


def story(run: Run) -> list[str]:
    """Kinds of the frame's own lineage, without the walk through filters."""
    return run.kinds(*QUIET, frame=FRAME)


def test_a_frame_that_meets_no_filter_passes_both_modules_by(tmp_path: Path) -> None:
    run = Bench(tmp_path).run(received())

    assert [bare(event) for event in run.events if not isinstance(event, ev.FrameEntered)] == [
        ev.SessionBegan("0.1.0", 1, {}),
        ev.TransactionBegan(0),
        ev.ModuleBypassed("native", 58, ("1.0",)),
        ev.ModuleBypassed("802.3", 56, ("1.0",)),
        ev.FrameDelivered(("1.0",), "protocols"),
        ev.OriginalReturned("1.0", 0),
        ev.FrameFinished(1, "delivered"),
    ]


def test_the_first_block_ends_the_walk(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    sublayer = policies.a_sublayer_spec("L2")
    bench.add(
        sublayer,
        *(
            policies.block(name, *conditions, weight=weight, sublayer=policies.key_of(sublayer))
            for name, conditions, weight in [("arp", [policies.ether_type(ARP)], 2), ("all", [], 1), ("never", [], 0)]
        ),
    )
    run = bench.run(received())

    arp, everything = (
        next(f.id for f in run.engine.policy.filters.values() if f.name == name) for name in ("arp", "all")
    )
    key = policies.key_of(sublayer)
    began = run.one(ev.ClassifyBegan)
    inside = run.events[run.events.index(began) + 1 :]
    assert [bare(event) for event in inside] == [
        ev.SublayerEntered(key, True),
        ev.FilterTested(arp, (0,), 5, 0x0800),
        ev.FilterTested(everything),
        ev.FilterDecided(everything, "FWP_ACTION_BLOCK", True, False),
        ev.SublayerDecided(key, "FWP_ACTION_BLOCK", everything),
        ev.ActionArbitrated(
            key, "FWP_ACTION_CONTINUE", False, "FWP_ACTION_BLOCK", True, "first decision", everything, None, False
        ),
        ev.ClassifyEnded(56, ("1.0",), "FWP_ACTION_BLOCK", True, everything, False, False),
        ev.DropAudited(
            "1.0",
            everything,
            56,
            "02:00:00:00:00:01",
            "02:00:00:00:00:02",
            0x0800,
            0,
            0,
            6,
            6 << 48 | 1 << 24,
            0,
            0x3900,
        ),
        ev.OriginalReturned("1.0", 0),
        ev.ModuleLeft("802.3", 56, ()),
        ev.FrameFinished(1, "blocked"),
    ]


def test_t1_permit_inbound_meets_native_then_ethernet(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(VERDICTS)
    for layer in (INBOUND_MAC_FRAME_NATIVE, INBOUND_MAC_FRAME_ETHERNET):
        bench.calls(layer.short_name, layer, class_="Says", config={"action": "PERMIT"})
    run = bench.run(received())

    through = ["ModuleEntered", "ClassifyBegan", "CalloutEntered", "CalloutReturned", "ClassifyEnded", "ModuleLeft"]
    assert story(run) == ["FrameEntered", *through, *through, "FrameDelivered", "OriginalReturned", "FrameFinished"]
    assert [event.layer for event in run.of(ev.ClassifyBegan)] == [58, 56]
    offsets = [
        event.changed[0].net_buffers[0].data_offset
        for event in run.events
        if isinstance(event, ev.ModuleEntered | ev.ModuleLeft) and event.changed
    ]
    assert offsets == [14, 0]  # advanced for layer 56, retreated behind it


def test_t1_outbound_meets_ethernet_then_native_and_is_completed_with_success(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add(
        policies.permit("a", layer=OUTBOUND_MAC_FRAME_ETHERNET), policies.permit("b", layer=OUTBOUND_MAC_FRAME_NATIVE)
    )
    run = bench.run(sent())

    through = ["ModuleEntered", "ClassifyBegan", "ClassifyEnded", "ModuleLeft"]
    assert story(run) == ["FrameEntered", *through, *through, "FrameDelivered", "OriginalCompleted", "FrameFinished"]
    assert run.one(ev.FrameDelivered).to == "wire"
    assert run.one(ev.OriginalCompleted).status == 0
    assert run.outcomes == {1: "sent"}


@pytest.mark.parametrize(("absorb", "told", "status"), [(False, "DropAudited", 0xC0000001), (True, "FrameAbsorbed", 0)])
def test_t2_and_t3_a_dropped_send_is_audited_or_silent_and_completed_by_ch_15(
    absorb: bool, told: str, status: int, tmp_path: Path
) -> None:
    bench = Bench(tmp_path)
    bench.script(VERDICTS)
    bench.calls(
        "drops", OUTBOUND_MAC_FRAME_ETHERNET, class_="Says", config={"action": "BLOCK", "hard": True, "absorb": absorb}
    )
    run = bench.run(sent())

    assert story(run) == [
        "FrameEntered",
        "ModuleEntered",
        "ClassifyBegan",
        "CalloutEntered",
        "CalloutReturned",
        "ClassifyEnded",
        told,
        "OriginalCompleted",
        "ModuleLeft",
        "FrameFinished",
    ]
    assert run.one(ev.OriginalCompleted).status == status
    assert run.outcomes == {1: "absorbed" if absorb else "blocked"}
    assert run.rules == []


def test_t4_absorb_clone_reinject_outbound(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(CLONE_AND_INJECT.format(at_ip_header=False))
    bench.calls("ethernet", OUTBOUND_MAC_FRAME_ETHERNET)
    bench.add(policies.permit("native", layer=OUTBOUND_MAC_FRAME_NATIVE))
    run = bench.run(sent())

    assert story(run) == [
        "FrameEntered",
        "ModuleEntered",
        "ClassifyBegan",
        "CalloutEntered",
        "StateQueried",
        "NblCloned",
        "InjectCalled",
        "InjectAccepted",
        "CalloutReturned",
        "ClassifyEnded",
        "FrameAbsorbed",
        "OriginalHeld",
        "ModuleLeft",
        "FrameReentered",
        "ModuleEntered",
        "ClassifyBegan",
        "CalloutEntered",
        "StateQueried",
        "CalloutReturned",
        "ClassifyEnded",
        "ModuleLeft",
        "ModuleEntered",
        "ClassifyBegan",
        "ClassifyEnded",
        "ModuleLeft",
        "FrameDelivered",
        "InjectionEnded",
        "InjectCompleted",
        "NblFreed",
        "OriginalReleased",
        "OriginalCompleted",
        "CompletionReturned",
        "FrameFinished",
    ]
    assert [event.state for event in run.of(ev.StateQueried)] == [
        "FWPS_PACKET_NOT_INJECTED",
        "FWPS_PACKET_INJECTED_BY_SELF",
    ]
    assert (run.one(ev.NblCloned).changed[0].child_ref_count, run.one(ev.OriginalHeld).children) == (1, 1)
    completed = run.one(ev.InjectCompleted)
    assert (completed.nbls, completed.statuses, completed.outstanding, completed.dispatch_level) == (
        ("1.1",),
        (0,),
        0,
        True,
    )
    assert run.one(ev.OriginalCompleted).status == 0
    assert run.rules == []


def test_t5_the_same_inbound_at_56_clones_with_the_mac_header(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(CLONE_AND_INJECT.format(at_ip_header=True))
    bench.calls("ethernet", INBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(received())

    calls = ["StateQueried", "OffsetChanged", "NblCloned", "OffsetChanged", "InjectCalled", "InjectAccepted"]
    assert story(run)[story(run).index("CalloutEntered") + 1 :][:6] == calls
    assert [event.delta for event in run.of(ev.OffsetChanged)] == [-14, 14]
    assert run.one(ev.InjectAccepted).changed[0].net_buffers[0].data_length == 60
    assert [event.layer for event in run.of(ev.ClassifyBegan)] == [56, 56]
    assert run.of(ev.ClassifyBegan)[0].values == run.of(ev.ClassifyBegan)[1].values
    ends = story(run)[-8:]
    assert ends == [
        "FrameDelivered",
        "InjectionEnded",
        "InjectCompleted",
        "NblFreed",
        "OriginalReleased",
        "OriginalReturned",
        "CompletionReturned",
        "FrameFinished",
    ]
    assert run.rules == []


PENDED = """
    at_ip_header = True
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        place = values.INTERFACE_INDEX, values.NDIS_PORT
        fwps.queue_work(self.works, fwps, place, meta.ethernet_mac_header_size, layer_data)
        out.absorb()

    def works(self, fwps, place, size, original):
        if not self.config.get("drop"):
            buffer = original.first_net_buffer
            fwps.retreat_net_buffer_data_start(buffer, size, 0, None)
            status, clone = fwps.allocate_clone_net_buffer_list(original, None, None, 0)
            fwps.advance_net_buffer_data_start(buffer, size, False, None)
        fwps.dereference_net_buffer_list(original, False)
        if self.config.get("drop"):
            return
        layer = fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET
        status = fwps.inject_mac_receive_async(self.handle, None, 0, layer, *place, clone, self.completed, None)
        assert fwps.nt_success(status)
"""


def test_t6_out_of_band_the_clone_keeps_the_original_until_it_is_freed(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(PENDED)
    bench.calls("pends", INBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(received())

    kinds = story(run)
    assert kinds[4:18] == [
        "CalloutEntered",
        "StateQueried",
        "NblReferenced",
        "WorkQueued",
        "CalloutReturned",
        "ClassifyEnded",
        "FrameAbsorbed",
        "OriginalHeld",
        "ModuleLeft",
        "WorkStarted",
        "OffsetChanged",
        "NblCloned",
        "OffsetChanged",
        "NblDereferenced",
    ]
    assert kinds[18:20] == ["InjectCalled", "InjectAccepted"]
    assert run.one(ev.OriginalHeld).changed[0].net_buffers[0].data_offset == 14  # as the callout saw it
    assert run.one(ev.OriginalReturned).changed[0].net_buffers[0].data_offset == 0
    assert kinds[-6:] == [
        "InjectCompleted",
        "NblFreed",
        "OriginalReleased",
        "OriginalReturned",
        "CompletionReturned",
        "FrameFinished",
    ]
    assert run.one(ev.NblCloned).changed[1].net_buffers[0].data_length == 60
    assert (run.rules, run.outcomes) == ([], {1: "absorbed"})


def test_t6_out_of_band_drop_releases_the_original(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(PENDED)
    bench.calls("pends", INBOUND_MAC_FRAME_ETHERNET, config={"drop": True})
    run = bench.run(received())

    assert story(run)[-5:] == [
        "WorkStarted",
        "NblDereferenced",
        "OriginalReleased",
        "OriginalReturned",
        "FrameFinished",
    ]
    assert run.rules == []


def test_t7_a_batch_callout_gets_runs_and_one_verdict_for_each(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script("""
        from engine.callouts import Callout

        class Driver(Callout):
            def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
                if values.VLAN_ID == 7:
                    out.absorb()
                else:
                    out.permit()
    """)
    bench.calls("batch", INBOUND_MAC_FRAME_ETHERNET, flags=BATCH)
    frames = [
        received(number, tags=tags, time_ns=0)
        for number, tags in enumerate(((), (), ((0x8100, 7),), ((0x8100, 7),)), 1)
    ]
    run = bench.run(*frames, rx_chain=4)

    assert run.one(ev.ChainSplit).runs == (("1.0", "2.0"), ("3.0", "4.0"))
    assert [event.nbls for event in run.of(ev.CalloutEntered)] == [("1.0", "2.0"), ("3.0", "4.0")]
    assert run.one(ev.ChainRelinked).nbls == ("1.0", "2.0")
    assert run.outcomes == {1: "delivered", 2: "delivered", 3: "absorbed", 4: "absorbed"}
    assert run.rules == []


MIXED = """
    def seen(self, fwps, values, meta, layer_data, out):
        head = last = None
        for number, nbl in enumerate(each(layer_data)):
            if number == 1:
                continue
            status, copy = self.copy(fwps, nbl.first_net_buffer.data())
            if last is None:
                head = copy
            else:
                last.next = copy
            last = copy
        assert fwps.nt_success(self.inject(fwps, values, head))
        out.absorb()
"""


@pytest.mark.parametrize("policy", ["single", "each", "random_segments", "reverse_each"])
def test_t8_a_batch_callout_keeps_some_frames_by_copies(policy: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(MIXED)
    bench.calls("batch", OUTBOUND_MAC_FRAME_ETHERNET, flags=BATCH)
    run = bench.run(*(sent(number, time_ns=0) for number in (1, 2, 3)), tx_chain=3, completion_policy=policy)

    assert run.of(ev.CalloutEntered)[0].nbls == ("1.0", "2.0", "3.0")
    assert run.of(ev.CalloutEntered)[1].nbls == ("1.1", "1.2")  # the copies are a run of their own
    assert run.of(ev.FrameDelivered)[0].nbls == ("1.1", "1.2")
    assert sorted(n for event in run.of(ev.InjectCompleted) for n in event.nbls) == ["1.1", "1.2"]
    assert run.outcomes == {1: "absorbed", 2: "absorbed", 3: "absorbed"}
    assert run.rules == []


CHAIN = """
    def seen(self, fwps, values, meta, layer_data, out):
        copies = [self.copy(fwps, layer_data.first_net_buffer.data())[1] for _ in range(self.config["count"])]
        for one, following in zip(copies, copies[1:]):
            one.next = following
        self.segments = []
        assert fwps.nt_success(self.inject(fwps, values, copies[0], completion_context="K"))
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        assert context == "K"
        segment = list(each(net_buffer_list))
        assert segment[-1].next is None
        self.segments.append(len(segment))
        super().completed(fwps, context, net_buffer_list, dispatch_level)

    def stop(self, fwps):
        assert sum(self.segments) == self.config["count"], self.segments
        super().stop(fwps)
"""


@pytest.mark.parametrize("policy", ["single", "each", "random_segments", "reverse_each"])
@pytest.mark.parametrize("count", [1, 4, 9])
def test_t9_a_chain_comes_back_in_segments_each_nbl_once(policy: str, count: int, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(CHAIN)
    bench.calls("chains", OUTBOUND_MAC_FRAME_ETHERNET, config={"count": count})
    faults = [{"call": "completion", "nth": 2, "status": "0xC001000D"}]
    run = bench.run(sent(), completion_policy=policy, faults=faults)

    segments = run.of(ev.InjectCompleted)
    completed = [nbl for segment in segments for nbl in segment.nbls]
    assert sorted(completed) == sorted(run.one(ev.InjectAccepted).nbls)
    assert len(completed) == count
    assert [segment.segment for segment in segments] == list(range(1, len(segments) + 1))
    left = count
    for segment in segments:
        left -= len(segment.nbls)
        assert segment.outstanding == left
        assert [one.next for one in segment.changed[: len(segment.nbls)]] == [*segment.nbls[1:], None]
        relinked = segment.changed[len(segment.nbls) :]
        assert all(one.state == "IN_FLIGHT" and one.next not in segment.nbls for one in relinked)
    statuses = [status for segment in segments for status in segment.statuses]
    assert sorted(statuses) == sorted([0xC001000D] * (count > 1) + [0] * (count - (count > 1)))
    expected = {"single": [count], "each": [1] * count, "reverse_each": [1] * count}
    assert [len(segment.nbls) for segment in segments] == expected.get(policy, [len(s.nbls) for s in segments])
    if policy == "reverse_each":
        assert completed == list(reversed(run.one(ev.InjectAccepted).nbls))
    assert run.rules == []


def test_t10_a_synchronous_failure_leaves_the_clone_with_the_driver(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(CLONE_AND_INJECT.format(at_ip_header=False))
    bench.calls("ethernet", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent(), faults=[{"call": "FwpsInjectMacSendAsync0", "nth": 1, "status": "0xC009A009"}])

    assert run.one(ev.InjectRefused).status == 0xC009A009
    assert run.of(ev.InjectCompleted) == []
    assert run.one(ev.NblFreed).nbl == "1.1"
    assert run.outcomes == {1: "blocked"}
    assert run.rules == []


@pytest.mark.parametrize(
    ("status", "outcome"), [(0xC0000206, "failed"), (0x103, "sent"), (0x40000000, "sent"), (0x80000005, "failed")]
)
def test_t10_an_asynchronous_status_reaches_the_completion(status: int, outcome: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(CLONE_AND_INJECT.format(at_ip_header=False))
    bench.calls("ethernet", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent(), faults=[{"call": "completion", "nth": 1, "status": hex(status)}])

    assert run.one(ev.InjectCompleted).statuses == (status,)
    assert run.one(ev.InjectionEnded).outcome == outcome
    assert run.outcomes == {1: "absorbed"}


def test_every_nbl_of_a_finished_story_is_settled(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(CLONE_AND_INJECT.format(at_ip_header=False))
    bench.calls("ethernet", OUTBOUND_MAC_FRAME_ETHERNET)
    world = bench.run(sent()).world

    assert {id_: nbl.state for id_, nbl in world.nbls.items()} == {"1.0": NblState.COMPLETED, "1.1": NblState.FREED}
    assert (world.nbls["1.0"].child_ref_count, world.nbls["1.0"].references) == (0, 0)
