"""Policies and frames for properties: whatever a policy may hold, and headers that its conditions are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from engine.frames.frame import Direction, Frame, Interface, MacAddress
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, LAYERS, OUTBOUND_MAC_FRAME_ETHERNET, Field, Layer
from engine.wfp.objects import Condition, FilterSpec, Weight
from engine.wfp.types import ActionType, DataType, FilterFlag, MatchType
from engine.wfp.values import RangeValue, Value
from tests.builders.engines import Bench
from tests.builders.frames import a_frame
from tests.builders.policies import a_sublayer_spec, guid

ADDRESSES = [bytes.fromhex(text) for text in (
    "020000000001", "020000000002", "ffffffffffff", "01005e0000fb", "000000000000", "fffffffffffe")]
TYPES = [0x0800, 0x0806, 0x86DD, 0x0026, 0x05FF, 0x0600, 0x8100, 0x88A8, 0x9100, 0xFFFF]
KNOWN = {
    "ETHER_TYPE": (*TYPES, 5), "VLAN_ID": (0, 5, 0x2005, *TYPES),
    "MAC_LOCAL_ADDRESS_TYPE": (0, 1, 2), "MAC_REMOTE_ADDRESS_TYPE": (0, 1, 2),
}
MARK = {MatchType.FWP_MATCH_EQUAL, MatchType.FWP_MATCH_NOT_EQUAL}
NUMERIC = [one for one in MatchType if one.name not in {
    "FWP_MATCH_EQUAL_CASE_INSENSITIVE", "FWP_MATCH_PREFIX", "FWP_MATCH_NOT_PREFIX", "FWP_MATCH_TYPE_MAX"}]
INTERFACES = [
    Interface(id=0, name="eth0", mac=MacAddress(ADDRESSES[0]), link_type=1, index=1),
    Interface(id=1, name="eth1", mac=None, link_type=1, index=2, ndis_port=3, l2_flags=0x82, if_type=71,
              physical_medium=9),
]  # fmt: skip

headers = st.one_of(
    st.binary(max_size=30),
    st.builds(
        lambda destination, source, words, tail: destination + source + b"".join(words) + tail,
        st.sampled_from(ADDRESSES), st.sampled_from(ADDRESSES),
        st.lists(st.one_of(st.sampled_from(TYPES), st.sampled_from([0, 5, 0x2005, 0xAAAA, 0x0300])).map(
            lambda word: word.to_bytes(2, "big")), max_size=6),
        st.one_of(st.binary(max_size=4), st.just(b"\xaa\xaa\x03\0\0\0\x08\x06"), st.just(bytes(50))),
    ),
)


def drawn_frames(least: int = 0, most: int = 12) -> st.SearchStrategy[list[Frame]]:
    """Numbered from 1."""
    rows = st.lists(st.tuples(headers, st.sampled_from(list(Direction)), st.sampled_from(INTERFACES)), min_size=least,
                    max_size=most)
    return rows.map(lambda rows: [a_frame(number, data, direction, interface=interface)
                                  for number, (data, direction, interface) in enumerate(rows, 1)])


def values(field: Field) -> st.SearchStrategy[Value]:
    """Mostly those that frames have."""
    if field.type is DataType.FWP_BYTE_ARRAY6_TYPE:
        return st.sampled_from(ADDRESSES).map(lambda octets: Value(type=field.type, value=octets))
    top = 2**field.width_bits - 1
    numbers = KNOWN.get(field.name, (0, 1, 2, 3, 71, 16, 9, 6, 14, 0x81, 0x82, 0xA1, 6 << 48 | 1 << 24))
    known = st.sampled_from([one for one in numbers if one <= top])
    drawn = st.integers(0, 7).flatmap(lambda place: st.integers(0, top) if place == 0 else known)
    return drawn.map(lambda one: Value(type=field.type, value=one))


@st.composite
def conditions_on(draw: st.DrawFn, field: Field) -> Condition:
    matches = sorted(MARK) if field.type is DataType.FWP_BYTE_ARRAY6_TYPE else NUMERIC
    match = draw(st.sampled_from(matches))
    value: Value | RangeValue = draw(values(field))
    if match is MatchType.FWP_MATCH_RANGE:
        ends = sorted((draw(values(field)), draw(values(field))), key=lambda one: one.value)
        value = RangeValue(low=ends[0], high=ends[1])
    return Condition(field=field.condition_name, match=match, value=value)


@dataclass
class Drawn:
    """A filter's members before its sublayer and callout are known."""

    layer: Layer
    conditions: tuple[Condition, ...]
    action: str
    clears: bool
    permits: bool
    sublayer: int
    weight: int


@st.composite
def drawn_filters(draw: st.DrawFn, layers: Sequence[Layer] = LAYERS, most_fields: int = 3) -> Drawn:
    layer = draw(st.sampled_from(layers))
    fields = draw(st.lists(st.sampled_from(layer.fields), unique=True, max_size=most_fields))
    conditions = [one for field in fields for one in draw(st.lists(conditions_on(field), min_size=1, max_size=3))]
    return Drawn(layer, tuple(conditions), draw(st.sampled_from(
        ["PERMIT", "BLOCK", "CONTINUE", "gone TERMINATING", "gone UNKNOWN", "gone INSPECTION", "there UNKNOWN"])),
        draw(st.booleans()), draw(st.booleans()), draw(st.integers(0, 2)), draw(st.integers(0, 3)))


def a_bench(folder: Path, drawn: list[Drawn]) -> Bench:
    """Policy and callouts as drawn; `folder` is for the scripts."""
    bench = Bench(folder)
    bench.driver("""\
        def classify(self, fwps, values, meta, layer_data, context, filter, flow, out):
            out.continue_()
        """)
    bench.add(*(a_sublayer_spec(f"sublayer {n}", weight=100 + n, key=guid(900 + n)) for n in range(3)))
    for number, one in enumerate(drawn):
        callout = None
        kind = one.action.split()[-1]
        flags = FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT if one.clears else FilterFlag(0)
        if " " in one.action:
            registered = one.action.startswith("there")
            callout = guid(100 + number)
            bench.callout(f"callout {number}", one.layer, key=callout, registered=registered)
            kind = f"CALLOUT_{kind}"
            if one.permits and kind != "CALLOUT_INSPECTION":
                flags |= FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED
        bench.add(FilterSpec(
            name=f"filter {number}", layer=one.layer.name, action=ActionType[f"FWP_ACTION_{kind}"], callout=callout,
            conditions=one.conditions, flags=flags, sublayer=guid(900 + one.sublayer),
            weight=Weight(type=DataType.FWP_UINT64, value=one.weight)))
    return bench


@dataclass(frozen=True)
class Scene:
    """A policy and the frames that it meets; says no more of itself than that, as it is large."""

    policy: list[Drawn] = field(repr=False)
    frames: list[Frame] = field(repr=False)


@st.composite
def crowded_scenes(draw: st.DrawFn) -> Scene:
    """Many filters with few conditions at few layers, and many frames: sublayers disagree in most of them."""
    filters = drawn_filters((INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET), 1)
    return Scene(draw(st.lists(filters, min_size=6, max_size=9)), draw(drawn_frames(12, 20)))
