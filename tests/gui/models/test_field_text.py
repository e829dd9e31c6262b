"""What is typed for a condition's value, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.wfp.fwp_errors import WfpError
from engine.wfp.layers import ETHERNET_FIELDS, NATIVE_FIELDS
from engine.wfp.types import DataType
from gui.models.policy.field_text import completions, parse_text, value_text

FIELDS = {field.name: field for field in (*ETHERNET_FIELDS, *NATIVE_FIELDS)}


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("ETHER_TYPE", "ARP", 0x0806),
        ("ETHER_TYPE", " arp ", 0x0806),
        ("ETHER_TYPE", "0x0806 ARP", 0x0806),
        ("ETHER_TYPE", "2054", 0x0806),
        ("VLAN_ID", "0x6014", 0x6014),
        ("MAC_REMOTE_ADDRESS", "02-00-00-00-00-01", bytes.fromhex("020000000001")),
        ("MAC_REMOTE_ADDRESS_TYPE", "broadcast", 2),
        ("MAC_REMOTE_ADDRESS_TYPE", "0 unicast", 0),
        ("L2_FLAGS", "IS_WIFI | IF_CONNECTOR_PRESENT", 0x82),
        ("L2_FLAGS", "FWP_CONDITION_L2_IS_WIFI, 0x80", 0x82),
        ("L2_FLAGS", "0x82", 0x82),
        ("INTERFACE_TYPE", "6 ETHERNET_CSMACD", 6),
        ("NDIS_MEDIA_TYPE", "NdisMedium802_3", 0),
    ],
)
def test_numbers_names_and_addresses_are_read(field, text, value):
    assert parse_text(FIELDS[field], text, "$").value == value


@pytest.mark.parametrize(
    ("field", "text"), [("ETHER_TYPE", "ARPA"), ("ETHER_TYPE", ""), ("MAC_LOCAL_ADDRESS", "02:00"), ("L2_FLAGS", "X|1")]
)
def test_what_is_neither_is_a_type_mismatch(field, text):
    with pytest.raises(WfpError, match="FWP_E_TYPE_MISMATCH 0x80320027"):
        parse_text(FIELDS[field], text, "$")


@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_every_value_is_read_back_from_its_text(name, data):
    field = FIELDS[name]
    if field.type is DataType.FWP_BYTE_ARRAY6_TYPE:
        value = data.draw(st.binary(min_size=6, max_size=6))
    else:
        value = data.draw(st.integers(0, 2**field.width_bits - 1))

    assert parse_text(field, value_text(field, value), "$").value == value


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_everything_that_is_offered_can_be_read(name):
    field = FIELDS[name]

    for text in completions(field):
        assert parse_text(field, text, "$").type is field.type
