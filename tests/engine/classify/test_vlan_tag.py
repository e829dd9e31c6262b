"""`vlan_tag`: the outer tag in the frame's bytes, or beside them in Ieee8021QNetBufferListInfo. Source: 5.4, C5."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.frames.frame import Direction, Frame
from engine.trace import events as ev
from engine.wfp.layers import LAYERS
from tests.builders.captures import ethernet
from tests.builders.engines import Bench, Run
from tests.builders.frames import ARP, HOST, IPV4, PEER, a_frame, an_interface, received, sent
from tests.builders.policies import permit

TAG = ((0x8100, 0x7064),)
QINQ = ((0x8100, 0x0064), (0x8100, 0x20C8))


def run_of(folder: Path, *frames: Frame, **options: object) -> Run:
    bench = Bench(folder)
    bench.add(*(permit(f"at {layer.id}", layer=layer) for layer in LAYERS))
    return bench.run(*frames, **options)


def upper(run: Run) -> list[tuple[tuple[object, ...], dict[str, int]]]:
    """Values and metadata of each classification at an Ethernet layer."""
    return [(event.values, event.metadata) for event in run.of(ev.ClassifyBegan) if event.layer in {56, 57}]


def entered(run: Run) -> list[tuple[bytes, int | None]]:
    """Bytes and out-of-band tag of each frame as it enters; what stands before the data is left out."""
    return [
        (b"".join(event.memories.values())[event.changed[0].net_buffers[0].data_offset :], event.changed[0].vlan)
        for event in run.of(ev.FrameEntered)
    ]


@pytest.mark.parametrize("make", [received, sent])
def test_out_of_band_the_tag_has_left_the_bytes_and_the_fields_are_the_same(tmp_path: Path, make) -> None:
    frame = make(1, IPV4, tags=TAG)
    ends = (HOST, PEER) if make is received else (PEER, HOST)

    inside, beside = run_of(tmp_path, frame), run_of(tmp_path, frame, vlan_tag="oob")

    assert entered(inside) == [(frame.data, None)]
    assert entered(beside) == [(ethernet(*ends), 0x7064)]
    [(values, sizes)], [(values_beside, sizes_beside)] = upper(inside), upper(beside)
    assert values == values_beside
    assert values[5:7] == (IPV4, 0x7064)
    assert (sizes["ethernetMacHeaderSize"], sizes_beside["ethernetMacHeaderSize"]) == (18, 14)


def test_of_two_tags_the_outer_one_goes_beside(tmp_path: Path) -> None:
    run = run_of(tmp_path, received(1, ARP, tags=QINQ), vlan_tag="oob")

    assert entered(run) == [(ethernet(HOST, PEER, ARP, tags=QINQ[1:]), 0x0064)]
    [(values, sizes)] = upper(run)
    assert (values[5:7], sizes["ethernetMacHeaderSize"]) == ((0x8100, 0x0064), 18)
    [(as_bytes, _)] = upper(run_of(tmp_path, received(1, ARP, tags=QINQ)))
    assert as_bytes == values


def test_a_service_tag_stays_as_out_of_band_info_cannot_name_it(tmp_path: Path) -> None:
    frame = received(1, ARP, tags=((0x88A8, 0x0064),))

    assert entered(run_of(tmp_path, frame, vlan_tag="oob")) == [(frame.data, None)]


@pytest.mark.parametrize("size", [12, 14, 15, 17])
def test_a_tag_that_is_cut_off_stays(tmp_path: Path, size: int) -> None:
    frame = a_frame(1, ethernet(HOST, PEER, tags=TAG)[:size], Direction.INBOUND)

    assert entered(run_of(tmp_path, frame, vlan_tag="oob")) == [(frame.data, None)]


def test_each_interface_can_have_its_tags_elsewhere(tmp_path: Path) -> None:
    frames = [received(number, tags=TAG, interface=an_interface(number - 1)) for number in (1, 2, 3)]

    run = run_of(tmp_path, *frames, vlan_tag="oob", vlan_tag_interfaces="0b101")

    assert [tag for _, tag in entered(run)] == [0x7064, None, 0x7064]
