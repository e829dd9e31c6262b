"""Two policies over the same frames by the stepping path, read as the bulk path's answers are."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bulk.fates import Fate, FateTable
from engine.bulk.frame_classes import classes_of
from engine.bulk.whatif import WhatIf, finished
from engine.classify.options import EngineOptions
from engine.errors import PolicyError
from engine.report.stepped_difference import Run, SteppedDifference, stepped_difference
from engine.wfp.apply import apply_document
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET
from engine.wfp.store import PolicyStore
from engine.wfp.validation import key_of
from tests.builders.drawn_policies import Drawn, a_bench, drawn_filters, drawn_frames
from tests.builders.engines import Bench
from tests.builders.frames import ARP, IPV4, received
from tests.builders.policies import block, ether_type

IN = INBOUND_MAC_FRAME_ETHERNET.name


def difference_of(old: PolicyDocument, new: PolicyDocument, frames) -> SteppedDifference:
    table = FateTable()
    sides = [finished(Run(document=one, options=EngineOptions(), seed=1).outcomes(frames, table)) for one in (old, new)]
    return stepped_difference(*sides, table)


def test_frames_are_grouped_by_their_fates_and_found_again():
    frames = [received(number, ARP if number % 2 else IPV4) for number in range(1, 6)]
    no_arp = block("no ARP", ether_type(ARP))

    found = difference_of(PolicyDocument(), PolicyDocument(filters=(no_arp,)), frames)

    (change,) = found.changes
    assert (change.old, change.new) == (Fate("delivered", IN), Fate("blocked", IN, key_of(no_arp)))
    assert (change.frames, change.exemplar, found.outcomes, found.frames, found.unsettled) == (3, 1, 3, 3, 0)
    assert [piece.tolist() for piece in found.changed_frames(change, first=2)] == [[3, 5]]
    assert found.fate(2) == (Fate("delivered", IN), Fate("delivered", IN))
    assert list(found.stepped_frames()) == []


def test_what_a_callout_remembers_counts(tmp_path):
    bench = Bench(tmp_path)
    bench.driver("""\
        count = 0

        def classify(self, fwps, values, meta, layer_data, context, filter, flow, out):
            self.count += 1
            out.permit() if self.count < 3 else out.block(hard=True)
        """)
    counted = bench.calls("third", INBOUND_MAC_FRAME_ETHERNET, ether_type(ARP))

    found = difference_of(PolicyDocument(), bench.document(), [received(number, ARP) for number in range(1, 5)])

    blocked = [one for one in found.changes if one.new == Fate("blocked", IN, key_of(counted))]
    assert [piece.tolist() for piece in found.changed_frames(blocked[0])] == [[3, 4]]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(drawn_filters(), max_size=5), st.lists(drawn_filters(), max_size=5), drawn_frames())
def test_where_no_callout_is_reached_both_paths_name_the_same_outcomes(
    old: list[Drawn], new: list[Drawn], frames
):
    documents = []
    for drawn in (old, new):
        with tempfile.TemporaryDirectory() as folder:
            plain = [one for one in drawn if not one.action.startswith("there")]
            documents.append(a_bench(Path(folder), plain).document())
    try:
        policies = [apply_document(PolicyStore(), one) for one in documents]
    except PolicyError:
        return  # what Windows would refuse is not compared
    stepped = difference_of(*documents, frames)
    what_if = WhatIf(classes_of(frames))
    bulk = finished(what_if.difference(*[finished(what_if.outcomes(one, frozenset())) for one in policies]))

    for frame in frames:
        pairs = [fate.outcome for fate in bulk.fate(frame.number)]
        assert pairs == [fate.outcome for fate in stepped.fate(frame.number)]
