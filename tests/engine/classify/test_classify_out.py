"""classifyOut: what a callout finds there, what its answers count as, and which rules they break. Source: 1.7, 1.8."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import PolicyError
from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.types import ActionType, FilterFlag
from tests.builders import policies
from tests.builders.engines import HEAD, INSPECTION, TERMINATING, UNKNOWN, VERDICTS, Bench, Run
from tests.builders.frames import received, sent

CLEAR = FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT
P, B, C = "FWP_ACTION_PERMIT", "FWP_ACTION_BLOCK", "FWP_ACTION_CONTINUE"


def answering(
    folder: Path, kind: ActionType, body: str, *above: str, clear: bool = False, config: object = None
) -> Run:
    """A callout in a low sublayer; above it a filter that has decided already."""
    bench = Bench(folder)
    for verdict in above:
        top = policies.a_sublayer_spec("top", weight=60000)
        action = ActionType[f"FWP_ACTION_{verdict.removesuffix('+C')}"]
        bench.add(
            top,
            policies.a_filter(
                "top",
                action=action,
                layer=INBOUND_MAC_FRAME_NATIVE,
                sublayer=policies.key_of(top),
                flags=CLEAR if verdict.endswith("+C") else FilterFlag(0),
            ),
        )
    lines = "\n".join("        " + line for line in body.strip().splitlines())
    bench.script(
        f"{HEAD}class Driver(Callout):\n"
        "    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):\n"
        f"{lines}\n"
    )
    bench.calls("calls", action=kind, flags=0, config=config)
    if clear:
        bench.specs[-1] = policies.calls(
            bench.specs[-2], "calls", layer=INBOUND_MAC_FRAME_NATIVE, action=kind, flags=CLEAR
        )
    return bench.run(received())


COUNTS_AS = {
    TERMINATING: {"PERMIT": P, "BLOCK": B, "CONTINUE": B, "NONE": B, "NONE_NO_MATCH": B, "0x9999": B},
    INSPECTION: {"PERMIT": C, "BLOCK": C, "CONTINUE": C, "NONE": C, "NONE_NO_MATCH": C, "0x9999": C},
    UNKNOWN: {"PERMIT": P, "BLOCK": B, "CONTINUE": C, "NONE": C, "NONE_NO_MATCH": C, "0x9999": C},
}
REFERENCED = "fwps.reference_net_buffer_list(layer_data, True)\nfwps.dereference_net_buffer_list(layer_data, True)\n"
BREAKS = {
    (TERMINATING, "BLOCK"): ["M32"],
    (TERMINATING, "CONTINUE"): ["M31"],
    (TERMINATING, "NONE"): ["M31"],
    (TERMINATING, "NONE_NO_MATCH"): ["M31"],
    (TERMINATING, "0x9999"): ["M31"],
    (INSPECTION, "PERMIT"): ["M33"],
    (INSPECTION, "BLOCK"): ["M33"],
    (UNKNOWN, "BLOCK"): ["M32"],
    (UNKNOWN, "NONE"): ["M31"],
    (UNKNOWN, "NONE_NO_MATCH"): ["M31"],
    (UNKNOWN, "0x9999"): ["M31"],
}


@pytest.mark.parametrize(("kind", "answer"), [(kind, answer) for kind, row in COUNTS_AS.items() for answer in row])
def test_an_answer_counts_by_the_filters_action_type(kind: ActionType, answer: str, tmp_path: Path) -> None:
    value = answer if answer.startswith("0x") else f"int(Action.{answer})"
    run = answering(tmp_path, kind, f"out.action_type = {value}")

    assert run.one(ev.FilterDecided).action == COUNTS_AS[kind][answer]
    assert run.one(ev.CalloutReturned).action == ("0x00009999" if answer == "0x9999" else f"FWP_ACTION_{answer}")
    assert run.rules == BREAKS.get((kind, answer), [])


@pytest.mark.parametrize(
    ("above", "action", "rights"),
    [((), 0x2006, 1), (("PERMIT",), 0x1002, 1), (("PERMIT+C",), 0x1002, 0), (("BLOCK",), 0x1001, 0)],
)
def test_ch_10_classify_out_begins_with_the_running_verdict(
    above: tuple[str, ...], action: int, rights: int, tmp_path: Path
) -> None:
    run = answering(
        tmp_path,
        INSPECTION,
        f"""
assert (out.action_type, out.rights, out.flags) == ({action}, {rights}, 0)
assert (out.out_context, out.filter_id, out.reserved) == (0, 0, 0)
""",
        *above,
    )

    assert (run.failures, run.rules) == ([], [])


@pytest.mark.parametrize(
    ("body", "above", "clear", "rules", "verdict", "hard"),
    [
        ("out.action_type = int(Action.PERMIT)\nout.flags = 1", (), False, ["M28"], P, False),
        (
            "out.action_type = int(Action.CONTINUE)\nout.flags |= fwps.CLASSIFY_OUT_FLAG_ABSORB",
            (),
            False,
            ["M28"],
            P,
            False,
        ),
        ("out.permit()", ("BLOCK",), False, ["M29"], B, True),
        ("out.block()", ("PERMIT+C",), False, ["M36b"], B, True),
        ("out.rights ^= 1\nout.action_type = int(Action.BLOCK)", ("BLOCK",), False, ["M30"], B, True),
        ("out.rights = 1", ("PERMIT+C",), False, ["M30"], P, True),
        ("out.permit()", (), True, ["M34"], P, False),
        ("out.permit(hard=True)", (), True, [], P, True),
        ("out.block(hard=True)", (), False, [], B, True),
        ("out.absorb()", (), False, [], B, True),
        ("out.permit()\nout.reserved = 1", (), False, ["M36a"], P, False),
        ("out.permit()\nout.out_context = 1\nout.filter_id = 2\nout.flags = 0x80", (), False, ["M36a"], P, False),
        ("out.permit()\nout.flags = 0x1E", (), False, [], P, False),
        ("pass", ("PERMIT",), False, [], P, False),
        (
            REFERENCED + "out.block()",
            (),
            False,
            ["M35"],
            B,
            False,
        ),
        (
            "fwps.reference_net_buffer_list(layer_data, True)\nfwps.dereference_net_buffer_list(layer_data, True)",
            ("PERMIT+C",),
            False,
            ["M36"],
            P,
            True,
        ),
    ],
)
def test_rules_of_classify_out(
    body: str, above: tuple[str, ...], clear: bool, rules: list[str], verdict: str, hard: bool, tmp_path: Path
) -> None:
    run = answering(tmp_path, UNKNOWN, body, *above, clear=clear)

    assert run.failures == []
    assert run.rules == rules
    ended = run.one(ev.ClassifyEnded)
    assert (ended.action, ended.hard) == (verdict, hard)


def test_a_soft_block_of_a_higher_callout_left_as_it_is_breaks_no_rule_of_the_lower(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(VERDICTS)
    for weight, name, config in ((2, "blocks", {"action": "BLOCK"}), (1, "says nothing", {})):
        sublayer = policies.a_sublayer_spec(name, weight=weight)
        bench.add(sublayer)
        bench.calls(name, class_="Says", config=config, action=UNKNOWN, sublayer=policies.key_of(sublayer))
    run = bench.run(received())

    assert [(event.rule, event.line) for event in run.of(ev.RuleBroken)] == [("M32", "driver.py:12")]


def test_raw_members_take_any_integer_and_nothing_else(tmp_path: Path) -> None:
    run = answering(
        tmp_path,
        UNKNOWN,
        """
out.action_type = -1
assert out.action_type == 0xFFFFFFFF
out.rights &= ~fwps.RIGHT_ACTION_WRITE
out.filter_id = 1 << 64
assert out.filter_id == 0
for value in (None, 1.0, True, "1"):
    try:
        out.rights = value
    except TypeError:
        continue
    raise AssertionError(value)
out.permit()
""",
    )

    assert run.failures == []


def test_a_callout_sees_fields_by_name_and_index_and_metadata_at_the_ethernet_layers_only(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(
        HEAD
        + """
class Driver(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        out.permit()
        assert (classify_context, flow_context) == (None, 0)
        if values.layer_id == fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET:
            assert values.value_count == 12
            assert values.ETHER_TYPE == values[fwps.FIELD_OUTBOUND_MAC_FRAME_ETHERNET_ETHER_TYPE] == 0x0800
            assert values.MAC_LOCAL_ADDRESS == bytes.fromhex("020000000001")
            assert meta.current_metadata_values & fwps.METADATA_FIELD_ETHER_FRAME_LENGTH
            assert meta.current_l2_metadata_values & fwps.L2_METADATA_FIELD_ETHERNET_MAC_HEADER_SIZE
            assert (meta.ethernet_mac_header_size, meta.frame_length) == (14, 60)
        else:
            assert values.value_count == 8
            assert values.NDIS_MEDIA_TYPE == values[0] == 0
            assert (meta.current_metadata_values, meta.current_l2_metadata_values) == (0, 0)
            try:
                values.ETHER_TYPE
            except AttributeError as error:
                assert "OUTBOUND_MAC_FRAME_NATIVE" in str(error)
        assert filter.action_type == fwps.ACTION_CALLOUT_TERMINATING
        assert (filter.context, filter.num_filter_conditions, filter.flags) == (0, 0, 0)
"""
    )
    for layer in (OUTBOUND_MAC_FRAME_ETHERNET, policies.INBOUND_MAC_FRAME_ETHERNET):
        bench.calls(layer.short_name, layer)
    run = bench.run(sent())

    assert run.failures == []


def test_a_callout_remembers_by_the_filters_context_what_notify_wrote_there(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(
        HEAD
        + """
class Driver(Callout):
    def notify(self, fwps, notify_type, filter_key, filter):
        assert (notify_type, type(filter_key)) == (fwps.CALLOUT_NOTIFY_ADD_FILTER, str)
        filter.context = {"id": filter.filter_id}
        return fwps.STATUS_SUCCESS

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        assert filter.context == {"id": filter.filter_id}
        out.permit()
"""
    )
    bench.calls("one")
    run = bench.run(received())

    assert run.failures == []
    assert run.one(ev.Notified).status == 0


def test_a_policy_with_a_filter_that_notify_refuses_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(HEAD + "class Driver(Callout):\n    def notify(self, *args):\n        return 0xC0000001\n")
    bench.calls("refused")

    with pytest.raises(PolicyError) as refusal:
        bench.run(received())
    assert "$.filters[0]: FWP_E_CALLOUT_NOTIFICATION_FAILED 0x80320037" in str(refusal.value)


@pytest.mark.parametrize("registered", [True, False])
def test_a_callout_that_is_not_registered_acts_by_its_filters_kind(registered: bool, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(VERDICTS)
    for kind in (INSPECTION, UNKNOWN):
        callout = bench.callout(kind.name, class_="Says", config={"action": "CONTINUE"}, registered=registered)
        bench.add(policies.calls(callout, kind.name, layer=INBOUND_MAC_FRAME_NATIVE, action=kind, weight=int(kind)))
    run = bench.run(received())

    assert [event.action for event in run.of(ev.CalloutDefaulted)] == ([] if registered else [C, B])
    assert run.outcomes == {1: "delivered" if registered else "blocked"}
    assert run.rules == ([] if registered else ["M66"])
