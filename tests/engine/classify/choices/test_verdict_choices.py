"""How classifyOut is read and verdicts fold, where the model has chosen: each other choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE
from engine.wfp.types import ActionType, FilterFlag
from tests.builders import policies
from tests.builders.engines import HEAD, INSPECTION, TERMINATING, UNKNOWN, VERDICTS, Bench, Run
from tests.builders.frames import received
from tests.builders.injections import injecting

CLEAR = FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT
PERMIT_IF = FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED


def stacked(folder: Path, *members: Any, **options: Any) -> Run:
    """A sublayer for each member, the first the heaviest.

    `"PERMIT+C"` is a plain filter, a dict the configuration of a callout that answers so; its `kind` is the action.
    """
    bench = Bench(folder)
    bench.script(VERDICTS)
    for place, member in enumerate(members):
        name = "ABCD"[place]
        sublayer = policies.a_sublayer_spec(name, weight=1000 - place)
        bench.add(sublayer)
        key = policies.key_of(sublayer)
        if isinstance(member, str):
            action, _, clear = member.partition("+")
            bench.add(policies.a_filter(
                name, action=ActionType[f"FWP_ACTION_{action}"], layer=INBOUND_MAC_FRAME_NATIVE, sublayer=key,
                flags=CLEAR if clear else FilterFlag(0)))
        else:
            bench.calls(name, class_="Says", sublayer=key, action=member.get("kind", UNKNOWN),
                        config={key: value for key, value in member.items() if key != "kind"})
    return bench.run(received(), **options)


def verdict(run: Run) -> tuple[str, bool, str]:
    """Action without its prefix, hard, and the deciding filter."""
    ended = run.one(ev.ClassifyEnded)
    return ended.action.removeprefix("FWP_ACTION_"), ended.hard, run.filter_name(ended.filter)


@pytest.mark.parametrize(("choice", "tried"), [("evaluate", "ABC"), ("stop", "AB")])
def test_ch_14_c18_the_sublayers_below_a_hard_block(choice: str, tried: str, tmp_path: Path) -> None:
    run = stacked(tmp_path, {"action": "CONTINUE"}, "BLOCK", "PERMIT", sublayers_after_block=choice)

    assert "".join(run.filter_name(one.filter) for one in run.of(ev.FilterTested)) == tried
    assert verdict(run) == ("BLOCK", True, "B")


def test_ch_14_a_soft_block_never_ends_the_walk(tmp_path: Path) -> None:
    run = stacked(tmp_path, {"action": "BLOCK"}, "PERMIT", sublayers_after_block="stop")

    assert verdict(run) == ("PERMIT", False, "B")


@pytest.mark.parametrize(("choice", "named"), [("first_blocker", "A"), ("last_blocker", "B")])
@pytest.mark.parametrize("first", ["BLOCK", {"action": "BLOCK"}])
def test_c18_the_filter_that_the_drop_event_names(first: Any, choice: str, named: str, tmp_path: Path) -> None:
    run = stacked(tmp_path, first, "BLOCK", drop_event_filter=choice)

    assert verdict(run) == ("BLOCK", True, named)
    assert run.filter_name(run.one(ev.DropAudited).filter) == named


@pytest.mark.parametrize(("choice", "found"), [("no", ("PERMIT", True, "A")), ("yes", ("BLOCK", True, "B"))])
def test_c19_a_plain_block_below_a_hard_permit(choice: str, found: tuple[str, bool, str], tmp_path: Path) -> None:
    run = stacked(tmp_path, "PERMIT+C", "BLOCK", plain_block_veto=choice)

    assert verdict(run) == found
    assert run.one(ev.ClassifyEnded).veto is (choice == "yes")


@pytest.mark.parametrize(("choice", "found"), [("plain_filter", ("BLOCK", True, "gone")),
                                               ("soft", ("PERMIT", False, "below"))])
def test_c21_how_strongly_an_unregistered_callout_blocks(
    choice: str, found: tuple[str, bool, str], tmp_path: Path
) -> None:
    bench = Bench(tmp_path)
    top = policies.a_sublayer_spec("top", weight=60000)
    callout = policies.a_callout(layer=INBOUND_MAC_FRAME_NATIVE, registered=False)
    bench.add(top, callout,
              policies.calls(callout, "gone", layer=INBOUND_MAC_FRAME_NATIVE, sublayer=policies.key_of(top)),
              policies.permit("below", layer=INBOUND_MAC_FRAME_NATIVE))

    assert verdict(bench.run(received(), unregistered_callout=choice)) == found


@pytest.mark.parametrize(("choice", "found"), [("continue", ("PERMIT", False, "B")), ("block", ("BLOCK", False, "A"))])
def test_ch_12_c20_what_none_from_an_unknown_callout_counts_as(
    choice: str, found: tuple[str, bool, str], tmp_path: Path
) -> None:
    below = "PERMIT" if choice == "continue" else {"action": "CONTINUE"}
    run = stacked(tmp_path, {"action": "NONE"}, below, unknown_returns_other=choice)

    assert verdict(run) == found
    (told,) = [one for one in run.of(ev.RuleBroken) if one.rule == "M31"]
    assert told.detail.endswith("acts as BLOCK" if choice == "block" else "acts as CONTINUE")


@pytest.mark.parametrize(("choice", "found"), [("ignore", ("PERMIT", False, "A")), ("block", ("BLOCK", False, "A"))])
def test_ch_09_absorb_with_a_permit(choice: str, found: tuple[str, bool, str], tmp_path: Path) -> None:
    run = stacked(tmp_path, {"action": "PERMIT", "absorb": True}, absorb_without_block=choice)

    assert verdict(run) == found
    assert run.outcomes == {1: "absorbed" if choice == "block" else "delivered"}
    assert "M28" in run.rules


@pytest.mark.parametrize(("choice", "met", "found"), [
    ("running_verdict", "FWP_ACTION_PERMIT", ("PERMIT", False, "B")),
    ("continue", "FWP_ACTION_CONTINUE", ("BLOCK", False, "B")),
])  # fmt: skip
def test_ch_10_what_a_callout_meets_in_classify_out(
    choice: str, met: str, found: tuple[str, bool, str], tmp_path: Path
) -> None:
    """A terminating callout that leaves classifyOut alone says what it has met there."""
    run = stacked(tmp_path, "PERMIT", {"kind": TERMINATING}, initial_classify_out=choice)

    assert run.one(ev.CalloutEntered).action == met
    assert verdict(run) == found


def test_ch_10_without_the_right_the_verdict_stands_whatever_is_met(tmp_path: Path) -> None:
    run = stacked(tmp_path, "PERMIT+C", {"kind": TERMINATING}, initial_classify_out="continue")

    assert verdict(run) == ("PERMIT", True, "A")


@pytest.mark.parametrize(("choice", "rules"), [("report", ["M33"]), ("ignore", [])])
def test_ch_13_an_inspection_callout_that_blocks(choice: str, rules: list[str], tmp_path: Path) -> None:
    run = stacked(tmp_path, {"action": "BLOCK", "hard": True, "kind": INSPECTION}, inspection_duplicate=choice)

    assert run.rules == rules
    assert run.outcomes == {1: "delivered"}


PENDS = """
def seen(self, fwps, values, meta, layer_data, out):
    fwps.reference_net_buffer_list(layer_data, True)
    fwps.set_timer(10, fwps.dereference_net_buffer_list, layer_data, True)
    out.absorb()
"""


@pytest.mark.parametrize(("choice", "rules"), [("clear_holds_back", []), ("set_holds_back", ["M36"])])
def test_ch_11_a_callout_that_pends_with_the_right(choice: str, rules: list[str], tmp_path: Path) -> None:
    run = injecting(tmp_path, PENDS, INBOUND_MAC_FRAME_NATIVE).run(received(), right_sentence=choice)

    assert run.rules == rules


@pytest.mark.parametrize(("choice", "rules"), [("die", ["M37"]), ("live", [])])
def test_ch_06_the_arguments_after_classify(choice: str, rules: list[str], tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(HEAD + """
class Driver(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        fwps.queue_work(self.later, values)
        out.permit()

    def later(self, values):
        assert values.INTERFACE_INDEX == 1
""")
    bench.calls("keeps")

    assert bench.run(received(), classify_arguments=choice).rules == rules
