"""What would turn a frame's outcome: every proposal is one change, and the engine says that it works."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.classify.options import EngineOptions
from engine.report.explain import turn as explain_turn
from engine.report.explain.trial import Subject
from engine.report.explain.turn import MOST_TRIALS, Turn, turning
from engine.report.policy_changes import changes_for
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.types import ActionType, FilterFlag
from engine.wfp.validation import key_of
from tests.builders.drawn_policies import Drawn, a_bench, drawn_filters, drawn_frames
from tests.builders.engines import Bench
from tests.builders.frames import ARP, IPV4, PEER, received, sent
from tests.builders.policies import a_callout, a_sublayer_spec, block, calls, ether_type, permit

CLEAR = FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT
IN, OUT = INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET
HIGH, LOW = a_sublayer_spec("high", 50_000), a_sublayer_spec("low", 100)


def turn_of(document: PolicyDocument, frame=None, recorded=None, lead=(), **members) -> Turn:
    subject = Subject(frame=frame or received(1, ARP), document=document, options=EngineOptions(), seed=1, **members)
    search = turning(subject, recorded, lead)
    while True:
        try:
            next(search)
        except StopIteration as end:
            return end.value


def a_document(*filters, sublayers=(), **members) -> PolicyDocument:
    return PolicyDocument(filters=filters, sublayers=sublayers, **members)


def texts(turn: Turn) -> list[tuple[str, str]]:
    return [(one.text, one.then) for one in turn.proposals]


def test_a_blocked_frame_passes_without_the_filter_or_when_it_permits_or_when_it_leaves_this_frame_out():
    turn = turn_of(a_document(block("no ARP", ether_type(ARP))))

    assert texts(turn) == [
        ("Disable “no ARP”", "delivered: no filter decides"),
        ("Let “no ARP” permit", "delivered: “no ARP” permits at layer 56"),
        (f"Narrow “no ARP”: not where MAC_REMOTE_ADDRESS is {PEER}", "delivered: the default of layer 56 permits"),
    ]
    assert (turn.outcome, turn.wish, turn.hindrance, turn.beyond) == ("blocked", "pass", "", "")


def test_a_lighter_permit_of_the_same_sublayer_may_be_made_heavier():
    turn = turn_of(a_document(block("no ARP", ether_type(ARP), weight=7), permit("all", weight=3)))

    assert ("Give “all” a weight above “no ARP”", "delivered: “all” permits at layer 56") in texts(turn)


def test_a_soft_permit_above_may_be_made_hard():
    soft = permit("all", sublayer=key_of(HIGH))
    hard_block = block("no ARP", ether_type(ARP), sublayer=key_of(LOW))

    turn = turn_of(a_document(soft, hard_block, sublayers=(HIGH, LOW)))

    assert ("Give “all” CLEAR_ACTION_RIGHT", "delivered: “all” permits at layer 56") in texts(turn)


def test_a_hard_permit_may_be_moved_before_the_block():
    hard = permit("all", sublayer=key_of(LOW), flags=CLEAR)
    blocking = block("no ARP", ether_type(ARP))

    turn = turn_of(a_document(hard, blocking, sublayers=(HIGH, LOW)))

    assert ("Move “all” to sublayer “high”", "delivered: “all” permits at layer 56") in texts(turn)


def test_a_heavier_permit_that_misses_by_one_condition_may_be_widened():
    turn = turn_of(a_document(permit("IPv4", ether_type(IPV4), weight=9), block("rest", weight=1)))

    assert ("Widen “IPv4”: ETHER_TYPE 0x0806 as well", "delivered: “IPv4” permits at layer 56") in texts(turn)


def test_a_disabled_filter_that_would_count_may_be_enabled():
    turn = turn_of(a_document(permit("all", weight=1), block("no ARP", ether_type(ARP), weight=9, enabled=False)))

    assert texts(turn)[0] == ("Enable “no ARP”", "blocked: “no ARP” blocks at layer 56")
    assert turn.wish == "be blocked"


def test_a_plain_block_below_a_hard_permit_becomes_a_veto_or_the_permit_becomes_soft():
    hard = permit("all", sublayer=key_of(HIGH), flags=CLEAR)
    blocking = block("no ARP", ether_type(ARP), sublayer=key_of(LOW))

    turn = turn_of(a_document(hard, blocking, sublayers=(HIGH, LOW)))

    assert texts(turn)[:3] == [
        ("Disable “all”", "blocked: “no ARP” blocks at layer 56"),
        ("Take CLEAR_ACTION_RIGHT from “all”", "blocked: “no ARP” blocks at layer 56"),
        ("Give “no ARP” CLEAR_ACTION_RIGHT", "blocked: “no ARP” blocks at layer 56"),
    ]


def test_a_filter_whose_callout_nobody_registers_may_permit_meanwhile():
    gone = a_callout("gone", registered=False)
    document = a_document(calls(gone, "inspect"), callouts=(gone,))

    turn = turn_of(document)

    assert ("Give “inspect” PERMIT_IF_CALLOUT_UNREGISTERED", "delivered: “inspect” permits at layer 56") in texts(turn)


def test_near_changes_that_do_not_help_are_told_with_what_decides_then():
    turn = turn_of(a_document(block("no ARP", ether_type(ARP), weight=9), block("rest", weight=1)))

    assert [(one.text, one.then) for one in turn.in_vain][:1] == [
        ("Disable “no ARP”", "blocked: “rest” blocks at layer 56")]


def test_what_the_layer_behind_would_have_said_is_told():
    native = block("no native", layer=INBOUND_MAC_FRAME_NATIVE)

    assert turn_of(a_document(native, permit("LAN"))).beyond == "“LAN” permits at layer 56"
    assert turn_of(a_document(native)).beyond == "layer 56 has no filter and lets it pass"


def test_a_frame_that_nobody_has_decided_about_has_no_proposals():
    turn = turn_of(a_document())

    assert (turn.proposals, turn.hindrance) == ((), explain_turn.UNDECIDED)


def test_a_callout_that_remembers_is_run_behind_the_frames_before(tmp_path):
    bench = Bench(tmp_path)
    bench.driver("""\
        count = 0

        def classify(self, fwps, values, meta, layer_data, context, filter, flow, out):
            self.count += 1
            if self.count < 3:
                out.permit()
            else:
                out.block(hard=True)
        """)
    counted = bench.calls("third", IN, ether_type(ARP))
    lead = [received(1, ARP), received(2, ARP)]
    recorded = ("blocked", key_of(counted))

    behind = turn_of(bench.document(), received(3, ARP), recorded, lead)
    alone = turn_of(bench.document(), received(3, ARP), recorded)

    assert texts(behind)[0] == ("Disable “third”", "delivered: no filter decides")
    assert alone.proposals == ()
    assert alone.hindrance.startswith("Run by itself this frame ends delivered, not blocked: ")


def test_an_absorbed_frame_is_let_through(tmp_path):
    bench = Bench(tmp_path)
    bench.driver("""\
        def classify(self, fwps, values, meta, layer_data, context, filter, flow, out):
            out.absorb()
        """)
    bench.calls("eater", OUT)

    turn = turn_of(bench.document(), sent(1, ARP))

    assert (turn.outcome, texts(turn)[0]) == ("absorbed", ("Disable “eater”", "sent: no filter decides"))


def test_a_policy_that_cannot_run_is_said_and_not_raised():
    gone = a_callout("mine")
    turn = turn_of(a_document(calls(gone, "calls"), callouts=(gone,), path=Path("nowhere/policy.json")))

    assert "callout.py" in turn.hindrance


def changed_objects(one: PolicyDocument, other: PolicyDocument) -> int:
    pairs = ((one.filters, other.filters), (one.callouts, other.callouts), (one.sublayers, other.sublayers))
    return sum(before != after for old, new in pairs for before, after in zip(old, new, strict=True))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(drawn_filters(), min_size=1, max_size=6), drawn_frames())
def test_every_proposal_is_one_change_that_turns_the_outcome(drawn: list[Drawn], frames):
    with tempfile.TemporaryDirectory() as folder:
        document = a_bench(Path(folder), drawn).document({"duplicate_conditions": "and"})
        options = EngineOptions().with_all(document.options)
        for frame in frames[:2]:
            subject = Subject(frame=frame, document=document, options=options, seed=1)
            search, turn = turning(subject, None), None
            while turn is None:
                try:
                    next(search)
                except StopIteration as end:
                    turn = end.value
            assert turn.trials <= MOST_TRIALS
            for proposal in turn.proposals:
                assert changed_objects(document, proposal.document) == 1
                after = subject.run(proposal.document).outcome
                assert (after in ("delivered", "sent")) is (turn.wish == "pass"), proposal.text


def test_changes_keep_keys_and_touch_nothing_else():
    document = a_document(block("no ARP", ether_type(ARP)), permit("all"))
    subject = Subject(frame=received(1, ARP), document=document, options=EngineOptions(), seed=1)

    for change in changes_for(document, subject.run(document)):
        assert [key_of(one) for one in change.document.filters] == [key_of(one) for one in document.filters]


def test_a_callout_filter_that_is_let_permit_calls_nobody():
    gone = a_callout("gone", registered=False)
    flags = FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED
    document = a_document(msgspec.structs.replace(calls(gone, "inspect"), flags=flags), callouts=(gone,))
    subject = Subject(frame=received(1, ARP), document=document, options=EngineOptions(), seed=1)

    change = next(one for one in changes_for(document, subject.run(document)) if one.text == "Let “inspect” block")

    found = change.document.filters[0]
    assert (found.action, found.callout, found.flags) == (ActionType.FWP_ACTION_BLOCK, None, FilterFlag(0))
