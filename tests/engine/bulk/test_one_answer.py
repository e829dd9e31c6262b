"""The bulk path and the stepping path give one answer: verdict for verdict, count for count."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bulk.verdicts import OUTCOMES, STEPPED, BulkVerdicts, classify
from engine.frames.frame import Direction, Frame, Interface, MacAddress
from engine.report.summary import SummaryFold
from engine.report.verdicts import FrameVerdict, VerdictFold
from engine.trace import events as ev
from engine.wfp.layers import LAYERS, PATHS, Field, Layer
from engine.wfp.objects import Condition, FilterSpec, Weight
from engine.wfp.types import ActionType, DataType, FilterFlag, MatchType
from engine.wfp.values import RangeValue, Value
from tests.builders.engines import Bench, Run
from tests.builders.frame_classes import fold_frames
from tests.builders.frames import a_frame
from tests.builders.policies import a_sublayer_spec, guid

ADDRESSES = [bytes.fromhex(text) for text in (
    "020000000001", "020000000002", "ffffffffffff", "01005e0000fb", "000000000000", "fffffffffffe")]
TYPES = [0x0800, 0x0806, 0x86DD, 0x0026, 0x05FF, 0x0600, 0x8100, 0x88A8, 0x9100, 0xFFFF]
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
frames = st.lists(st.tuples(headers, st.sampled_from(list(Direction)), st.sampled_from(INTERFACES)), max_size=12).map(
    lambda rows: [a_frame(number, data, direction, interface=interface)
                  for number, (data, direction, interface) in enumerate(rows, 1)])


def values(field: Field) -> st.SearchStrategy[Value]:
    if field.type is DataType.FWP_BYTE_ARRAY6_TYPE:
        return st.sampled_from(ADDRESSES).map(lambda octets: Value(type=field.type, value=octets))
    top = 2**field.width_bits - 1
    numbers = (*TYPES, 0, 1, 2, 3, 5, 0x81, 0x82, 0xA1, 0x2005, 71, 16, 9, 6 << 48 | 1 << 24)
    known = [one for one in numbers if one <= top]
    return st.one_of(st.sampled_from(known), st.integers(0, top)).map(lambda one: Value(type=field.type, value=one))


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
def drawn_filters(draw: st.DrawFn) -> Drawn:
    layer = draw(st.sampled_from(LAYERS))
    fields = draw(st.lists(st.sampled_from(layer.fields), unique=True, max_size=3))
    conditions = [one for field in fields for one in draw(st.lists(conditions_on(field), min_size=1, max_size=3))]
    return Drawn(layer, tuple(conditions), draw(st.sampled_from(
        ["PERMIT", "BLOCK", "CONTINUE", "gone TERMINATING", "gone UNKNOWN", "gone INSPECTION", "there UNKNOWN"])),
        draw(st.booleans()), draw(st.booleans()), draw(st.integers(0, 2)), draw(st.integers(0, 3)))


class _Kept:
    def __init__(self) -> None:
        self._directory = TemporaryDirectory()
        self.path = Path(self._directory.name)


_kept = _Kept()


def a_bench(drawn: list[Drawn]) -> Bench:
    bench = Bench(_kept.path)
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


def stepped(run: Run) -> set[int]:
    """Frames for which a callout was called."""
    return {int(event.nbls[0].partition(".")[0]) for event in run.of(ev.CalloutEntered)}


def said_by_steps(run: Run, all_frames: list[Frame], left_out: set[int]) -> tuple[list[FrameVerdict], SummaryFold]:
    fold, summary = VerdictFold(run.engine.policy), SummaryFold(run.engine.policy)
    verdicts: list[FrameVerdict] = []
    for frame in all_frames:
        fold.expect(frame.number, frame.direction)
    for record in run.records:
        verdicts += fold.take(record)
        if record.frame not in left_out:
            summary.take(record)
    return [one for one in verdicts + fold.finish() if one.frame not in left_out], summary


def said_in_bulk(
    run: Run, found: BulkVerdicts, all_frames: list[Frame], of_frame: list[int]
) -> list[tuple[object, ...]]:
    policy = run.engine.policy
    told: list[tuple[object, ...]] = []
    for frame, number in zip(all_frames, of_frame, strict=True):
        if found.outcome[number] == STEPPED:
            continue
        path = found.paths[frame.direction]
        (place,) = np.flatnonzero(path.ids == number)
        layers = []
        for layer, verdicts in zip(PATHS[frame.direction], (path.first, path.second), strict=True):
            id_ = int(verdicts.decided_by[place])
            blocked = bool(verdicts.blocked[place])
            layers.append((layer.name, "FWP_ACTION_BLOCK" if blocked else "FWP_ACTION_PERMIT",
                           bool(verdicts.hard[place]), policy.filter_by_id[id_].key if id_ else None))
            if blocked:
                break
        told.append((frame.number, OUTCOMES[found.outcome[number]], tuple(layers)))
    return told


@settings(max_examples=120, deadline=None)
@given(st.lists(drawn_filters(), max_size=7), frames)
def test_bulk_and_steps_agree_on_every_frame_and_every_count(drawn: list[Drawn], all_frames: list[Frame]) -> None:
    run = a_bench(drawn).run(*all_frames, duplicate_conditions="and")
    policy = run.engine.policy
    registered = {event.callout for event in run.of(ev.CalloutRegistered)}
    classes, of_frame = fold_frames(all_frames)
    counts = np.bincount(of_frame, minlength=len(classes)).astype(np.int64)

    found = classify(policy, registered, classes, counts)

    called = stepped(run)
    assert {frame.number for frame, number in zip(all_frames, of_frame, strict=True)
            if found.outcome[number] == STEPPED} == called
    verdicts, summary = said_by_steps(run, all_frames, called)
    assert said_in_bulk(run, found, all_frames, of_frame.tolist()) == [
        (one.frame, one.outcome, tuple((at.layer, at.action, at.hard, at.filter) for at in one.layers))
        for one in verdicts]
    assert {id_: (one.matched, one.decided) for id_, one in found.filters.items() if one.matched} == {
        id_: (one.matched, one.decided) for id_, one in summary.filters.items() if one.matched}
    assert {id_: (one.classified, one.permit, one.block) for id_, one in found.layers.items()} == {
        id_: (one.classified, one.permit, one.block) for id_, one in summary.layers.items()}
