"""What the bytes of an NBL are taken apart as: Ethernet, 802.11, raw IP."""

from pathlib import Path

import pytest

from engine.frames.frame import Direction
from engine.ndis.snapshot import NblId
from engine.trace.history import WorldHistory
from engine.trace.trace import Trace
from engine.wfp.layers import LAYERS
from gui.models.packet.bytes_shown import nbl_bytes
from gui.models.packet.link_shown import shown_link_type
from tests.builders.captures import ethernet
from tests.builders.engines import Bench, Run
from tests.builders.frames import HOST, PEER
from tests.builders.policies import permit
from tests.builders.wifi import BEACON, IPV4_PACKET, captured, radiotap, to_access_point, wifi

IN, OUT = Direction.INBOUND, Direction.OUTBOUND


def run_of(folder: Path, *frames) -> Run:
    bench = Bench(folder)
    bench.add(*(permit(f"at {layer.id}", layer=layer) for layer in LAYERS))
    return bench.run(*frames)


def shown(run: Run, link_type: int, ether_type: int | None = 0x0800) -> dict[int, tuple[int, int | None, bytes]]:
    """By layer: link type, EtherType behind a hidden header, and the dissected bytes, as the classification begins."""
    found = {}
    for record in run.records:
        if type(record.event).__name__ == "ClassifyBegan":
            world = WorldHistory(run.trace).at(record.seq + 1)
            one = nbl_bytes(world, run.trace, NblId("1.0"), link_type=link_type, ether_type=ether_type)
            found[record.event.layer] = one.wish.link_type, one.wish.ether_type, one.wish.data
    return found


def test_a_received_wifi_frame_is_80211_and_then_its_packet(tmp_path: Path) -> None:
    run = run_of(tmp_path, captured(radiotap(wifi()), IN, link_type=127))

    below, above = shown(run, 127)[58], shown(run, 127)[56]
    assert below == (105, None, wifi())
    assert above[2] in {IPV4_PACKET, ethernet(HOST, PEER, 0x0800, IPV4_PACKET)}
    assert above[:2] == ((1, None) if above[2] != IPV4_PACKET else (above[0], 0x0800))


def test_a_sent_wifi_frame_is_ethernet_and_then_80211(tmp_path: Path) -> None:
    run = run_of(tmp_path, captured(to_access_point(), OUT))

    assert shown(run, 105) == {
        57: (1, None, ethernet(PEER, HOST, 0x0800, IPV4_PACKET)), 59: (105, None, to_access_point())}


def test_a_sent_management_frame_is_80211_from_the_start(tmp_path: Path) -> None:
    assert shown(run_of(tmp_path, captured(wifi(BEACON), OUT)), 105) == {59: (105, None, wifi(BEACON))}


@pytest.mark.parametrize(("link_type", "data"), [(101, IPV4_PACKET), (0, b"\2\0\0\0" + IPV4_PACKET)])
def test_loopback_and_raw_ip_are_packets(tmp_path: Path, link_type: int, data: bytes) -> None:
    assert shown(run_of(tmp_path, captured(data, IN, link_type=link_type)), link_type) == {58: (101, None, IPV4_PACKET)}


@pytest.mark.parametrize(
    ("link_type", "layer", "expected"),
    [(1, 58, 1), (105, 58, 105), (105, 59, 105), (127, 56, 1), (127, None, 1), (6, 58, 6), (999, 58, 999)],
)
def test_memory_of_a_driver_holds_what_its_layer_shows(link_type: int, layer: int | None, expected: int) -> None:
    assert shown_link_type(Trace(), 1, None, layer, link_type) == expected
