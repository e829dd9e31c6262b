"""Fault rules as they are written: what is taken, what is refused and in which words, and what they strike."""

from __future__ import annotations

import pytest

from engine.classify.adversity.faults import Faults
from engine.classify.adversity.text import RULES
from engine.errors import OptionError
from engine.wfp.json_input import parse_json

CLONE, INJECT = "FwpsAllocateCloneNetBufferList0", "FwpsInjectMacSendAsync0"
FAILED = 0xC000009A


class Place:
    frame = 1


def struck(rule: dict[str, object], *uses: int) -> list[bool]:
    """For uses of the clone call in these frames: which fail."""
    place = Place()
    faults = Faults([{"call": CLONE, "status": FAILED, **rule}], 1)
    faults.attend(place)
    found = []
    for place.frame in uses:
        found.append(faults.status_for(CLONE) == FAILED)
        assert faults.status_for(INJECT) is None
    return found


@pytest.mark.parametrize(("rule", "uses", "expected"), [
    ({"nth": 2}, (1, 1, 1), [False, True, False]),
    ({"nth": 2}, (1, 2, 3), [False, True, False]),
    ({"share": 1}, (1, 2), [True, True]),
    ({"share": 0}, (1, 2), [False, False]),
    ({"frame": 2}, (1, 2, 2, 3), [False, True, True, False]),
    ({"frame": 2, "nth": 2}, (1, 2, 1, 2, 2), [False, False, False, True, False]),
    ({"frame": 2, "share": 1}, (1, 2), [False, True]),
    ({"frame": 0, "nth": 1}, (1, 0, 0), [False, True, False]),
])  # fmt: skip
def test_a_failing_call_is_chosen_by_its_place(
    rule: dict[str, object], uses: tuple[int, ...], expected: list[bool]
) -> None:
    assert struck(rule, *uses) == expected


def test_a_share_is_drawn_from_the_seed() -> None:
    def drawn(seed: int) -> list[int | None]:
        faults = Faults([{"call": CLONE, "share": 0.5, "status": FAILED}], seed)
        return [faults.status_for(CLONE) for _ in range(64)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 0 < drawn(1).count(FAILED) < 64


def test_what_a_share_has_struck_can_be_written_as_rules_that_strike_there_only() -> None:
    place = Place()
    faults = Faults([{"call": CLONE, "share": 0.5, "status": FAILED}], 3)
    faults.attend(place)
    uses = [1, 1, 2, 2, 2, 3, 1, 2]
    seen = []
    for place.frame in uses:
        seen.append(faults.status_for(CLONE))
    again = Faults(list(faults.struck.values()), 99)
    again.attend(place)
    repeated = []
    for place.frame in uses:
        repeated.append(again.status_for(CLONE))

    assert repeated == seen
    assert FAILED in seen


@pytest.mark.parametrize(("rule", "place", "words"), [
    ({}, "faults[0]", 'give "call": "completion" or "do": "leave_s0"'),
    ({"call": ["completion"], "nth": 1, "status": 1}, "faults[0].call", "['completion'] cannot be made to fail"),
    ({"call": "NdisFreeMdl", "nth": 1, "status": 1}, "faults[0].call", "'NdisFreeMdl' cannot be made to fail"),
    ({"call": CLONE, "status": 1}, "faults[0]", 'give "nth": 2 or "share": 0.1 or "frame": 12'),
    ({"call": CLONE, "nth": 1, "share": 1, "status": 1}, "faults[0]", "either nth or share"),
    ({"call": CLONE, "nth": True, "status": 1}, "faults[0].nth", "give a whole number from 1 on"),
    ({"call": CLONE, "nth": 1, "frame": -1, "status": 1}, "faults[0].frame", "give a whole number from 0 on"),
    ({"call": CLONE, "nth": 1}, "faults[0].status", "give an NTSTATUS"),
    ({"call": INJECT, "nth": 1, "status": "0x103"}, "faults[0].status", "0x00000103 is no failure; give a warning"),
    ({"call": INJECT, "nth": 1, "status": 0}, "faults[0].status", "0x00000000 is no failure"),
    ({"call": INJECT, "nth": 1, "status": 0x7FFFFFFF}, "faults[0].status", "0x7FFFFFFF is no failure"),
    ({"call": CLONE, "nth": 1, "status": "0xC", "ns": 1}, "faults[0]", "'ns' is no member of such a fault"),
    ({"do": "explode", "nth": 1}, "faults[0].do", "'explode' is nothing that can be done; use one of delay_completion"),
    ({"do": 7, "nth": 1}, "faults[0].do", "7 is nothing that can be done"),
    ({"do": ["leave_s0"], "nth": 1}, "faults[0].do", "['leave_s0'] is nothing that can be done"),
    ({"do": "delay_completion"}, "faults[0]", "either nth or share, or a frame"),
    ({"do": "delay_completion", "nth": 1, "ns": 0}, "faults[0].ns", "from 1 to 60000000000"),
    ({"do": "delay_completion", "nth": 1, "frame": 1}, "faults[0]", "either nth or share, or a frame"),
    ({"do": "segment_completions", "nth": 1, "sizes": [2, 0]}, "faults[0].sizes", "as [2, 1, 1]"),
    ({"do": "segment_completions", "nth": 1}, "faults[0].sizes", "sizes is None"),
    ({"do": "restart_module", "frame": 1}, "faults[0].module", 'give "802.3" or "native"'),
    ({"do": "restart_module", "module": "wan", "frame": 1}, "faults[0].module", "module is 'wan'"),
    ({"do": "restart_module", "module": "native", "frame": 0}, "faults[0].frame", "frames are numbered from 1"),
    ({"do": "close_handle", "frame": 1}, "faults[0].driver", "name the script without its suffix"),
    ({"do": "close_handle", "driver": ["x"], "frame": 1}, "faults[0].driver", "driver is ['x']"),
    ({"do": "delete_filter", "filter": "", "frame": 1}, "faults[0].filter", "the filter's name or key"),
    ({"do": "remove_interface", "frame": 1, "for_ns": "1"}, "faults[0].for_ns", "for_ns is '1'"),
    ({"do": "remove_interface", "frame": 1, "interface": -1}, "faults[0].interface", "interface is -1"),
    ({"do": "remove_interface", "frame": 1, "after_ns": 10**12}, "faults[0].after_ns", "from 0 to 60000000000"),
])  # fmt: skip
def test_a_wrong_rule_is_refused_in_one_line(rule: dict[str, object], place: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        Faults([rule], 1)

    assert caught.value.name == place
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("call", "status"), [
    ("completion", 0), ("completion", 0x103), (INJECT, 0x80000000), ("NdisAllocateMdl", 0),
])  # fmt: skip
def test_a_success_is_taken_where_it_is_none_of_the_calls_own(call: str, status: int) -> None:
    assert Faults([{"call": call, "nth": 1, "status": status}], 1).status_for(call) == status


def test_every_example_of_the_help_can_be_used() -> None:
    rules = [parse_json(example.encode(), "help") for example, _ in RULES]
    Faults(rules, 1)

    assert len({str(rule.get("do", "call")) for rule in rules}) == len(RULES)
