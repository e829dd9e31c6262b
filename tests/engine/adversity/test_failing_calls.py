"""What a driver gets from each call that may fail: the status of the rule, or NULL; and that nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.classify.adversity.calls import ALLOCATIONS, CALLS, REGISTRATIONS, SETUP, WITHOUT_STATUS
from engine.explore.sites import STATUSES
from engine.trace import events as ev
from tests.builders.engines import Run
from tests.builders.frames import sent
from tests.builders.injections import injecting

FAILED = 0xC000009A

WITHOUT_A_RULE = {"X01", "M36d", "M69"}
"""The script tells by raising, which leaves a BLOCK to the anchor; and it makes pools and handles in classify."""

TRIES = """
    at_ip_header = False

    def seen(self, fwps, values, meta, layer_data, out):
        out.permit()
        memory = bytearray(64)
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data)
        self.got = {"FwpsAllocateCloneNetBufferList0": (status, clone)}
        status, deep = fwps.allocate_deep_clone_net_buffer_list(layer_data)
        self.got["FwpsAllocateDeepCloneNetBufferList0"] = (status, deep)
        fragment = fwps.allocate_fragment_net_buffer_list(layer_data, None, None, 0, 40, 0, 0)
        self.got["NdisAllocateFragmentNetBufferList"] = fragment
        whole = fwps.allocate_reassembled_net_buffer_list(layer_data, None, 0, 0, 0)
        self.got["NdisAllocateReassembledNetBufferList"] = whole
        mdl = self.got["NdisAllocateMdl"] = fwps.allocate_mdl(None, memory, 64)
        new = None
        if mdl is not None:
            status, new = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, 64)
            self.got["FwpsAllocateNetBufferAndNetBufferList0"] = (status, new)
        pool = self.got["NdisAllocateNetBufferPool"] = fwps.allocate_net_buffer_pool(None)
        another = self.got["NdisAllocateNetBufferListPool"] = fwps.allocate_net_buffer_list_pool(None)
        power = self.got["PoRegisterPowerSettingCallback"] = fwps.register_power_callback(lambda leaving: None)
        if clone is not None:
            status = self.got["NdisAllocateNetBufferListContext"] = fwps.allocate_net_buffer_list_context(clone, 16, 0)
            if not status:
                fwps.free_net_buffer_list_context(clone, 16)
        self.got["FwpsNetBufferListGetTagForContext0"] = fwps.net_buffer_list_get_tag_for_context()
        status, tag = self.got["FwpsNetBufferListGetTagForContext0"]
        if tag:
            self.got["FwpsNetBufferListAssociateContext1"] = fwps.net_buffer_list_associate_context(
                layer_data, values.layer_id, 1, tag, None, None, lambda *told: None)
        status = self.got["NdisRetreatNetBufferDataStart"] = fwps.retreat_net_buffer_data_start(
            layer_data.first_net_buffer, 8)
        if not status:
            fwps.advance_net_buffer_data_start(layer_data.first_net_buffer, 8, True)
        self.got["FwpsInjectionHandleCreate0"] = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        for name, (free, made) in {
                "clone": (fwps.free_clone_net_buffer_list, clone), "deep": (fwps.free_clone_net_buffer_list, deep),
                "new": (fwps.free_net_buffer_list, new), "mdl": (fwps.free_mdl, mdl),
                "pool": (fwps.free_net_buffer_pool, pool), "other": (fwps.free_net_buffer_list_pool, another),
                "power": (fwps.unregister_power_callback, power),
                "handle": (fwps.injection_handle_destroy, self.got["FwpsInjectionHandleCreate0"][1]),
                "fragment": (lambda one: fwps.free_fragment_net_buffer_list(one, 0), fragment),
                "whole": (lambda one: fwps.free_reassembled_net_buffer_list(one, 0), whole)}.items():
            if made is not None:
                free(made)
        lost = [name for name, got in self.got.items() if got is None or got == 0xC000009A
                or (isinstance(got, tuple) and got[0] == 0xC000009A and not got[1])]
        raise ValueError(f"lost {', '.join(lost) or 'nothing'}")
"""


def tried(folder: Path, *calls: str) -> Run:
    return injecting(folder, TRIES).run(
        sent(1), faults=[{"call": call, "frame": 1, "nth": 1, "status": FAILED} for call in calls])


def test_nothing_fails_without_a_rule(tmp_path: Path) -> None:
    assert tried(tmp_path).failures == ["ValueError: lost nothing"]


@pytest.mark.parametrize("call", [*SETUP, *ALLOCATIONS])
def test_a_call_that_is_to_fail_gives_the_status_or_null_and_nothing_else_fails(call: str, tmp_path: Path) -> None:
    run = tried(tmp_path, call)

    assert run.failures == [f"ValueError: lost {call}"]
    assert set(run.rules) <= WITHOUT_A_RULE


@pytest.mark.parametrize("call", [call for call in WITHOUT_STATUS if not call.endswith("NetBufferList")])
def test_a_null_without_a_status_is_told(call: str, tmp_path: Path) -> None:
    refused = [event for event in tried(tmp_path, call).of(ev.CallRefused) if event.function == call]

    assert [(event.status, event.reason, event.driver) for event in refused] == [(FAILED, "it returns NULL", "driver")]


def test_the_walk_fails_every_call_that_makes_something() -> None:
    assert set(STATUSES) == {*SETUP, *ALLOCATIONS, *REGISTRATIONS, "FwpsInjectMacSendAsync0",
                             "FwpsInjectMacReceiveAsync0", "completion"}
    assert set(STATUSES) < set(CALLS)
    assert set(WITHOUT_STATUS) <= {*SETUP, *ALLOCATIONS}
    assert not any(word in call for call in REGISTRATIONS for word in ("Delete", "Close", "Abort", "Unregister"))


def test_a_pool_of_the_wrong_kind_makes_no_nbl_and_is_not_freed_as_another(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        pool = fwps.allocate_net_buffer_pool(None)
        mdl = fwps.allocate_mdl(None, bytearray(64), 64)
        status, new = fwps.allocate_net_buffer_and_net_buffer_list(pool, 0, 0, mdl, 0, 64)
        fwps.free_mdl(mdl)
        assert (status, new) == (fwps.STATUS_INVALID_PARAMETER, None)
        out.permit()
        fwps.free_net_buffer_list_pool(pool)
    """).run(sent(1))

    assert run.failures == ["ValueError: NdisFreeNetBufferListPool: there is no such pool, or it was freed before"]
    assert run.rules[-1] == "M47"
    assert run.of(ev.RuleBroken)[-1].detail == "nbpool2 was never freed"


def test_a_clone_names_the_pool_that_it_was_made_from(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        for pool in (self.pool, None):
            status, clone = fwps.allocate_clone_net_buffer_list(layer_data, pool)
            assert clone.ndis_pool_handle == pool
            fwps.free_clone_net_buffer_list(clone)
        out.permit()
    """).run(sent(1))

    assert (run.failures, run.rules) == ([], [])
