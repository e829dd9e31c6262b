"""Drop events: FWPM_NET_EVENT_CLASSIFY_DROP_MAC0 whole, and the ring that keeps them (C24)."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_ETHERNET,
    INBOUND_MAC_FRAME_NATIVE,
    LAYERS,
    OUTBOUND_MAC_FRAME_ETHERNET,
    Layer,
)
from engine.wfp.types import FilterId
from tests.builders.engines import UNKNOWN, Bench
from tests.builders.frames import BROADCAST, received, sent
from tests.builders.policies import block

MULTICAST = "01:00:5e:00:00:01"


def blocking(folder: Path, *layers: Layer) -> Bench:
    bench = Bench(folder)
    bench.add(*(block(f"at {layer.id}", layer=layer) for layer in layers or LAYERS))
    return bench


def test_a_drop_event_has_every_member_of_the_structure(tmp_path: Path) -> None:
    run = blocking(tmp_path, INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET).run(
        received(tags=((0x8100, 0x6014),)), sent(2))

    rest = {"reserved": 0, "reauth_reason": 0, "original_profile": 0, "current_profile": 0, "is_loopback": False,
            "vswitch_id": "", "vswitch_source_port": 0, "vswitch_destination_port": 0, "kept": True}
    assert run.of(ev.DropAudited) == [
        ev.DropAudited("1.0", FilterId(65537), 56, "02:00:00:00:00:01", "02:00:00:00:00:02", 0x0800, 0x6014, 0, 6,
                       6 << 48 | 1 << 24, 0, 0x3900, **rest),
        ev.DropAudited("2.0", FilterId(65538), 57, "02:00:00:00:00:01", "02:00:00:00:00:02", 0x0800, 0, 0, 6,
                       6 << 48 | 1 << 24, 0, 0x3901, **rest),
    ]


def test_c24_the_ring_keeps_the_latest_events_with_frame_and_time(tmp_path: Path) -> None:
    run = blocking(tmp_path).run(*(received(number) for number in range(1, 6)), net_event_ring=2)

    assert [(one.frame, one.time_ns, one.drop.nbl) for one in run.engine.net_events] == [
        (4, 3_000_000_000, "4.0"), (5, 4_000_000_000, "5.0")]
    assert len(run.of(ev.DropAudited)) == 5


def test_c24_the_ring_holds_150_by_default(tmp_path: Path) -> None:
    run = blocking(tmp_path).run(*(received(number) for number in range(1, 153)))

    assert [run.engine.net_events[0].frame, len(run.engine.net_events)] == [3, 150]


@pytest.mark.parametrize(("keywords", "kept"), [
    ("NONE", [1, 4, 5]), ("BCAST", [1, 2, 4, 5]), ("MCAST", [1, 3, 4, 5]), ("BCAST+MCAST", [1, 2, 3, 4, 5]),
])  # fmt: skip
def test_c24_received_broadcasts_and_multicasts_are_kept_by_keyword(
    keywords: str, kept: list[int], tmp_path: Path
) -> None:
    run = blocking(tmp_path).run(
        received(1), received(2, destination=BROADCAST), received(3, destination=MULTICAST),
        sent(4, destination=BROADCAST), sent(5, destination=MULTICAST), net_event_keywords=keywords)

    assert [one.frame for one in run.engine.net_events] == kept
    assert [(one.nbl, one.kept) for one in run.of(ev.DropAudited)] == [
        (f"{number}.0", number in kept) for number in range(1, 6)]


def test_an_absorbed_frame_leaves_no_event(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("def seen(self, fwps, values, meta, layer_data, out):\n    out.absorb()\n")
    bench.calls("absorbs", INBOUND_MAC_FRAME_NATIVE)
    run = bench.run(received())

    assert (run.of(ev.DropAudited), run.engine.net_events, run.outcomes) == ([], (), {1: "absorbed"})


def test_a_frame_marked_as_loopback_says_so(tmp_path: Path) -> None:
    """5.3: NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET, set by a callout of a higher sublayer."""
    bench = blocking(tmp_path, INBOUND_MAC_FRAME_ETHERNET)
    bench.driver("def seen(self, fwps, values, meta, layer_data, out):\n"
                 "    layer_data.nbl_flags = fwps.NBL_FLAGS_IS_LOOPBACK_PACKET\n    out.continue_()\n")
    bench.calls("marks", INBOUND_MAC_FRAME_NATIVE, action=UNKNOWN)
    run = bench.run(received())

    assert [one.is_loopback for one in run.of(ev.DropAudited)] == [True]
