"""Callouts that keep the rules: no finding of any severity, whatever the seed and the completion policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.frames.capture import open_capture
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_ETHERNET,
    INBOUND_MAC_FRAME_NATIVE,
    OUTBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_NATIVE,
)
from engine.wfp.policy_file import load_policy
from tests.builders.engines import HEAD, Bench, Run, run
from tests.builders.frames import received, sent
from tests.builders.injections import CLONE_AND_INJECT, injecting
from tests.corpus import REPOSITORY

SAMPLES = REPOSITORY / "resources" / "samples"
POLICIES = ("single", "each", "random_segments", "reverse_each")

REFLECT = (
    HEAD
    + '''
class Reflect(Callout):
    """Send every inbound frame back where it came from: the example of the contract."""

    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.pool = fwps.allocate_net_buffer_list_pool(None)

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF):
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        frame = bytearray(layer_data.first_net_buffer.data())
        frame[0:6], frame[6:12] = frame[6:12], frame[0:6]
        mdl = fwps.allocate_mdl(None, frame, len(frame))
        status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(frame))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            out.block(hard=True)
            return
        status = fwps.inject_mac_send_async(self.handle, None, 0, fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE,
                                            values.INTERFACE_INDEX, values.NDIS_PORT, copy, self.completed, None)
        if not fwps.nt_success(status):
            self.release(fwps, copy)
            out.block(hard=True)
            return
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost = getattr(self, "lost", 0) + 1
            self.release(fwps, net_buffer_list)
            net_buffer_list = following

    def release(self, fwps, net_buffer_list):
        mdl = net_buffer_list.first_net_buffer.mdl_chain
        fwps.free_net_buffer_list(net_buffer_list)
        fwps.free_mdl(mdl)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)


class Anchor(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()
'''
)


def sample(name: str, seed: int, completion_policy: str) -> Run:
    folder = SAMPLES / name
    with open_capture(folder / "capture.pcapng") as frames:
        return run(load_policy(folder / "policy.json"), frames, seed=seed, completion_policy=completion_policy)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", ["absorb-clone-reinject", "segmented-completion", "permit-and-block"])
def test_the_bundled_good_stories_have_no_finding(name: str, policy: str) -> None:
    for seed in (1, 2, 3):
        assert sample(name, seed, policy).rules == []


@pytest.mark.parametrize("fault", [
    None,
    {"call": "FwpsAllocateNetBufferAndNetBufferList0", "share": 0.5, "status": "0xC000009A"},
    {"call": "FwpsInjectMacSendAsync0", "share": 0.5, "status": "0xC0220100"},
    {"call": "completion", "share": 0.5, "status": "0xC0000206"},
])  # fmt: skip
def test_reflect_with_its_anchor_has_no_finding_even_under_faults(
    fault: dict[str, object] | None, tmp_path: Path
) -> None:
    bench = Bench(tmp_path)
    bench.script(REFLECT)
    bench.calls("reflect", INBOUND_MAC_FRAME_NATIVE, class_="Reflect")
    bench.calls("anchor", OUTBOUND_MAC_FRAME_NATIVE, class_="Anchor")
    frames = [received(number, payload=bytes([number]) * 60) for number in range(1, 9)]

    assert bench.run(*frames, faults=[fault] if fault else []).rules == []


@pytest.mark.parametrize(
    "layer",
    [INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_NATIVE],
)
def test_the_canonical_clone_and_inject_has_no_finding_at_any_layer(layer: object, tmp_path: Path) -> None:
    body = CLONE_AND_INJECT.format(at_ip_header=layer is INBOUND_MAC_FRAME_ETHERNET)
    bench = injecting(tmp_path, body, layer)

    assert bench.run(received(1), sent(2), received(3, ether_type=0x0806), sent(4, ether_type=0x86DD)).rules == []


POLITE = """
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, _ = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.queue_work(self.work, fwps, layer_data, values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT)
        out.absorb()

    def work(self, fwps, nbl, layer, index, port):
        status, clone = fwps.allocate_clone_net_buffer_list(nbl)
        fwps.dereference_net_buffer_list(nbl, False)
        if not fwps.nt_success(status):
            return
        status = fwps.inject_mac_send_async(self.handle, None, 0, layer, index, port, clone, self.completed, None)
        if not fwps.nt_success(status):
            fwps.free_clone_net_buffer_list(clone, 0)
"""


@pytest.mark.parametrize("call", [None, "FwpsAllocateCloneNetBufferList0", "FwpsInjectMacSendAsync0", "completion"])
def test_the_pended_pattern_has_no_finding_even_under_faults(call: str | None, tmp_path: Path) -> None:
    faults = [{"call": call, "share": 0.5, "status": "0xC000009A"}] if call else []

    assert injecting(tmp_path, POLITE).run(*map(sent, range(1, 9)), faults=faults).rules == []
