"""Frames that are not Ethernet: Wi-Fi is converted between the modules, the rest stays at the native layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.frames.frame import Direction
from engine.trace import events as ev
from engine.trace.folding import apply
from engine.trace.world import World
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_ETHERNET,
    INBOUND_MAC_FRAME_NATIVE,
    LAYERS,
    OUTBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_NATIVE,
    Layer,
)
from tests.builders.captures import ethernet
from tests.builders.engines import Bench, Run
from tests.builders.frames import HOST, PEER
from tests.builders.policies import permit
from tests.builders.wifi import BEACON, IPV4_PACKET, captured, radiotap, snap, to_access_point, wifi

IN, OUT = Direction.INBOUND, Direction.OUTBOUND

def permitting(folder: Path, *without: Layer) -> Bench:
    bench = Bench(folder)
    for layer in LAYERS:
        if layer not in without:
            bench.add(permit(f"at {layer.id}", layer=layer))
    return bench


def bytes_at(run: Run, nbl: str = "1.0") -> dict[int, bytes]:
    """The used data of an NBL as each of its classifications began."""
    world, found = World(), {}
    for record in run.records:
        apply(world, record)
        if isinstance(record.event, ev.ClassifyBegan) and nbl in record.event.nbls:
            buffer = world.nbls[nbl].net_buffers[0]
            data = world.data(nbl)
            found[record.event.layer] = data[buffer.data_offset : buffer.data_offset + buffer.data_length]
    return found


def test_a_received_wifi_frame_is_80211_below_and_ethernet_above(tmp_path: Path) -> None:
    run = permitting(tmp_path).run(captured(radiotap(wifi(), fcs=b"fcs!"), IN, link_type=127))

    assert bytes_at(run) == {58: wifi(), 56: IPV4_PACKET}
    began = {event.layer: event.values for event in run.of(ev.ClassifyBegan)}
    assert began[58][:4] == (16, 9, 71 << 48 | 1 << 24, 71)
    assert began[58][6] == began[56][10] == 0x82
    assert began[56][1:7] == (HOST, PEER, 0, 0, 0x0800, 0)
    converted = run.one(ev.FrameConverted)
    assert (converted.nbls, converted.to, list(converted.memories.values())) == (
        ("1.0",), "802.3", [ethernet(HOST, PEER, payload=b"")])
    assert run.outcomes == {1: "delivered"}
    assert run.rules == []


def test_a_sent_wifi_frame_is_ethernet_above_and_as_captured_below(tmp_path: Path) -> None:
    run = permitting(tmp_path).run(captured(to_access_point(), OUT))

    assert bytes_at(run) == {57: ethernet(PEER, HOST, 0x0800, IPV4_PACKET), 59: to_access_point()}
    assert run.one(ev.FrameConverted).to == "802.11"
    assert run.outcomes == {1: "sent"}


@pytest.mark.parametrize("direction", [IN, OUT])
def test_management_frames_meet_the_native_layer_only(tmp_path: Path, direction: Direction) -> None:
    run = permitting(tmp_path).run(captured(wifi(BEACON), direction))

    stayed = run.one(ev.StayedAtNative)
    assert list(bytes_at(run)) == [58 if direction is IN else 59]
    assert (stayed.layer, stayed.reason) == (
        56 if direction is IN else 57, "802.11 management frame (beacon): it ends in the Native Wi-Fi filter")
    assert run.outcomes == {1: "delivered" if direction is IN else "sent"}


@pytest.mark.parametrize("direction", [IN, OUT])
@pytest.mark.parametrize(("link_type", "medium"), [(101, 9), (0, 17), (6, 1)])
def test_media_that_802_3_does_not_bind_to_meet_the_native_layer_only(
    tmp_path: Path, link_type: int, medium: int, direction: Direction
) -> None:
    data = {101: IPV4_PACKET, 0: b"\2\0\0\0" + IPV4_PACKET, 6: bytes(14) + snap(0x0800)}[link_type]

    run = permitting(tmp_path).run(captured(data, direction, link_type=link_type))

    (began,) = run.of(ev.ClassifyBegan)
    assert (began.layer, began.values[0]) == (58 if direction is IN else 59, medium)
    assert run.one(ev.StayedAtNative).reason.startswith("the 802.3 module does not bind to ")
    assert bytes_at(run)[began.layer] == (data[4:] if link_type == 0 else data)


def test_a_chain_of_data_and_management_frames_parts_between_the_modules(tmp_path: Path) -> None:
    frames = [captured(data, IN, number) for number, data in enumerate((wifi(), wifi(BEACON), wifi()), 1)]

    run = permitting(tmp_path).run(*frames, rx_chain=3)

    assert [(event.layer, event.nbls) for event in run.of(ev.ClassifyBegan)] == [
        (58, ("1.0", "2.0", "3.0")), (56, ("1.0", "3.0"))]
    assert run.outcomes == {1: "delivered", 2: "delivered", 3: "delivered"}


def test_sent_frames_join_a_call_only_where_they_begin_at_the_same_layer(tmp_path: Path) -> None:
    frames = [captured(data, OUT, number) for number, data in enumerate((to_access_point(), wifi(BEACON)), 1)]

    run = permitting(tmp_path).run(*frames, tx_chain=2)

    assert [(event.layer, event.nbls) for event in run.of(ev.ClassifyBegan)] == [
        (57, ("1.0",)), (59, ("1.0",)), (59, ("2.0",))]


REINJECTS = """
    at_ip_header = {at_ip_header}

    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        status = self.inject(fwps, values, clone)
        if not fwps.nt_success(status):
            self.release(fwps, clone)
        out.absorb()
"""


@pytest.mark.parametrize(
    "layer",
    [INBOUND_MAC_FRAME_NATIVE, INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_NATIVE],
    ids=lambda layer: layer.short_name,
)
def test_absorbed_and_injected_again_a_wifi_frame_is_the_same_and_nothing_is_lost(tmp_path: Path, layer) -> None:
    inbound = layer.direction is IN
    bench = permitting(tmp_path, layer)
    bench.driver(REINJECTS.format(at_ip_header=layer.data_starts_at_ip_header))
    bench.calls("reinject", layer)

    run = bench.run(captured(wifi() if inbound else to_access_point(), layer.direction))

    assert run.failures == []
    assert run.rules == []
    assert run.outcomes == {1: "absorbed"}
    assert [event.outcome for event in run.of(ev.InjectionEnded)] == ["delivered" if inbound else "sent"]
    met = bytes_at(run, "1.1")
    assert met == {
        number: data for number, data in (
            {58: wifi(), 56: IPV4_PACKET} if inbound
            else {57: ethernet(PEER, HOST, 0x0800, IPV4_PACKET), 59: to_access_point()}
        ).items() if number in met
    }
    assert layer.id in met


ANSWERS = """
    def seen(self, fwps, values, meta, layer_data, out):
        status, reply = self.copy(fwps, bytes.fromhex("{reply}"))
        status = self.inject(fwps, values, reply, layer=57)
        if not fwps.nt_success(status):
            self.release(fwps, reply)
        out.absorb()
"""


ANCHOR = """

class Anchor(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        out.permit()
"""


def test_a_new_ethernet_frame_goes_out_through_the_access_point_of_the_cell(tmp_path: Path) -> None:
    reply = ethernet(PEER, HOST, 0x0806, b"arp reply")
    bench = permitting(tmp_path, INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET)
    name = bench.driver(ANSWERS.format(reply=reply.hex()))
    (tmp_path / name).write_text((tmp_path / name).read_text() + ANCHOR)
    bench.calls("answers", INBOUND_MAC_FRAME_ETHERNET)
    bench.calls("anchor", OUTBOUND_MAC_FRAME_ETHERNET, class_="Anchor")

    run = bench.run(captured(wifi(), IN))

    assert run.failures == []
    assert bytes_at(run, "1.1") == {57: reply, 59: to_access_point(snap(0x0806) + b"arp reply", sequence=0)}
    assert run.rules == []


def test_where_802_3_does_not_bind_its_layer_takes_no_injection(tmp_path: Path) -> None:
    bench = permitting(tmp_path, INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET)
    name = bench.driver(ANSWERS.format(reply=ethernet(PEER, HOST).hex()))
    (tmp_path / name).write_text((tmp_path / name).read_text() + ANCHOR)
    bench.calls("answers", INBOUND_MAC_FRAME_NATIVE)
    bench.calls("anchor", OUTBOUND_MAC_FRAME_ETHERNET, class_="Anchor")

    run = bench.run(captured(IPV4_PACKET, IN, link_type=101))

    assert [event.status for event in run.of(ev.InjectRefused)] == [0xC0220100]


def test_an_nbl_has_its_own_bytes_again_when_it_is_given_back(tmp_path: Path) -> None:
    run = permitting(tmp_path).run(captured(wifi(), IN))

    (returned,) = run.of(ev.OriginalReturned)
    (buffer,) = returned.changed[0].net_buffers
    assert (buffer.data_offset, buffer.data_length, len(buffer.mdls)) == (0, len(wifi()), 1)


def test_the_same_wifi_frames_give_the_same_trace(tmp_path: Path) -> None:
    frames = [captured(wifi(), IN, 1), captured(to_access_point(), OUT, 2), captured(wifi(BEACON), IN, 3)]

    assert permitting(tmp_path).run(*frames).lines == permitting(tmp_path).run(*frames).lines
