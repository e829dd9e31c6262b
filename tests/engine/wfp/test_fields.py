"""Field values at each layer, metadata, and how values read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.frames.ethernet import parse_ethernet
from engine.frames.frame import Direction, Interface, MacAddress
from engine.ndis.names import IF_TYPES, NDIS_MEDIUM, NDIS_PHYSICAL_MEDIUM
from engine.wfp.fields import LayerMetadata, explain_tci, explain_value, format_value, layer_metadata, layer_values
from engine.wfp.layers import (
    ETHERNET_FIELDS,
    INBOUND_MAC_FRAME_ETHERNET,
    INBOUND_MAC_FRAME_NATIVE,
    LAYERS,
    NATIVE_FIELDS,
    OUTBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_NATIVE,
)
from tests.builders.captures import ethernet, mac

OWN = MacAddress(mac("02:00:00:00:00:01"))
OTHER = mac("02:00:00:00:00:02")
EVERYONE = mac("ff:ff:ff:ff:ff:ff")
INTERFACE = Interface(id=0, name="eth0", mac=OWN, link_type=1, index=7, if_type=6)
LUID = 6 << 48 | 7 << 24


def values(data, layer=INBOUND_MAC_FRAME_ETHERNET, **more):
    return layer_values(layer, INTERFACE, layer.direction, parse_ethernet(data), **more)


def named(data, layer=INBOUND_MAC_FRAME_ETHERNET, **more):
    return dict(zip((field.name for field in layer.fields), values(data, layer, **more), strict=True))


def test_a_broadcast_received_has_the_destination_as_its_local_address():
    frame = ethernet("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:02", 0x0806)

    assert values(frame) == (OWN, EVERYONE, OTHER, 2, 0, 0x0806, 0, LUID, 7, 0, 0x81, 1)


def test_a_frame_sent_has_the_source_as_its_local_address():
    frame = ethernet("01:80:c2:00:00:0e", "02:00:00:00:00:01", 0x88CC)

    assert values(frame, OUTBOUND_MAC_FRAME_ETHERNET) == (
        OWN,
        OWN,
        mac("01:80:c2:00:00:0e"),
        0,
        1,
        0x88CC,
        0,
        LUID,
        7,
        0,
        0x81,
        1,
    )


@pytest.mark.parametrize("layer", [INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_NATIVE])
def test_the_native_layers_know_the_interface_only(layer):
    assert values(ethernet(), layer) == (0, 14, LUID, 6, 7, 0, 0x81, 1)


@pytest.mark.parametrize(
    ("tags", "out_of_band", "ether_type", "vlan_id"),
    [
        ((), None, 0x0800, 0),
        (((0x8100, 0x6014),), None, 0x0800, 0x6014),
        (((0x88A8, 0x0064), (0x8100, 0x0005)), None, 0x8100, 0x0064),
        (((0x9100, 1), (0x88A8, 2), (0x8100, 3)), None, 0x88A8, 1),
        ((), 0x2005, 0x0800, 0x2005),
        (((0x8100, 9),), 0x2005, 0x8100, 0x2005),
    ],
)
def test_the_outer_tag_is_the_vlan_id_and_the_type_is_the_one_behind_it(tags, out_of_band, ether_type, vlan_id):
    found = named(ethernet(tags=tags), out_of_band_tci=out_of_band)

    assert (found["ETHER_TYPE"], found["VLAN_ID"]) == (ether_type, vlan_id)


@pytest.mark.parametrize(
    ("length", "empty"),
    [
        (
            0,
            {
                "MAC_LOCAL_ADDRESS",
                "MAC_REMOTE_ADDRESS",
                "MAC_LOCAL_ADDRESS_TYPE",
                "MAC_REMOTE_ADDRESS_TYPE",
                "ETHER_TYPE",
                "VLAN_ID",
            },
        ),
        (6, {"MAC_REMOTE_ADDRESS", "MAC_REMOTE_ADDRESS_TYPE", "ETHER_TYPE", "VLAN_ID"}),
        (13, {"ETHER_TYPE", "VLAN_ID"}),
        (15, {"ETHER_TYPE", "VLAN_ID"}),
        (17, {"ETHER_TYPE"}),
        (18, set()),
    ],
)
def test_what_a_short_frame_lacks_is_empty_and_it_is_malformed(length, empty):
    frame = ethernet(tags=((0x8100, 5),))[:length]

    found = named(frame)

    assert {name for name, value in found.items() if value is None} == empty
    assert found["L2_FLAGS"] == named(frame, INBOUND_MAC_FRAME_NATIVE)["L2_FLAGS"] == (0xA1 if empty else 0x81)


def test_an_unknown_interface_address_is_empty():
    interface = Interface(id=0, name="eth0", mac=None, link_type=1)

    found = layer_values(INBOUND_MAC_FRAME_ETHERNET, interface, Direction.INBOUND, parse_ethernet(ethernet()))

    assert found[0] is None


@given(st.binary(max_size=40), st.sampled_from(LAYERS))
def test_every_value_fits_its_field(data, layer):
    for field, value in zip(layer.fields, values(data, layer), strict=True):
        if isinstance(value, bytes):
            assert len(value) * 8 == field.width_bits == 48
        elif value is not None:
            assert 0 <= value < 1 << field.width_bits
        assert format_value(field, value)


def test_the_ethernet_layers_have_metadata():
    header = parse_ethernet(ethernet(tags=((0x8100, 5),)))
    expected = LayerMetadata(
        current_metadata_values=0x02000000, current_l2_metadata_values=1, ethernet_mac_header_size=18, frame_length=64
    )

    assert [layer_metadata(layer, header, 64) for layer in LAYERS] == [expected] * 2 + [LayerMetadata()] * 2
    assert layer_metadata(LAYERS[0], header, 70_000).frame_length == 0xFFFF


def test_values_read_as_users_write_them():
    found = values(ethernet("ff:ff:ff:ff:ff:ff", tags=((0x8100, 0x6014),)))

    assert [format_value(field, value) for field, value in zip(ETHERNET_FIELDS, found, strict=True)] == [
        "02:00:00:00:00:01",
        "ff:ff:ff:ff:ff:ff",
        "02:00:00:00:00:02",
        "2",
        "0",
        "0x0800",
        "0x6014",
        str(LUID),
        "7",
        "0",
        "0x81",
        "1",
    ]
    assert [explain_value(field, value) for field, value in zip(ETHERNET_FIELDS, found, strict=True)] == [
        "unicast",
        "broadcast",
        "unicast",
        "broadcast",
        "unicast",
        "IPv4",
        "PCP 3, VID 20",
        "NetLuidIndex 7, ifType 6",
        "",
        "default port",
        "IS_NATIVE_ETHERNET | IF_CONNECTOR_PRESENT",
        "default compartment",
    ]
    assert [explain_value(field, value) for field, value in zip(NATIVE_FIELDS, (0, 14, LUID, 6), strict=False)] == [
        "NdisMedium802_3",
        "NdisPhysicalMedium802_3",
        "NetLuidIndex 7, ifType 6",
        "ETHERNET_CSMACD",
    ]


def test_an_empty_value_says_why():
    assert [format_value(ETHERNET_FIELDS[5], None), explain_value(ETHERNET_FIELDS[5], None)] == [
        "FWP_EMPTY",
        "the frame is too short",
    ]
    assert explain_value(ETHERNET_FIELDS[0], None) == "the address is not known"


def test_unnamed_bits_and_numbers_stay_visible():
    assert explain_value(ETHERNET_FIELDS[10], 0x1021) == "IS_NATIVE_ETHERNET | IS_MALFORMED_PACKET | 0x1000"
    assert explain_value(ETHERNET_FIELDS[10], 0) == "none set"
    assert explain_value(NATIVE_FIELDS[3], 4711) == ""


@pytest.mark.parametrize(
    ("tci", "text"), [(0, "no tag, or PCP 0, VID 0"), (0x6014, "PCP 3, VID 20"), (0xFFFF, "PCP 7, DEI, VID 4095")]
)
def test_a_tag_reads_in_words(tci, text):
    assert explain_tci(tci) == text


def test_enumerations_have_their_documented_numbers():
    assert (NDIS_MEDIUM[16], NDIS_MEDIUM[19], len(NDIS_MEDIUM)) == ("NdisMediumNative802_11", "NdisMediumIP", 20)
    assert (NDIS_PHYSICAL_MEDIUM[9], NDIS_PHYSICAL_MEDIUM[20], len(NDIS_PHYSICAL_MEDIUM)) == (
        "NdisPhysicalMediumNative802_11",
        "NdisPhysicalMediumNative802_15_4",
        21,
    )
    assert IF_TYPES[71] == "IEEE80211"
