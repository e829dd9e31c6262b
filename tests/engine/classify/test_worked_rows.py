"""The worked examples of layers-and-filters 5.3: each row through the whole engine, with scripted callouts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE, Layer
from engine.wfp.objects import FilterSpec
from engine.wfp.types import ActionType, FilterFlag
from tests.builders import policies
from tests.builders.engines import INSPECTION, TERMINATING, UNKNOWN, VERDICTS, Bench, Run
from tests.builders.frames import received

CLEAR = FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT
PERMIT_IF_UNREGISTERED = FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED


@dataclass(frozen=True)
class Plain:
    action: str
    clear: bool = False


@dataclass(frozen=True)
class Co:
    """A filter with a callout that answers `says`; `registered=False` is one that nobody has registered."""

    says: str = "CONTINUE"
    hard: bool = False
    absorb: bool = False
    kind: ActionType = UNKNOWN
    registered: bool = True
    permit_if: bool = False


P, B, PC, BC, C = Plain("PERMIT"), Plain("BLOCK"), Plain("PERMIT", True), Plain("BLOCK", True), Plain("CONTINUE")
INSPECTS = Co("CONTINUE", kind=INSPECTION)
UNREGISTERED = Co(kind=TERMINATING, registered=False)

Row = list[tuple[int, list[Plain | Co]]]

# number: sublayers, verdict, strength, deciding filter ("S20.1" is the first filter of the sublayer of weight 20), veto
ROWS: dict[int, tuple[Row, str, str, str, bool]] = {
    1: ([], "PERMIT", "-", "default", False),
    2: ([(10, [P])], "PERMIT", "soft", "S10.1", False),
    3: ([(10, [B])], "BLOCK", "hard", "S10.1", False),
    4: ([(10, [P, B])], "PERMIT", "soft", "S10.1", False),
    5: ([(10, [B, P])], "BLOCK", "hard", "S10.1", False),
    6: ([(20, [P]), (10, [B])], "BLOCK", "hard", "S10.1", False),
    7: ([(20, [B]), (10, [P])], "BLOCK", "hard", "S20.1", False),
    8: ([(20, [PC]), (10, [B])], "PERMIT", "hard", "S20.1", False),
    9: ([(20, [PC]), (10, [BC])], "BLOCK", "hard", "S10.1", True),
    10: ([(20, [PC]), (10, [Co("BLOCK")])], "BLOCK", "hard", "S10.1", True),
    11: ([(20, [P]), (10, [BC])], "BLOCK", "hard", "S10.1", False),
    12: ([(20, [Co("BLOCK")]), (10, [P])], "PERMIT", "soft", "S10.1", False),
    13: ([(20, [Co("BLOCK", hard=True)]), (10, [P])], "BLOCK", "hard", "S20.1", False),
    14: ([(20, [Co("BLOCK")]), (10, [B])], "BLOCK", "hard", "S20.1", False),
    15: ([(20, [Co("CONTINUE"), B])], "BLOCK", "hard", "S20.2", False),
    16: ([(20, [Co("CONTINUE")]), (10, [P]), (1, [INSPECTS])], "PERMIT", "soft", "S10.1", False),
    17: ([(30, [Co("PERMIT", hard=True)]), (20, [B]), (10, [P])], "PERMIT", "hard", "S30.1", False),
    18: ([(30, [Co("PERMIT")]), (20, [B])], "BLOCK", "hard", "S20.1", False),
    19: ([(20, [UNREGISTERED])], "BLOCK", "hard", "S20.1", False),
    20: ([(20, [Co(kind=TERMINATING, registered=False, permit_if=True)]), (10, [B])], "BLOCK", "hard", "S10.1", False),
    21: ([(20, [Co(kind=INSPECTION, registered=False)])], "PERMIT", "-", "default", False),
    22: ([(20, [Co("CONTINUE", kind=TERMINATING)])], "BLOCK", "soft", "S20.1", False),
    23: ([(20, [Co("BLOCK", kind=INSPECTION)]), (10, [P])], "PERMIT", "soft", "S10.1", False),
    24: ([(20, [Co("BLOCK", hard=True, absorb=True)])], "BLOCK silent", "hard", "S20.1", False),
    25: ([(20, [B]), (10, [PC]), (1, [INSPECTS])], "BLOCK", "hard", "S20.1", False),
    26: ([(20, [P, B])], "PERMIT", "soft", "S20.1", False),
    27: ([(20, [PC]), (15, [P]), (10, [BC])], "BLOCK", "hard", "S10.1", True),
    28: ([(20, [C, PC]), (10, [B])], "PERMIT", "hard", "S20.2", False),
    29: ([(20, [Co("BLOCK", absorb=True)]), (10, [B])], "BLOCK", "hard", "S10.1", False),
    30: ([(20, [Co("BLOCK", absorb=True)]), (10, [P])], "PERMIT", "soft", "S10.1", False),
    31: ([(20, [Co("PERMIT")]), (10, [Co("PERMIT", hard=True)]), (5, [B])], "PERMIT", "hard", "S10.1", False),
}


def _bench(folder: Path, row: Row, *, equal_weights: bool = False) -> Bench:
    bench = Bench(folder)
    bench.script(VERDICTS)
    for weight, members in row:
        sublayer = policies.a_sublayer_spec(f"S{weight}", weight=100 + weight)
        bench.add(sublayer)
        for place, member in enumerate(members, 1):
            bench.add(
                _filter(
                    bench,
                    member,
                    f"S{weight}.{place}",
                    sublayer=policies.key_of(sublayer),
                    weight=5 if equal_weights else len(members) - place,
                )
            )
    return bench


def _filter(bench: Bench, member: Plain | Co, name: str, **members: Any) -> FilterSpec:
    if isinstance(member, Plain):
        return policies.a_filter(
            name,
            action=ActionType[f"FWP_ACTION_{member.action}"],
            layer=INBOUND_MAC_FRAME_NATIVE,
            flags=CLEAR if member.clear else FilterFlag(0),
            **members,
        )
    callout = bench.callout(
        name,
        class_="Says",
        registered=member.registered,
        config={"action": member.says, "hard": member.hard, "absorb": member.absorb},
    )
    return policies.calls(
        callout,
        name,
        layer=INBOUND_MAC_FRAME_NATIVE,
        action=member.kind,
        flags=PERMIT_IF_UNREGISTERED if member.permit_if else FilterFlag(0),
        **members,
    )


@pytest.mark.parametrize("number", ROWS)
def test_every_worked_row_comes_out_as_the_reference_says(number: int, tmp_path: Path) -> None:
    row, verdict, strength, decider, veto = ROWS[number]

    run = _bench(tmp_path, row, equal_weights=number == 26).run(received(ether_type=0x88B5))

    assert run.failures == []
    if not row:
        assert run.of(ev.ClassifyEnded) == []  # the module has no filter: it is bypassed
        assert run.outcomes == {1: "delivered"}
        return
    ended = run.one(ev.ClassifyEnded)
    silent = verdict == "BLOCK silent"
    assert (ended.action, ended.absorb, run.filter_name(ended.filter), ended.veto) == (
        f"FWP_ACTION_{verdict.split()[0]}",
        silent,
        decider,
        veto,
    )
    assert strength == "-" or ended.hard == (strength == "hard")
    audited = [run.filter_name(event.filter) for event in run.of(ev.DropAudited)]
    assert audited == ([decider] if verdict == "BLOCK" else [])
    outcome = {"PERMIT": "delivered", "BLOCK": "blocked", "BLOCK silent": "absorbed"}[verdict]
    assert run.outcomes == {1: outcome}


@pytest.mark.parametrize("number", [16, 25])
def test_an_inspection_filter_is_still_called_in_a_lower_sublayer_after_a_decision(number: int, tmp_path: Path) -> None:
    run = _bench(tmp_path, ROWS[number][0]).run(received())

    assert run.filter_name(run.of(ev.CalloutEntered)[-1].filter) == "S1.1"
    assert run.of(ev.CalloutEntered)[-1].rights == (number == 16)


@pytest.mark.parametrize(
    ("number", "tested"),
    [
        (4, ["S10.1"]),
        (5, ["S10.1"]),
        (7, ["S20.1", "S10.1"]),
        (15, ["S20.1", "S20.2"]),
        (28, ["S20.1", "S20.2", "S10.1"]),
    ],
)
def test_a_decision_ends_its_sublayer_and_no_other(number: int, tested: list[str], tmp_path: Path) -> None:
    run = _bench(tmp_path, ROWS[number][0]).run(received())

    assert [run.filter_name(event.filter) for event in run.of(ev.FilterTested)] == tested


def _across(native: Plain, ethernet: Plain) -> list[FilterSpec]:
    layers: list[tuple[Layer, Plain]] = [(INBOUND_MAC_FRAME_NATIVE, native), (INBOUND_MAC_FRAME_ETHERNET, ethernet)]
    return [
        policies.a_filter(layer.short_name, action=ActionType[f"FWP_ACTION_{member.action}"], layer=layer)
        for layer, member in layers
    ]


def _run(folder: Path, specs: list[FilterSpec]) -> Run:
    bench = Bench(folder)
    bench.add(*specs)
    return bench.run(received())


def test_row_32_layers_are_not_arbitrated_against_each_other(tmp_path: Path) -> None:
    run = _run(tmp_path, _across(P, B))

    assert [(event.layer, event.action) for event in run.of(ev.ClassifyEnded)] == [
        (58, "FWP_ACTION_PERMIT"),
        (56, "FWP_ACTION_BLOCK"),
    ]
    assert [event.layer for event in run.of(ev.DropAudited)] == [56]


def test_row_33_a_frame_blocked_at_native_never_reaches_ethernet(tmp_path: Path) -> None:
    run = _run(tmp_path, _across(B, P))

    assert [(event.layer, event.action) for event in run.of(ev.ClassifyEnded)] == [(58, "FWP_ACTION_BLOCK")]
    assert run.outcomes == {1: "blocked"}
