"""Every kind of event is explained, and the words fit what the trace holds."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ndis.snapshot import MemoryId, NblId
from engine.report.explain.explanation import Evidence, SourceNote, chosen, documented, escape, listing, plain, spans
from engine.report.explain.moment import EXPLAINERS, explain, explain_frame, explain_story
from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.wfp.types import FilterId, Guid

KINDS: tuple[type[Any], ...] = get_args(ev.TraceEvent)
SUBLAYER = Guid("{eebecc03-ced4-4380-819a-2734397b2b74}")


def sample_value(field: msgspec.inspect.Field) -> Any:
    """Something of the field's type, so that each event can be made without naming its members."""
    match field.type:
        case msgspec.inspect.BoolType():
            return True
        case msgspec.inspect.IntType():
            return 56
        case msgspec.inspect.StrType():
            return "a*b`c\\d"
        case msgspec.inspect.BytesType():
            return b"\x01\x02"
        case msgspec.inspect.DictType():
            return {}
        case msgspec.inspect.VarTupleType(item_type=msgspec.inspect.IntType()):
            return (0,)
        case msgspec.inspect.VarTupleType(item_type=msgspec.inspect.StrType()):
            return ("12.0", "12.1")
        case msgspec.inspect.VarTupleType():
            return ()
        case msgspec.inspect.UnionType(includes_none=True):
            return None
    raise AssertionError(field)


def sample(kind: type[Any]) -> Any:
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return kind(**{field.name: sample_value(field) for field in info.fields if field.required})


def trace_of(*events: Any, frame: int = 12) -> Trace:
    trace = Trace()
    for event in events:
        trace.append(event, frame, 0, 0)
    return trace


def test_every_kind_of_event_has_an_explainer_and_no_other():
    assert set(EXPLAINERS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_explanation_has_a_heading_a_few_paragraphs_and_a_source(kind):
    found = explain(trace_of(sample(kind)), 0)

    assert found.heading
    assert 1 <= len(found.paragraphs) <= 3
    assert found.sources
    for paragraph in found.paragraphs:
        assert "**" not in plain(paragraph), "a mark is left open or stands in a name"
        assert paragraph.strip() == paragraph
        assert "  " not in paragraph


def test_a_filter_that_does_not_match_says_so_without_a_policy():
    trace = trace_of(ev.FilterTested(FilterId(65540), failed=(0,), field=5, seen=0x0800))

    found = explain(trace, 0)

    assert found.heading == "Filter 65540 (0x10004) does not match"
    assert found.paragraphs[0] == "A condition failed: the frame has `2048`."


def test_an_accepted_injection_is_not_yet_done():
    accepted = ev.InjectAccepted(
        injection=7, function="FwpsInjectMacSendAsync0", layer=57, nbls=(NblId("12.1"),), driver="mac_rewrite",
        line="mac_rewrite.py:41")  # fmt: skip

    found = explain(trace_of(accepted), 0)

    assert found.heading == "The engine accepted 12.1 for sending"
    assert "**Accepted is not done**" in found.paragraphs[0]
    assert found.sources == (
        documented("FwpsInjectMacSendAsync0, FWPS_INJECT_COMPLETE0"),
        chosen("CH-24", "the frame re-enters at the layer named in the call"),
    )
    assert [one.chip for one in found.sources] == ["DOCUMENTED", "CHOSEN CH-24"]


def classification() -> list[Any]:
    """A soft permit in a higher sublayer, overridden by a hard block below."""
    permit, block = FilterId(1), FilterId(2)
    lower = Guid("{877519e1-e6a9-41a5-81b4-8c4f118e4a60}")
    entered = ev.FrameEntered(
        12, "inbound", 7, 0, 60, 1, 0, {MemoryId("12:0"): b""})  # fmt: skip
    return [
        entered,
        ev.ClassifyBegan(56, (NblId("12.0"),), (), {}),
        ev.SublayerEntered(SUBLAYER, rights=True),
        ev.FilterTested(permit),
        ev.FilterDecided(permit, "FWP_ACTION_PERMIT", hard=False, absorb=False),
        ev.SublayerDecided(SUBLAYER, "FWP_ACTION_PERMIT", permit),
        ev.ActionArbitrated(
            SUBLAYER, "FWP_ACTION_CONTINUE", False, "FWP_ACTION_PERMIT", False, "first decision", permit, None, False),
        ev.SublayerEntered(lower, rights=True),
        ev.FilterTested(block),
        ev.FilterDecided(block, "FWP_ACTION_BLOCK", hard=True, absorb=False),
        ev.SublayerDecided(lower, "FWP_ACTION_BLOCK", block),
        ev.ActionArbitrated(
            lower, "FWP_ACTION_PERMIT", False, "FWP_ACTION_BLOCK", True, "soft permit overridden", block, permit,
            False),
        ev.ClassifyEnded(56, (NblId("12.0"),), "FWP_ACTION_BLOCK", True, block, False, False),
    ]  # fmt: skip


def test_the_verdict_names_who_decided_and_who_was_overridden_by_which_rule():
    trace = trace_of(*classification())

    found = explain(trace, len(trace) - 1)

    assert found.heading == "12.0 is blocked at layer 56 by filter 2 (0x2)"
    assert found.paragraphs == (
        "Hard verdict of **filter 2 (0x2)**.",
        "Overridden: **filter 1 (0x1)** (soft permit overridden).",
        "**Next:** a drop event is recorded and the frame goes back to the miniport. No further layer sees it.",
    )


def test_an_arbitration_says_from_what_to_what_and_what_may_still_change():
    trace = trace_of(*classification())

    first, second = explain(trace, 6), explain(trace, 11)

    assert (first.heading, second.heading) == (
        "The verdict goes from undecided to soft PERMIT", "The verdict goes from soft PERMIT to hard BLOCK")
    assert first.paragraphs[-1] == "**Next:** a lower sublayer may still block."
    assert second.paragraphs[-1] == "**Next:** lower sublayers are still evaluated, but no lower sublayer can undo it."


def test_the_layers_default_is_a_choice():
    ended = ev.ClassifyEnded(56, (NblId("12.0"),), "FWP_ACTION_PERMIT", False, None, False, False)

    found = explain(trace_of(ended), 0)

    assert found.heading == "12.0 is permitted at layer 56 by the layer's default"
    assert SourceNote(Evidence.CHOSEN, "no filter decides: PERMIT", "C3") in found.sources


def test_the_story_of_a_frame_is_told_as_far_as_it_has_come():
    trace = trace_of(*classification(), ev.FrameFinished(12, "blocked"))

    middle, end = explain_story(trace, trace.of_frame(12)[:3], 12), explain_frame(trace, 12)

    assert middle is not None
    assert end is not None
    assert (middle.heading, middle.paragraphs) == (
        "Frame 12: on its way", ("An inbound frame of 60 bytes. No layer has decided yet.",))
    assert (end.heading, end.paragraphs) == (
        "Frame 12: blocked",
        (
            "An inbound frame of 60 bytes. Verdicts so far: 12.0 blocked at 56 by **filter 2 (0x2)**.",
            "Overridden: **filter 1 (0x1)** (soft permit overridden).",
        ),
    )
    assert explain_frame(trace, 13) is None


@given(st.text())
def test_a_users_own_words_never_become_marks(text):
    assert plain(escape(text)) == text
    assert plain(f"**{escape(text)}** `{escape(text)}`") == f"{text} {text}"


def test_a_paragraph_is_taken_apart_into_styles():
    assert spans("a **b** `c` d") == [("a ", "plain"), ("b", "strong"), (" ", "plain"), ("c", "code"), (" d", "plain")]


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), (["1"], "1"), (["1", "2"], "1 and 2"), (list("123456"), "1, 2, 3, 4 and 2 more")],
)
def test_a_list_is_cut_after_four(items, text):
    assert listing(items) == text
