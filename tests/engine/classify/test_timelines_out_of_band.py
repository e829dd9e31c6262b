"""Frames that a driver holds and decides upon later: callouts-nbl-injection 6.7 (T6)."""

from __future__ import annotations

from pathlib import Path

from engine.trace import events as ev
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_ETHERNET,
)
from tests.builders.engines import Bench
from tests.builders.frames import received
from tests.builders.injections import story

PENDED = """
    at_ip_header = True
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        place = values.INTERFACE_INDEX, values.NDIS_PORT
        fwps.queue_work(self.works, fwps, place, meta.ethernet_mac_header_size, layer_data)
        out.absorb()

    def works(self, fwps, place, size, original):
        if not self.config.get("drop"):
            buffer = original.first_net_buffer
            fwps.retreat_net_buffer_data_start(buffer, size, 0, None)
            status, clone = fwps.allocate_clone_net_buffer_list(original, None, None, 0)
            fwps.advance_net_buffer_data_start(buffer, size, False, None)
        fwps.dereference_net_buffer_list(original, False)
        if self.config.get("drop"):
            return
        layer = fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET
        status = fwps.inject_mac_receive_async(self.handle, None, 0, layer, *place, clone, self.completed, None)
        assert fwps.nt_success(status)
"""


def test_t6_out_of_band_the_clone_keeps_the_original_until_it_is_freed(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(PENDED)
    bench.calls("pends", INBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(received())

    kinds = story(run)
    assert kinds[4:18] == [
        "CalloutEntered",
        "StateQueried",
        "NblReferenced",
        "WorkQueued",
        "CalloutReturned",
        "ClassifyEnded",
        "FrameAbsorbed",
        "OriginalHeld",
        "ModuleLeft",
        "WorkStarted",
        "OffsetChanged",
        "NblCloned",
        "OffsetChanged",
        "NblDereferenced",
    ]
    assert kinds[18:20] == ["InjectCalled", "InjectAccepted"]
    assert run.one(ev.OriginalHeld).changed[0].net_buffers[0].data_offset == 14  # as the callout saw it
    assert run.one(ev.OriginalReturned).changed[0].net_buffers[0].data_offset == 0
    assert kinds[-6:] == [
        "InjectCompleted",
        "NblFreed",
        "OriginalReleased",
        "OriginalReturned",
        "CompletionReturned",
        "FrameFinished",
    ]
    assert run.one(ev.NblCloned).changed[1].net_buffers[0].data_length == 60
    assert (run.rules, run.outcomes) == ([], {1: "absorbed"})


def test_t6_out_of_band_drop_releases_the_original(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(PENDED)
    bench.calls("pends", INBOUND_MAC_FRAME_ETHERNET, config={"drop": True})
    run = bench.run(received())

    assert story(run)[-5:] == [
        "WorkStarted",
        "NblDereferenced",
        "OriginalReleased",
        "OriginalReturned",
        "FrameFinished",
    ]
    assert run.rules == []
