"""Where injections may happen, what they answer, where they go, where the model has chosen: each other choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.trace import events as ev
from engine.trace.trace import Record
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_ETHERNET,
    INBOUND_MAC_FRAME_NATIVE,
    OUTBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_NATIVE,
)
from engine.wfp.types import ActionType
from tests.builders import policies
from tests.builders.engines import Bench, Run
from tests.builders.findings import found
from tests.builders.frames import an_interface, received, sent
from tests.builders.injections import CLONE_AND_INJECT, injecting

SENDS = CLONE_AND_INJECT.format(at_ip_header=False)
SENDS_AT_59 = SENDS.replace("self.inject(fwps, values, clone)", "self.inject(fwps, values, clone, 59)")


def ended(run: Run) -> list[tuple[str, int]]:
    return [(one.outcome, one.status) for one in run.of(ev.InjectionEnded)]


# --- where ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "outcome"), [("callout", "stop"), ("filter", "sent"), ("own_callout", "stop")])
def test_c2_what_must_stand_at_the_layer_only_a_plain_filter(choice: str, outcome: str, tmp_path: Path) -> None:
    bench = injecting(tmp_path, SENDS_AT_59, anchors=False)
    bench.add(policies.permit("plain", layer=OUTBOUND_MAC_FRAME_NATIVE))
    run = bench.run(sent(), injection_needs=choice)

    assert ended(run) == ([("sent", 0)] if outcome == "sent" else [])
    assert bool(run.engine.stopped) is (outcome == "stop")


@pytest.mark.parametrize(("choice", "rules"), [("callout", ["M02"]), ("own_callout", ["M01"])])
def test_c2_what_must_stand_at_the_layer_only_anothers_callout(choice: str, rules: list[str], tmp_path: Path) -> None:
    bench = injecting(tmp_path, SENDS_AT_59)
    run = bench.run(sent(), injection_needs=choice)

    assert [rule for rule in run.rules if rule in ("M01", "M02")] == rules


@pytest.mark.parametrize(("choice", "layers"), [("named", [57, 59, 59]), ("first", [57, 59, 57, 59])])
def test_ch_24_where_an_injection_at_59_enters(choice: str, layers: list[int], tmp_path: Path) -> None:
    """The driver absorbs at 59 and sends again at 59; its original was classified at 57 before."""
    run = injecting(tmp_path, SENDS, OUTBOUND_MAC_FRAME_NATIVE).run(sent(), reentry_layer=choice)

    assert [one.layer for one in run.of(ev.ClassifyBegan)] == layers
    assert ended(run) == [("sent", 0)]


# --- inline --------------------------------------------------------------------------------------------------------


def kinds(records: list[Record]) -> list[str]:
    left_out = (ev.SublayerEntered, ev.SublayerDecided, ev.FilterTested, ev.FilterDecided, ev.ActionArbitrated)
    return [type(one.event).__name__ for one in records if not isinstance(one.event, left_out)]


def test_ch_25_reenter_inline_lets_the_frame_go_its_whole_way_inside_of_the_call(tmp_path: Path) -> None:
    run = injecting(tmp_path, SENDS, anchors=False).run(sent(), reenter_inline="on")
    begins, ends = (next(one.seq for one in run.records if isinstance(one.event, kind))
                    for kind in (ev.InlineBegan, ev.InlineEnded))
    inside = run.records[begins:ends + 1]

    assert kinds(inside) == [
        "InlineBegan", "FrameReentered", "ModuleEntered", "ClassifyBegan", "CalloutEntered", "StateQueried",
        "CalloutReturned", "ClassifyEnded", "ModuleLeft", "ModuleBypassed", "FrameDelivered", "InjectionEnded",
        "InjectCompleted", "NblFreed", "CompletionReturned", "InlineEnded",
    ]  # fmt: skip
    assert kinds(run.records[ends + 1:])[:1] == ["CalloutReturned"]
    assert run.outcomes == {1: "absorbed"}
    assert run.rules == []


def test_ch_25_what_happens_inside_stands_deeper_than_the_call(tmp_path: Path) -> None:
    run = injecting(tmp_path, SENDS, anchors=False).run(sent(), reenter_inline="on")
    depth = {type(one.event).__name__: one.depth for one in run.records}
    (began,) = (one for one in run.records if isinstance(one.event, ev.InlineBegan))
    (after,) = (one for one in run.records if isinstance(one.event, ev.InlineEnded))
    inside = [one.depth for one in run.records if began.seq < one.seq < after.seq]

    assert min(inside) > began.depth
    assert after.depth == began.depth
    assert depth["FrameEntered"] == 0


def test_ch_25_callouts_recurse_until_the_loop_limit(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        status, clone = self.clone(fwps, meta, layer_data)
        if fwps.nt_success(self.inject(fwps, values, clone)):
            out.absorb()
        else:
            self.release(fwps, clone)
            out.permit()
    """, anchors=False).run(sent(), reenter_inline="on", loop_limit=3)
    entered = [one.depth for one in run.records if isinstance(one.event, ev.CalloutEntered)]

    assert len(entered) == 3
    assert entered == sorted(set(entered))
    assert run.one(ev.LoopDetected).times == 4
    assert run.failures == []


def test_ch_25_both_ways_come_to_the_same_end(tmp_path: Path) -> None:
    runs = [injecting(tmp_path, SENDS).run(*(sent(number) for number in (1, 2, 3)), reenter_inline=choice)
            for choice in ("off", "on")]

    assert [(run.outcomes, ended(run), run.rules) for run in runs] == [
        ({1: "absorbed", 2: "absorbed", 3: "absorbed"}, [("sent", 0)] * 3, [])] * 2


# --- answers -------------------------------------------------------------------------------------------------------


def calling(folder: Path, changes: str, layer: str = "None") -> Bench:
    """A driver that injects its clone with these changes, and frees it when it is refused."""
    return injecting(folder, f"""
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        inject = fwps.inject_mac_send_async
        given = dict(flags=0, layer=57, interface=values.INTERFACE_INDEX, completion=self.completed)
        given.update({changes})
        status = inject(self.handle, None, given["flags"], given["layer"], given["interface"], values.NDIS_PORT, clone,
                        given["completion"], None)
        if not fwps.nt_success(status):
            self.release(fwps, clone)
        out.absorb()
    """)


MISTAKES = {
    "flags": ("flags=1", "M53"),
    "a layer of the other direction": ("layer=56", "M54"),
    "no completion function": ("completion=None", "M20c"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_ch_21_a_wrong_parameter_is_refused(what: str, tmp_path: Path) -> None:
    changes, rule = MISTAKES[what]
    run = calling(tmp_path, changes).run(sent())

    assert [one.status for one in run.of(ev.InjectRefused)] == [0xC000000D]
    assert rule in run.rules


@pytest.mark.parametrize("what", MISTAKES)
def test_ch_21_a_wrong_parameter_can_be_accepted_and_misbehave(what: str, tmp_path: Path) -> None:
    changes, rule = MISTAKES[what]
    run = calling(tmp_path, changes).run(sent(), inject_checks="misbehave")

    assert run.of(ev.InjectRefused) == []
    assert (rule, ended(run)) == (run.rules[0], [("sent", 0)])
    assert run.one(ev.InjectAccepted).layer == 57
    assert ("M47" in run.rules) is (what == "no completion function")


def test_ch_21_a_layer_that_is_none_is_refused_all_the_same(tmp_path: Path) -> None:
    run = calling(tmp_path, "layer=12").run(sent(), inject_checks="misbehave")

    assert [one.status for one in run.of(ev.InjectRefused)] == [0xC000000D]


@pytest.mark.parametrize(("choice", "refused", "completed"), [
    ("async", [], [("failed", 0xC0000225)]), ("sync", [0xC0000225], []),
])  # fmt: skip
def test_ch_22_an_interface_that_is_not_there(
    choice: str, refused: list[int], completed: list[Any], tmp_path: Path
) -> None:
    run = calling(tmp_path, "interface=77").run(sent(), unknown_interface=choice)

    assert [one.status for one in run.of(ev.InjectRefused)] == refused
    assert ended(run) == completed
    assert run.rules == ["M41"]


def test_ch_22_its_status_can_be_another(tmp_path: Path) -> None:
    run = calling(tmp_path, "interface=77").run(sent(), unknown_interface_status=0xC023002B)

    assert ended(run) == [("failed", 0xC023002B)]


@pytest.mark.parametrize(("choice", "status"), [("any", 0), ("unspec", 0xC000000D)])
def test_ch_20_a_handle_for_an_address_family(choice: str, status: int, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
        def start(self, fwps, config):
            status, self.handle = fwps.injection_handle_create(fwps.AF_INET, fwps.INJECTION_TYPE_L2)

        def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
            out.permit()

        def stop(self, fwps):
            if self.handle is not None:
                fwps.injection_handle_destroy(self.handle)
    """)
    bench.calls("driver")
    run = bench.run(received(), handle_address_family=choice)

    assert run.one(ev.HandleCreated).status == status
    assert run.rules == (["M50"] if choice == "any" else [])


# --- alignment -----------------------------------------------------------------------------------------------------

OWN_HEADER = """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
        buffer = clone.first_net_buffer
        fwps.retreat_net_buffer_data_start(buffer, 14, 0, None)
        buffer.write(0, b"\\x02" * 12 + b"\\x08\\x00")
        {inject}
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        fwps.advance_net_buffer_data_start(net_buffer_list.first_net_buffer, 14, True, None)
        fwps.free_clone_net_buffer_list(net_buffer_list, 0)
"""


@pytest.mark.parametrize(("choice", "told"), [("info", ["1.1"]), ("off", [])])
def test_ch_23_x03_an_mdl_that_begins_with_the_ip_header_at_an_odd_address(
    choice: str, told: list[str], tmp_path: Path
) -> None:
    """At 56 the IP header stands 14 bytes into the miniport's buffer; a header MDL of its own is put before it."""
    body = OWN_HEADER.format(inject="self.inject(fwps, values, clone, 57)")
    run = injecting(tmp_path, body, INBOUND_MAC_FRAME_ETHERNET).run(received(), ip_header_alignment=choice)

    assert [(one.nbl, one.severity) for one in found(run, "X03")] == [(nbl, "I") for nbl in told]


def test_ch_23_x03_not_for_an_aligned_one_and_not_inbound(tmp_path: Path) -> None:
    inbound = OWN_HEADER.format(inject="self.inject(fwps, values, clone)")
    runs = [injecting(tmp_path, SENDS).run(sent()),
            injecting(tmp_path, inbound, INBOUND_MAC_FRAME_ETHERNET).run(received())]

    assert [found(run, "X03") for run in runs] == [[], []]


# --- Status --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("option", "verdict"), [("blocked_injection_status", "BLOCK"),
                                                 ("absorbed_injection_status", "absorb")])
def test_ch_30_the_status_of_an_injection_that_is_stopped_on_its_way(
    option: str, verdict: str, tmp_path: Path
) -> None:
    bench = injecting(tmp_path, SENDS, INBOUND_MAC_FRAME_NATIVE)
    if verdict == "BLOCK":
        bench.add(policies.a_filter("stops", action=ActionType.FWP_ACTION_BLOCK, layer=INBOUND_MAC_FRAME_ETHERNET))
    else:
        bench.driver("def classify(self, fwps, *rest):\n    rest[-1].absorb()\n", "absorbs.py")
        bench.calls("absorbs", INBOUND_MAC_FRAME_ETHERNET, script="absorbs.py")
    outcome = "blocked" if verdict == "BLOCK" else "absorbed"

    assert ended(bench.run(received())) == [(outcome, 0xC0000001 if verdict == "BLOCK" else 0)]
    assert ended(bench.run(received(), **{option: 0x103})) == [(outcome, 0x103)]


@pytest.mark.parametrize(("option", "absorb", "default"), [("blocked_send_status", False, 0xC0000001),
                                                           ("absorbed_send_status", True, 0)])
def test_ch_15_the_status_of_a_send_that_is_stopped(option: str, absorb: bool, default: int, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(f"def seen(self, fwps, values, meta, layer_data, out):\n"
                 f"    {'out.absorb()' if absorb else 'out.block(hard=True)'}\n")
    bench.calls("stops", OUTBOUND_MAC_FRAME_ETHERNET)

    assert bench.run(sent()).one(ev.OriginalCompleted).status == default
    assert bench.run(sent(), **{option: 0xC023000C}).one(ev.OriginalCompleted).status == 0xC023000C


def test_ch_30_the_status_of_a_frame_that_is_too_long(tmp_path: Path) -> None:
    frame = sent(payload=bytes(600))

    assert ended(injecting(tmp_path, SENDS).run(frame, mtu=500)) == [("failed", 0xC0000206)]
    assert ended(injecting(tmp_path, SENDS).run(frame, mtu=500, oversize_status=0xC0010014)) == [("failed", 0xC0010014)]


def test_ch_26_completions_of_two_calls_are_never_merged(tmp_path: Path) -> None:
    """Two calls at one time for each frame, all done at the same moment: each segment belongs to one of them."""
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        for context in (1, 2):
            status, clone = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, clone, completion_context=context)
        out.absorb()
    """).run(*(sent(number, time_ns=0) for number in (1, 2)), completion_policy="single")

    assert sorted((one.injection, one.nbls) for one in run.of(ev.InjectCompleted)) == [
        (1, ("1.1",)), (2, ("1.2",)), (3, ("2.1",)), (4, ("2.2",))]


def test_c14_interfaces_of_two_ports_are_known_apart(tmp_path: Path) -> None:
    """CH-22: a known interface with another port is unknown too."""
    run = calling(tmp_path, "interface=1").run(sent(interface=an_interface(ndis_port=3)), unknown_interface="sync")

    assert run.of(ev.InjectRefused) == []
