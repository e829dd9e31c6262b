"""Held originals that are injected themselves, and the life of injection handles. Source: 3.1, 3.2."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_NATIVE,
)
from tests.builders.frames import received, sent
from tests.builders.injections import injecting

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
    assert "X02" in run.rules
    assert run.of(ev.InjectAccepted) == []
    assert run.outcomes == {1: "absorbed"}


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
            assert self.completed_with == [0xC0000001]
    """,
        anchors=False,
    )
    run = bench.run(sent())

    # The callout is unregistered before stop() runs: its filter blocks by default, and keeps the module's handlers.
    assert run.rules == []
    assert run.outcomes == {1: "sent"}


def test_a_handle_left_open_is_told_at_unload(tmp_path: Path) -> None:
    run = injecting(tmp_path, "def stop(self, fwps):\n    pass\n", anchors=False).run(sent())

    assert run.rules == ["M64", "M47"]  # and its pool
