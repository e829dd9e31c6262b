"""Injection: the synchronous checks, re-entry, fates, undefined behaviour, state queries, handles. Source: 3 and 4."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_NATIVE,
    LAYERS,
    OUTBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_NATIVE,
    Layer,
    layer_by_id,
)
from tests.builders import policies
from tests.builders.engines import UNKNOWN, VERDICTS, Bench, Run
from tests.builders.frames import an_interface, received, sent

ANCHOR = '''
from engine.callouts import Callout

class Anchor(Callout):
    """The permit-only callout that stands at a layer so that injections there are completed."""
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()
'''


def injecting(
    folder: Path, body: str, layer: Layer = OUTBOUND_MAC_FRAME_ETHERNET, *, anchors: bool = True, config: object = None
) -> Bench:
    """A driver at one layer; anchors of another vendor at every layer."""
    bench = Bench(folder)
    bench.driver(body)
    bench.calls("driver", layer, config=config)
    if anchors:
        bench.script(ANCHOR, "anchor.py")
        for one in LAYERS:
            sublayer = policies.a_sublayer_spec(f"anchor {one.id}", weight=one.id)
            bench.add(sublayer)
            bench.calls(
                f"anchor {one.id}",
                one,
                script="anchor.py",
                class_="Anchor",
                action=UNKNOWN,
                sublayer=policies.key_of(sublayer),
            )
    return bench


CHECKS = {
    # CH-21, in its order: a call that is wrong in this way and in all later ones answers for this one
    "a destroyed handle": ("handle", 0xC0000008, "M52"),
    "a handle being destroyed": ("closing", 0xC0220101, "M52"),
    "a handle without the L2 type": ("stale", 0xC0220102, "M51"),
    "flags": ("flags", 0xC000000D, "M53"),
    "a layer of the other direction": ("layer", 0xC000000D, "M54"),
    "no completion function": ("completion", 0xC000000D, "M20c"),
}
ORDER = ["handle", "closing", "stale", "flags", "layer", "completion"]


@pytest.mark.parametrize("wrong", CHECKS)
def test_the_synchronous_checks_come_in_their_order(wrong: str, tmp_path: Path) -> None:
    first, status, rule = CHECKS[wrong]
    bench = injecting(
        tmp_path,
        f"""
        def seen(self, fwps, values, meta, layer_data, out):
            if layer_data.parent_net_buffer_list is not None:
                out.permit()
                return
            wrong = {ORDER[ORDER.index(first) :]!r}
            status, handle = fwps.injection_handle_create(None, 0 if "stale" in wrong else fwps.INJECTION_TYPE_L2)
            status, clone = self.clone(fwps, meta, layer_data)
            if "closing" in wrong:  # destroyed with an injection pending, it can only be closing
                status, handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
                status, other = self.clone(fwps, meta, layer_data)
                self.inject(fwps, values, other, handle=handle)
                fwps.injection_handle_destroy(handle)
            if "handle" in wrong:
                status, handle = fwps.injection_handle_create(None, 0)
                fwps.injection_handle_destroy(handle)
            self.status = fwps.inject_mac_send_async(
                handle, None, 1 if "flags" in wrong else 0, 56 if "layer" in wrong else 57, values.INTERFACE_INDEX,
                values.NDIS_PORT, clone, None if "completion" in wrong else self.completed, None)
            fwps.free_clone_net_buffer_list(clone, 0)
            out.block(hard=True)
    """,
    )
    run = bench.run(sent())

    assert [event.status for event in run.of(ev.InjectRefused)] == [status]
    closing = ["M46"] if first in ORDER[:2] else []
    assert [one for one in run.rules if one not in ("M64", "M02", "M08")] == [*closing, rule]
    assert run.one(ev.InjectRefused).nbls == ("1.1",)
    assert "1.1" not in [nbl for event in run.of(ev.InjectCompleted) for nbl in event.nbls]


def test_null_and_injected_resource_failures_are_refused(tmp_path: Path) -> None:
    bench = injecting(
        tmp_path,
        """
        def seen(self, fwps, values, meta, layer_data, out):
            assert self.inject(fwps, values, None) == fwps.STATUS_INVALID_PARAMETER
            status, clone = self.clone(fwps, meta, layer_data)
            assert self.inject(fwps, values, clone) == fwps.STATUS_INSUFFICIENT_RESOURCES
            fwps.free_clone_net_buffer_list(clone, 0)
            out.block(hard=True)
    """,
    )
    run = bench.run(sent(), faults=[{"call": "FwpsInjectMacSendAsync0", "nth": 1, "status": "0xC000009A"}])

    assert run.failures == []
    assert [event.status for event in run.of(ev.InjectRefused)] == [0xC000000D, 0xC000009A]


COPY_TO = """
    def seen(self, fwps, values, meta, layer_data, out):
        at = self.config
        status, copy = self.copy(fwps, bytes.fromhex(at.get("data", "")) or layer_data.first_net_buffer.data())
        status = self.inject(fwps, values, copy, at["layer"], context="mine", interface=at.get("interface", 1),
                             port=at.get("port", 0))
        assert fwps.nt_success(status)
        out.absorb()
"""
PATHS = {58: [58, 56], 56: [56], 57: [57, 59], 59: [59]}


@pytest.mark.parametrize("target", PATHS)
def test_an_injection_re_enters_at_the_named_layer_and_goes_on_in_its_direction(target: int, tmp_path: Path) -> None:
    run = injecting(tmp_path, COPY_TO, INBOUND_MAC_FRAME_NATIVE, config={"layer": target}).run(received())

    reentered = run.events.index(run.one(ev.FrameReentered))
    classified = [event.layer for event in run.events[reentered:] if isinstance(event, ev.ClassifyBegan)]
    assert classified == PATHS[target]
    assert run.one(ev.FrameDelivered).to == ("protocols" if target in (56, 58) else "wire")
    assert run.one(ev.InjectionEnded).outcome == ("delivered" if target in (56, 58) else "sent")
    assert run.one(ev.InjectCompleted).statuses == (0,)
    assert run.rules == ([] if target == 58 else ["M02"])  # at the other layers only another vendor's callout stands
    assert run.outcomes == {1: "absorbed"}


def test_the_fields_of_the_re_classification_come_from_the_call_and_the_bytes(tmp_path: Path) -> None:
    other = an_interface(1, ndis_port=9)
    data = "ffffffffffff02000000000588b5" + "00" * 46
    bench = injecting(
        tmp_path,
        COPY_TO,
        INBOUND_MAC_FRAME_NATIVE,
        config={"layer": 57, "interface": other.index, "port": 9, "data": data},
    )
    run = bench.run(sent(1, interface=other), received(2))

    values = next(event.values for event in run.of(ev.ClassifyBegan) if event.nbls == ("2.1",))
    layer = layer_by_id(57)
    assert layer is not None
    named = {field.name: value for field, value in zip(layer.fields, values, strict=True)}
    assert (named["MAC_LOCAL_ADDRESS"], named["MAC_REMOTE_ADDRESS"]) == ("02:00:00:00:00:05", "ff:ff:ff:ff:ff:ff")
    assert (named["MAC_REMOTE_ADDRESS_TYPE"], named["ETHER_TYPE"]) == (2, 0x88B5)
    assert (named["INTERFACE_INDEX"], named["NDIS_PORT"]) == (2, 9)


@pytest.mark.parametrize("place", [{"interface": 77}, {"port": 5}])
def test_ch_22_an_unknown_interface_or_port_fails_later_with_not_found(place: dict[str, int], tmp_path: Path) -> None:
    run = injecting(tmp_path, COPY_TO, INBOUND_MAC_FRAME_NATIVE, config={"layer": 57, **place}).run(received())

    assert run.one(ev.InjectCompleted).statuses == (0xC0000225,)
    assert run.one(ev.InjectionEnded).outcome == "failed"
    assert run.rules == ["M41"]


@pytest.mark.parametrize(
    ("says", "outcome", "status"),
    [
        ({"action": "BLOCK", "hard": True}, "blocked", 0xC0000001),
        ({"action": "BLOCK", "hard": True, "absorb": True}, "absorbed", 0),
        ({"action": "PERMIT"}, "sent", 0),
    ],
)
def test_ch_30_what_a_lower_layer_does_to_an_injected_frame_is_its_status(
    says: dict[str, object], outcome: str, status: int, tmp_path: Path
) -> None:
    bench = injecting(tmp_path, COPY_TO, OUTBOUND_MAC_FRAME_ETHERNET, anchors=False, config={"layer": 57})
    bench.script(VERDICTS, "says.py")
    bench.calls("says", OUTBOUND_MAC_FRAME_NATIVE, script="says.py", class_="Says", config=says)
    run = bench.run(sent())

    assert (run.one(ev.InjectionEnded).outcome, run.one(ev.InjectCompleted).statuses) == (outcome, (status,))
    assert len(run.of(ev.DropAudited)) == (outcome == "blocked")
    assert run.rules == []


@pytest.mark.parametrize(("length", "status"), [(1514, 0), (1515, 0xC0000206)])
@pytest.mark.parametrize("layer", [57, 58])
def test_ch_30_only_a_sent_frame_can_be_too_large(layer: int, length: int, status: int, tmp_path: Path) -> None:
    data = ("0200000000020200000000010800") + "00" * (length - 14)
    run = injecting(tmp_path, COPY_TO, OUTBOUND_MAC_FRAME_ETHERNET, config={"layer": layer, "data": data}).run(sent())

    assert run.one(ev.InjectCompleted).statuses == (status if layer == 57 else 0,)


POLICIES = {
    "stop": ["skipped", "STOP"],
    "crash": ["skipped", "BUGCHECK"],
    "leak": ["sent", None],
    "masked": ["sent", None],
}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("target", [56, 57])
def test_ch_29_injecting_where_no_callout_stands_is_undefined_behaviour(
    policy: str, target: int, tmp_path: Path
) -> None:
    layer = INBOUND_MAC_FRAME_NATIVE if target == 57 else OUTBOUND_MAC_FRAME_NATIVE
    bench = injecting(tmp_path, COPY_TO, layer, anchors=False, config={"layer": target})
    frame, late = (received, sent) if target == 57 else (sent, received)
    run = bench.run(frame(1), late(2), ub_policy=policy)

    second, code = POLICIES[policy]
    assert [event.code for event in run.of(ev.BugCheckSimulated)] == ([code] if code else [])
    assert run.outcomes == {1: "absorbed", 2: second if target == 57 or second == "skipped" else "delivered"}
    handed_over = run.of(ev.ForeignHandOver)
    if policy in ("crash", "leak"):
        assert handed_over[0].reached == (
            "the protocol, which never sent it" if target == 57 else "the miniport, which does not own it"
        )
    else:
        assert handed_over == []
    assert len(run.of(ev.InjectCompleted)) == (policy == "masked")
    expected = {"stop": ["M01"], "crash": ["M01"], "leak": ["M01", "M47", "M47", "M47"], "masked": ["M02"]}
    assert run.rules[:1] == expected[policy][:1]
    if policy == "leak":
        assert {"M47", "M01"} <= set(run.rules)


# --- state queries ----------------------------------------------------------------------------------------------------

FOUR_STATES = """
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        out.permit()
        if state in OWN or self.config.get("watch"):
            return
        make = self.clone if self.config["clones"] else lambda *_: self.copy(fwps, layer_data.first_net_buffer.data())
        status, one = make(fwps, meta, layer_data)
        assert fwps.nt_success(self.inject(fwps, values, one, context=self.config["name"]))
        out.absorb()
"""


def two_drivers(folder: Path, *, clones: bool, limit: int = 8) -> Run:
    bench = Bench(folder)
    for weight, name in ((20, "X"), (10, "Y")):
        sublayer = policies.a_sublayer_spec(name, weight=weight)
        bench.add(sublayer)
        bench.driver(FOUR_STATES, f"{name}.py")
        bench.calls(
            name,
            OUTBOUND_MAC_FRAME_ETHERNET,
            script=f"{name}.py",
            sublayer=policies.key_of(sublayer),
            config={"name": name, "clones": clones},
        )
    return bench.run(sent(), loop_limit=limit)


def test_the_four_injection_states_by_handle_with_the_context_of_their_own(tmp_path: Path) -> None:
    run = two_drivers(tmp_path, clones=True)

    asked = [
        (event.driver, event.nbl, event.state.removeprefix("FWPS_PACKET_"), event.context)
        for event in run.of(ev.StateQueried)
    ]
    assert asked == [
        ("X", "1.0", "NOT_INJECTED", None),
        ("Y", "1.0", "NOT_INJECTED", None),
        # Both have cloned the original; each clone meets both drivers.
        ("X", "1.1", "INJECTED_BY_SELF", "'X'"),
        ("Y", "1.1", "INJECTED_BY_OTHER", None),
        ("X", "1.2", "INJECTED_BY_OTHER", None),
        ("Y", "1.2", "INJECTED_BY_SELF", "'Y'"),
        ("X", "1.3", "PREVIOUSLY_INJECTED_BY_SELF", "'X'"),
        ("Y", "1.3", "INJECTED_BY_SELF", "'Y'"),
        ("X", "1.4", "INJECTED_BY_SELF", "'X'"),
        ("Y", "1.4", "PREVIOUSLY_INJECTED_BY_SELF", "'Y'"),
    ]
    assert "M06" not in run.rules


def test_copies_lose_the_history_and_the_loop_is_found(tmp_path: Path) -> None:
    run = two_drivers(tmp_path, clones=False, limit=3)

    assert "FWPS_PACKET_PREVIOUSLY_INJECTED_BY_SELF" not in [event.state for event in run.of(ev.StateQueried)]
    assert "M06" in run.rules
    assert all(event.status == 0 for event in run.of(ev.InjectionEnded))


def test_the_context_of_the_latest_injection_by_the_same_handle_is_told(tmp_path: Path) -> None:
    bench = injecting(
        tmp_path,
        """
        def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
            state, context = fwps.query_packet_injection_state(self.handle, layer_data)
            if context == 2:
                out.permit()
                return
            status, clone = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, clone, context=1 if context is None else context + 1)
            out.absorb()
    """,
        anchors=False,
    )
    run = bench.run(sent())

    assert [event.context for event in run.of(ev.StateQueried)] == [None, "1", "2"]
    assert [len(event.changed[0].history) for event in run.of(ev.InjectAccepted)] == [1, 2]


def test_asking_with_another_handle_of_the_same_driver_is_a_trap(tmp_path: Path) -> None:
    bench = injecting(
        tmp_path,
        """
        def start(self, fwps, config):
            super().start(fwps, config)
            status, self.other = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)

        def seen(self, fwps, values, meta, layer_data, out):
            status, clone = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, clone, handle=self.other)
            out.absorb()

        def stop(self, fwps):
            fwps.injection_handle_destroy(self.other)
            super().stop(fwps)
    """,
        anchors=False,
    )
    run = bench.run(sent())

    assert {"M08", "M06"} <= set(run.rules)


# --- originals --------------------------------------------------------------------------------------------------------

ORIGINAL = """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.queue_work(self.works, fwps, (values.INTERFACE_INDEX, values.NDIS_PORT), layer_data)
        out.absorb()

    def works(self, fwps, place, original):
        status = fwps.inject_mac_send_async(self.handle, None, 0, 57, *place, original, self.completed, None)
        assert fwps.nt_success(status)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        assert fwps.nt_success(net_buffer_list.status)
        fwps.dereference_net_buffer_list(net_buffer_list, dispatch_level)
"""


def test_a_held_original_can_be_injected_itself_and_is_completed_to_its_sender_after(tmp_path: Path) -> None:
    run = injecting(tmp_path, ORIGINAL, anchors=False).run(sent())

    assert run.failures == []
    ends = run.kinds(frame=1)[-7:]
    assert ends == [
        "InjectionEnded",
        "InjectCompleted",
        "NblDereferenced",
        "OriginalReleased",
        "OriginalCompleted",
        "CompletionReturned",
        "FrameFinished",
    ]
    assert run.one(ev.FrameDelivered).nbls == ("1.0",)
    assert run.rules == []


@pytest.mark.parametrize("when", ["inject before the verdict", "without a reference", "after it went back"])
def test_an_original_that_the_driver_does_not_hold_is_refused(when: str, tmp_path: Path) -> None:
    bench = injecting(
        tmp_path,
        f"""
        def seen(self, fwps, values, meta, layer_data, out):
            when = {when!r}
            place = values.INTERFACE_INDEX, values.NDIS_PORT
            if when == "inject before the verdict":
                fwps.reference_net_buffer_list(layer_data, True)
                self.works(fwps, place, layer_data)
                fwps.dereference_net_buffer_list(layer_data, True)
            elif when == "without a reference":
                status, clone = self.clone(fwps, meta, layer_data)  # holds it, but is no reference
                fwps.queue_work(self.works, fwps, place, layer_data)
                fwps.queue_work(fwps.free_clone_net_buffer_list, clone, 0)
            else:
                fwps.queue_work(self.works, fwps, place, layer_data)
            out.absorb()

        def works(self, fwps, place, original):
            status = fwps.inject_mac_send_async(self.handle, None, 0, 57, *place, original, self.completed, None)
            assert status == fwps.STATUS_INVALID_PARAMETER
    """,
        anchors=False,
    )
    run = bench.run(sent())

    assert run.failures == []
    assert "M19" in run.rules
    assert run.of(ev.InjectAccepted) == []
    assert run.outcomes == {1: "absorbed"}


# --- handles ----------------------------------------------------------------------------------------------------------


def test_destroying_a_handle_waits_for_its_injections_and_their_order_is_kept(tmp_path: Path) -> None:
    bench = injecting(
        tmp_path,
        """
        def seen(self, fwps, values, meta, layer_data, out):
            status, clone = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, clone)
            fwps.queue_work(self.works, fwps)
            out.absorb()

        def works(self, fwps):
            fwps.injection_handle_destroy(self.handle)
            fwps.queue_work(len, "")

        def stop(self, fwps):
            fwps.free_net_buffer_list_pool(self.pool)
    """,
        anchors=False,
    )
    run = bench.run(sent())

    kinds = run.kinds(frame=1)
    order = [
        "WorkStarted",
        "HandleClosing",
        "InjectCompleted",
        "NblFreed",
        "CompletionReturned",
        "HandleClosed",
        "WorkQueued",
    ]
    assert [kind for kind in kinds[kinds.index("WorkStarted") :] if kind in order][:7] == order
    times = [record.time_ns for record in run.records]
    assert times == sorted(times)
    assert run.one(ev.HandleClosing).pending == 1
    assert [event.number for event in run.of(ev.FrameFinished)] == [1]
    assert run.rules == []


@pytest.mark.parametrize("seed", range(4))
def test_destroying_a_handle_in_its_own_completion_can_never_end(seed: int, tmp_path: Path) -> None:
    bench = injecting(
        tmp_path,
        """
        def seen(self, fwps, values, meta, layer_data, out):
            status, copy = self.copy(fwps, layer_data.first_net_buffer.data())
            self.inject(fwps, values, copy)
            out.absorb()

        def completed(self, fwps, context, net_buffer_list, dispatch_level):
            super().completed(fwps, context, net_buffer_list, dispatch_level)
            fwps.injection_handle_destroy(self.handle)
    """,
        INBOUND_MAC_FRAME_NATIVE,
        anchors=False,
    )
    run = bench.run(received(), seed=seed)

    assert run.rules[:1] == ["M46"]
    assert run.outcomes == {1: "absorbed"}


def test_an_injection_still_pending_at_unload_is_waited_for_in_stop(tmp_path: Path) -> None:
    bench = injecting(
        tmp_path,
        """
        def stop(self, fwps):
            memory = bytearray(60)
            status, copy = self.copy(fwps, memory)
            status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, copy, self.completed, None)
            assert fwps.nt_success(status)
            super().stop(fwps)
            assert self.completed_with == [0]
    """,
        anchors=False,
    )
    run = bench.run(sent())

    # The driver's callout is unregistered before stop() runs: nobody stands at the layer any more.
    assert run.rules[:1] == ["M01"]
    assert run.outcomes == {1: "sent"}


def test_a_handle_left_open_is_told_at_unload(tmp_path: Path) -> None:
    run = injecting(tmp_path, "def stop(self, fwps):\n    pass\n", anchors=False).run(sent())

    assert run.rules == ["M64"]


def test_everything_at_the_inbound_layers_works_through_56_too(tmp_path: Path) -> None:
    """A copy injected at 56 starts at the MAC header, and is shown from the IP header on."""
    run = injecting(tmp_path, COPY_TO, INBOUND_MAC_FRAME_NATIVE, config={"layer": 56}).run(received())

    entered = [event for event in run.of(ev.ModuleEntered) if event.layer == 56]
    assert [event.changed[0].net_buffers[0].data_offset for event in entered] == [14]
    assert run.one(ev.InjectCompleted).changed[0].net_buffers[0].data_offset == 0
