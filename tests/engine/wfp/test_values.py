"""Condition values and their spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.wfp.builtin import BUILTIN_SUBLAYERS, UNIVERSAL, builtin_sublayer_key, builtin_sublayer_name
from engine.wfp.fwp_errors import WfpError
from engine.wfp.guids import derived_key, parse_guid
from engine.wfp.types import DataType
from engine.wfp.values import FIELD_TYPES, WIDTHS_BITS, Value, format_form, out_of_bounds, parse_value


@pytest.mark.parametrize("form", ["", "0x", "1e3", "1.0", "٣", "0x0806 x", None, True, [], {}, 1.0, "9" * 65])
def test_what_is_not_a_whole_number_is_not_taken_for_one(form):
    with pytest.raises(WfpError, match=r"FWP_E_TYPE_MISMATCH 0x80320027: .* is not a whole number"):
        parse_value(DataType.FWP_UINT32, form)


@pytest.mark.parametrize(
    "form", ["", "02:00:00:00:00", "02:00:00:00:00:01:02", "0200.0000.0001", 2, "02:00:00-00:00:01"]
)
def test_what_is_not_a_mac_address_is_not_taken_for_one(form):
    with pytest.raises(WfpError, match="is not a MAC address"):
        parse_value(DataType.FWP_BYTE_ARRAY6_TYPE, form)


@pytest.mark.parametrize("type_", DataType)
def test_every_data_type_is_known_and_those_of_no_field_keep_their_text(type_):
    form = "02:00:00:00:00:01" if type_ is DataType.FWP_BYTE_ARRAY6_TYPE else "7"
    value = parse_value(type_, form)

    assert str(format_form(value)) == form
    assert isinstance(value.value, int) == (type_ in WIDTHS_BITS or type_.name.startswith("FWP_INT"))


@given(st.sampled_from(sorted(WIDTHS_BITS)), st.integers(-(2**65), 2**65), st.booleans())
def test_a_number_reads_back_as_it_was_written(type_, number, as_hex):
    value = Value(type=type_, value=number)

    assert parse_value(type_, format_form(value, as_hex=as_hex)) == value
    assert (out_of_bounds(value) is None) == (0 <= number < 2 ** WIDTHS_BITS[type_])


@given(st.binary(min_size=6, max_size=6))
def test_a_mac_address_reads_back_as_it_was_written(octets):
    value = Value(type=DataType.FWP_BYTE_ARRAY6_TYPE, value=octets)

    assert parse_value(value.type, format_form(value)) == value


def test_the_field_types_are_the_five_of_the_reference():
    assert {one.name for one in FIELD_TYPES} == {
        "FWP_UINT8", "FWP_UINT16", "FWP_UINT32", "FWP_UINT64", "FWP_BYTE_ARRAY6_TYPE"
    }  # fmt: skip


def test_guids_have_one_spelling_and_names_give_the_same_key_every_time():
    assert parse_guid("EEBECC03-CED4-4380-819A-2734397B2B74") == UNIVERSAL == parse_guid(UNIVERSAL)
    assert parse_guid("eebecc03") is None
    assert derived_key("filter", "no ARP") == "{a0fb8625-34ac-59f7-a9dd-d9149d1c85a2}"
    assert derived_key("filter", "a") != derived_key("sublayer", "a")


def test_built_in_sublayers_are_found_by_name_and_named_by_key():
    assert builtin_sublayer_key("FWPM_SUBLAYER_UNIVERSAL") == UNIVERSAL
    assert builtin_sublayer_key("FWPM_SUBLAYER_EDGE_TRAVERSAL") == builtin_sublayer_key("FWPM_SUBLAYER_TEREDO")
    assert [builtin_sublayer_name(one.key) for one in BUILTIN_SUBLAYERS] == [one.name for one in BUILTIN_SUBLAYERS]
    assert [one.weight for one in BUILTIN_SUBLAYERS] == sorted({one.weight for one in BUILTIN_SUBLAYERS}, reverse=True)
