"""What a layer sees of a frame, where the model has chosen: each other choice."""

from __future__ import annotations

from pathlib import Path
from struct import pack
from typing import Any

import msgspec
import pytest

from engine.frames.frame import Direction, Frame
from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, LAYERS, layer_by_id
from tests.builders.captures import ethernet
from tests.builders.engines import Bench, Run
from tests.builders.frames import ARP, a_frame, an_interface, received, sent
from tests.builders.policies import condition, permit, u32


def everywhere(folder: Path, *frames: Frame, **options: Any) -> Run:
    """A permit filter at each layer, so that every module classifies."""
    bench = Bench(folder)
    bench.add(*(permit(f"at {layer.id}", layer=layer) for layer in LAYERS))
    return bench.run(*frames, **options)


def values(run: Run, layer_id: int) -> dict[str, Any]:
    (began,) = (one for one in run.of(ev.ClassifyBegan) if one.layer == layer_id)
    layer = layer_by_id(layer_id)
    assert layer is not None
    return {field.name: began.values[field.index] for field in layer.fields}


def metadata(run: Run) -> dict[int, dict[str, int]]:
    return {one.layer: one.metadata for one in run.of(ev.ClassifyBegan)}


QINQ = received(1, ARP, tags=((0x88A8, 0x2064), (0x8100, 0x0014)))


@pytest.mark.parametrize(("choice", "type_and_tag"), [("outer", (0x8100, 0x2064)), ("inner", (ARP, 0x0014))])
def test_c5_1_the_tag_of_a_frame_with_two(choice: str, type_and_tag: tuple[int, int], tmp_path: Path) -> None:
    seen = values(everywhere(tmp_path, QINQ, qinq_fields=choice), 56)

    assert (seen["ETHER_TYPE"], seen["VLAN_ID"]) == type_and_tag


SNAP = ethernet(ether_type=40, payload=b"\xaa\xaa\x03\0\0\0" + pack("!H", ARP) + bytes(40))


@pytest.mark.parametrize(("choice", "ether_type"), [("snap", ARP), ("length", 40)])
def test_c5_2_the_type_of_a_snap_frame(choice: str, ether_type: int, tmp_path: Path) -> None:
    run = everywhere(tmp_path, a_frame(1, SNAP, Direction.INBOUND), snap_ether_type=choice)

    assert values(run, 56)["ETHER_TYPE"] == ether_type


@pytest.mark.parametrize(("choice", "short"), [("empty", (None, None, None)), ("zero", (0, 0, "00:00:00:00:00:00"))])
def test_c5_3_fields_that_a_frame_is_too_short_for(choice: str, short: tuple[Any, ...], tmp_path: Path) -> None:
    seen = values(everywhere(tmp_path, a_frame(1, bytes(8), Direction.INBOUND), short_frame_fields=choice), 56)

    assert (seen["ETHER_TYPE"], seen["VLAN_ID"], seen["MAC_REMOTE_ADDRESS"]) == short
    assert seen["L2_FLAGS"] & 0x20
    assert seen["INTERFACE_MAC_ADDRESS"] == "02:00:00:00:00:01"


@pytest.mark.parametrize(("choice", "flags"), [("physical", 0x81), ("never", 0x01)])
def test_c6_the_connector_bit(choice: str, flags: int, tmp_path: Path) -> None:
    run = everywhere(tmp_path, received(), connector_flag=choice)

    assert [values(run, layer)["L2_FLAGS"] for layer in (56, 58)] == [flags, flags]


def test_ch_08_the_header_size_at_57_can_be_left_out(tmp_path: Path) -> None:
    both = metadata(everywhere(tmp_path, received(), sent(2)))
    inbound = metadata(everywhere(tmp_path, received(), sent(2), ethernet_metadata="inbound_only"))

    assert both == {58: {}, 56: {"ethernetMacHeaderSize": 14, "frameLength": 60},
                    57: {"ethernetMacHeaderSize": 14, "frameLength": 60}, 59: {}}
    assert inbound == {**both, 57: {"frameLength": 60}}


def test_c7_the_frame_length_can_be_left_out(tmp_path: Path) -> None:
    run = everywhere(tmp_path, received(), sent(2), frame_length="absent")

    assert metadata(run) == {58: {}, 56: {"ethernetMacHeaderSize": 14}, 57: {"ethernetMacHeaderSize": 14}, 59: {}}


def test_ch_08_the_native_layers_of_an_802_11_medium_have_its_operation_mode(tmp_path: Path) -> None:
    wifi = msgspec.structs.replace(an_interface(), medium=16)
    run = everywhere(tmp_path, received(interface=wifi))

    assert metadata(run)[58] == {"wiFiOperationMode": 4}


@pytest.mark.parametrize(("choice", "outcome"), [("permit", "delivered"), ("block", "blocked")])
def test_c3_what_a_layer_says_at_which_nobody_has_decided(choice: str, outcome: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add(permit("never", condition("NDIS_PORT", u32(99)), layer=INBOUND_MAC_FRAME_NATIVE))
    run = bench.run(received(), default_action=choice)

    assert run.outcomes == {1: outcome}
    assert [one.filter for one in run.of(ev.DropAudited)] == ([0] if outcome == "blocked" else [])
