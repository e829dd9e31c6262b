"""Packet tags: associate, retrieve, remove, and the events of 5.8 that the driver is told."""

from __future__ import annotations

from pathlib import Path

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders.engines import Run
from tests.builders.frames import received, sent
from tests.builders.injections import injecting

TAGS = """
    def start(self, fwps, config):
        super().start(fwps, config)
        status, self.tag = fwps.net_buffer_list_get_tag_for_context()
        assert status == 0
        self.told = []

    def told_of(self, fwps, event_type, event, net_buffer_list, layer_id, context, context_tag):
        assert event is None and context_tag == self.tag
        self.told.append((event_type, repr(net_buffer_list), layer_id, context))
        return fwps.STATUS_SUCCESS

    def tags(self, fwps, values, nbl, context=7):
        return fwps.net_buffer_list_associate_context(
            nbl, values.layer_id, context, self.tag, None, None, self.told_of, 0)
"""


def told(run: Run) -> list[tuple[str, str]]:
    return [(str(one.nbl), one.event.removeprefix("FWPS_NET_BUFFER_LIST_")) for one in run.of(ev.TagNotified)]


def test_a_received_frame_tells_where_it_goes_and_comes_back(tmp_path: Path) -> None:
    run = injecting(tmp_path, TAGS + """
    def seen(self, fwps, values, meta, layer_data, out):
        assert self.tags(fwps, values, layer_data) == 0
        out.permit()

    def stop(self, fwps):
        assert self.told == [
            (fwps.NET_BUFFER_LIST_ENTERED_NETIO, "<NET_BUFFER_LIST 1.0>", 58, 7),
            (fwps.NET_BUFFER_LIST_NDIS_ETHERNET_RECV_COMPLETE, "<NET_BUFFER_LIST 1.0>", 58, 7),
            (fwps.NET_BUFFER_LIST_NDIS_NATIVE_RECV_COMPLETE, "<NET_BUFFER_LIST 1.0>", 58, 7),
            (fwps.NET_BUFFER_LIST_CONTEXT_REMOVED, "<NET_BUFFER_LIST 1.0>", 58, 7)]
        super().stop(fwps)
    """, INBOUND_MAC_FRAME_NATIVE).run(received())

    assert (run.failures, run.rules) == ([], [])
    assert run.one(ev.NblTagged).changed[0].tags == (1,)
    assert told(run) == [("1.0", "ENTERED_NETIO"), ("1.0", "NDIS_ETHERNET_RECV_COMPLETE"),
                         ("1.0", "NDIS_NATIVE_RECV_COMPLETE"), ("1.0", "CONTEXT_REMOVED")]


def test_a_send_completes_from_the_native_layer_up(tmp_path: Path) -> None:
    run = injecting(tmp_path, TAGS + """
    def seen(self, fwps, values, meta, layer_data, out):
        self.tags(fwps, values, layer_data)
        out.permit()
    """).run(sent())

    assert told(run) == [("1.0", "NDIS_NATIVE_SEND_COMPLETE"), ("1.0", "NDIS_ETHERNET_SEND_COMPLETE"),
                         ("1.0", "CONTEXT_REMOVED")]


def test_a_clone_is_told_and_may_take_the_context_over(tmp_path: Path) -> None:
    """Moved with removeContext TRUE, then associated with the clone [drv: using-packet-tagging.md]."""
    run = injecting(tmp_path, TAGS + """
    def seen(self, fwps, values, meta, layer_data, out):
        self.tags(fwps, values, layer_data)
        status, clone = self.clone(fwps, meta, layer_data)
        assert self.told == [(fwps.NET_BUFFER_LIST_CLONED_VIA_WFP_API, repr(clone), values.layer_id, 7)]
        assert fwps.net_buffer_list_retrieve_context(layer_data, self.tag, False) == (0, 7)
        assert fwps.net_buffer_list_retrieve_context(layer_data, self.tag, True) == (0, 7)
        assert fwps.net_buffer_list_retrieve_context(layer_data, self.tag, True) == (fwps.STATUS_NOT_FOUND, None)
        self.tags(fwps, values, clone, 8)
        self.inject(fwps, values, clone)
        out.absorb()
    """).run(sent())

    assert (run.failures, run.rules) == ([], [])
    assert told(run) == [("1.0", "CLONED_VIA_WFP_API"), ("1.1", "NDIS_NATIVE_SEND_COMPLETE"),
                         ("1.1", "NDIS_ETHERNET_SEND_COMPLETE"), ("1.1", "CONTEXT_REMOVED")]
    assert [one.context for one in run.of(ev.TagNotified)] == [7, 8, 8, 8]


def test_the_context_goes_with_a_clone_that_is_freed(tmp_path: Path) -> None:
    run = injecting(tmp_path, TAGS + """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        self.tags(fwps, values, clone)
        fwps.free_clone_net_buffer_list(clone, 0)
        out.permit()
    """).run(sent())

    assert (run.failures, run.rules, told(run)) == ([], [], [("1.1", "CONTEXT_REMOVED")])


def test_contexts_are_removed_from_one_nbl_or_from_all(tmp_path: Path) -> None:
    run = injecting(tmp_path, TAGS + """
    def seen(self, fwps, values, meta, layer_data, out):
        self.tags(fwps, values, layer_data)
        assert fwps.net_buffer_list_remove_context(layer_data, self.tag, 0) == 0
        assert fwps.net_buffer_list_remove_context(layer_data, self.tag, 0) == fwps.STATUS_NOT_FOUND
        self.tags(fwps, values, layer_data)
        assert fwps.net_buffer_list_remove_context(None, self.tag, 0) == 0
        assert [one[0] for one in self.told] == [fwps.NET_BUFFER_LIST_CONTEXT_REMOVED] * 2
        out.permit()
    """, INBOUND_MAC_FRAME_ETHERNET).run(received())

    assert (run.failures, run.rules, told(run)) == ([], [], [("1.0", "CONTEXT_REMOVED")] * 2)


def test_what_cannot_be_tagged_is_refused(tmp_path: Path) -> None:
    run = injecting(tmp_path, TAGS + """
    def seen(self, fwps, values, meta, layer_data, out):
        wrong = fwps.STATUS_INVALID_PARAMETER
        associate = fwps.net_buffer_list_associate_context
        assert associate(layer_data, 12, 7, self.tag, None, None, self.told_of, 0) == wrong
        assert associate(layer_data, 57, 7, self.tag + 1, None, None, self.told_of, 0) == wrong
        assert associate(layer_data, 57, 7, self.tag, None, None, self.told_of, 1) == wrong
        assert associate(layer_data, fwps.LAYER_NON_WFP, 7, self.tag, None, None, self.told_of, 0) == 0
        assert associate(layer_data, 57, 7, self.tag, None, None, self.told_of, 0) == wrong
        out.permit()
    """).run(sent())

    assert run.failures == []
    assert [one.status for one in run.of(ev.NblTagged)] == [0xC000000D] * 3 + [0, 0xC000000D]


def test_a_notify_function_that_raises_leaves_the_frame_alone(tmp_path: Path) -> None:
    raising = TAGS.replace("assert event is None and context_tag == self.tag", "raise ValueError(event_type)")
    run = injecting(tmp_path, raising + """
    def seen(self, fwps, values, meta, layer_data, out):
        self.tags(fwps, values, layer_data)
        out.permit()
    """, OUTBOUND_MAC_FRAME_ETHERNET).run(sent())

    assert run.failures == ["ValueError: 8", "ValueError: 6", "ValueError: 5"]
    assert run.outcomes == {1: "sent"}
