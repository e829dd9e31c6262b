"""Stories of chains and of failing injections: callouts-nbl-injection 6.8 to 6.11 (T7 to T10)."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_ETHERNET,
)
from tests.builders.engines import BATCH, Bench
from tests.builders.frames import received, sent
from tests.builders.injections import CLONE_AND_INJECT


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
    assert run.of(ev.CalloutEntered)[1].nbls == ("1.1", "3.1")  # the copies are a run of their own
    sent_to_wire = [(record.frame, record.event.nbls) for record in run.records
                    if isinstance(record.event, ev.FrameDelivered)]
    assert sent_to_wire == [(1, ("1.1",)), (3, ("3.1",))]  # each frame is told of its own
    assert sorted(n for event in run.of(ev.InjectCompleted) for n in event.nbls) == ["1.1", "3.1"]
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
