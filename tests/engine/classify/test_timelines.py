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
from tests.builders.engines import VERDICTS, Bench, bare
from tests.builders.frames import ARP, received, sent
from tests.builders.injections import CLONE_AND_INJECT, story


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


def test_every_nbl_of_a_finished_story_is_settled(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(CLONE_AND_INJECT.format(at_ip_header=False))
    bench.calls("ethernet", OUTBOUND_MAC_FRAME_ETHERNET)
    world = bench.run(sent()).world

    assert {id_: nbl.state for id_, nbl in world.nbls.items()} == {"1.0": NblState.COMPLETED, "1.1": NblState.FREED}
    assert (world.nbls["1.0"].child_ref_count, world.nbls["1.0"].references) == (0, 0)
