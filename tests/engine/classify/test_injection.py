"""Injection: the synchronous checks, re-entry, fates, undefined behaviour, state queries, handles. Source: 3 and 4."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_NATIVE,
    OUTBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_NATIVE,
    layer_by_id,
)
from tests.builders.engines import VERDICTS
from tests.builders.frames import an_interface, received, sent
from tests.builders.injections import injecting

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
    closing, blocked_though_injected = (["M46"], ["M36c"]) if first in ORDER[:2] else ([], [])
    found = [one for one in run.rules if one not in ("M64", "M02", "M08", "M69")]
    assert found == [*closing, rule, *blocked_though_injected]
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


def test_everything_at_the_inbound_layers_works_through_56_too(tmp_path: Path) -> None:
    """A copy injected at 56 starts at the MAC header, and is shown from the IP header on."""
    run = injecting(tmp_path, COPY_TO, INBOUND_MAC_FRAME_NATIVE, config={"layer": 56}).run(received())

    entered = [event for event in run.of(ev.ModuleEntered) if event.layer == 56]
    assert [event.changed[0].net_buffers[0].data_offset for event in entered] == [14]
    assert run.one(ev.InjectCompleted).changed[0].net_buffers[0].data_offset == 0
