"""NBLs, NET_BUFFERs and MDLs in a callout's hands: offsets, clones, frees, references. Source: 5.5 to 5.8."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders.engines import Bench
from tests.builders.frames import ARP, IPV4, a_frame, received, sent
from tests.builders.injections import seeing


@pytest.mark.parametrize(
    ("tags", "payload", "size"),
    [((), bytes(46), 14), (((0x8100, 5),), bytes(46), 18), (((0x88A8, 5), (0x8100, 6)), bytes(46), 22)],
)
def test_at_56_data_starts_behind_the_mac_header_and_the_retreat_shows_it(
    tags: tuple[tuple[int, int], ...], payload: bytes, size: int, tmp_path: Path
) -> None:
    frame = received(tags=tags, payload=payload)
    run = seeing(
        tmp_path,
        f"""
assert meta.ethernet_mac_header_size == {size}
buffer = layer_data.first_net_buffer
assert (buffer.data_offset, buffer.data()) == ({size}, bytes.fromhex("{payload.hex()}"))
status = fwps.retreat_net_buffer_data_start(buffer, {size}, 0, None)
assert (status, buffer.data()) == (0, bytes.fromhex("{frame.data.hex()}"))
fwps.advance_net_buffer_data_start(buffer, {size}, False, None)
""",
        INBOUND_MAC_FRAME_ETHERNET,
        frame,
    )

    assert (run.failures, run.rules) == ([], [])
    assert [event.new_mdl for event in run.of(ev.OffsetChanged)] == [None, None]


def test_llc_snap_has_a_header_of_22_bytes(tmp_path: Path) -> None:
    frame = received(ether_type=0x0030, payload=bytes.fromhex("aaaa030000000806") + bytes(40))
    run = seeing(
        tmp_path,
        """
assert meta.ethernet_mac_header_size == 22
assert layer_data.first_net_buffer.data() == bytes(40)
assert values.ETHER_TYPE == 0x0806
""",
        INBOUND_MAC_FRAME_ETHERNET,
        frame,
    )

    assert run.failures == []


@pytest.mark.parametrize("data", [b"", b"\x01", bytes(13), bytes(14), bytes(17)])
@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_a_runt_comes_through_every_layer(data: bytes, direction: str, tmp_path: Path) -> None:
    layer = INBOUND_MAC_FRAME_ETHERNET if direction == "inbound" else OUTBOUND_MAC_FRAME_ETHERNET
    run = seeing(
        tmp_path,
        """
self.at_ip_header = values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET
status, clone = self.clone(fwps, meta, layer_data)
assert fwps.nt_success(self.inject(fwps, values, clone))
out.absorb()
""",
        layer,
        a_frame(1, data, layer.direction),
    )

    assert run.failures == []
    assert run.rules == []
    assert run.outcomes == {1: "absorbed"}
    assert len(run.of(ev.FrameDelivered)) == 1


def test_a_retreat_beyond_the_header_shows_undefined_bytes_of_a_new_mdl(tmp_path: Path) -> None:
    run = seeing(
        tmp_path,
        """
buffer = layer_data.first_net_buffer
whole = buffer.data()
assert fwps.retreat_net_buffer_data_start(buffer, 4, 10, None) == 0
assert buffer.data() == b"\\xcd" * 4 + whole
assert (buffer.data_offset, buffer.mdl_chain.byte_count) == (10, 14)
assert fwps.get_data_buffer(buffer, 4) == b"\\xcd" * 4
assert fwps.get_data_buffer(buffer, 5) is None
storage = bytearray(5)
assert fwps.get_data_buffer(buffer, 5, storage) is storage
assert storage == b"\\xcd" * 4 + whole[:1]
assert fwps.get_data_buffer(buffer, 5000, bytearray(5000)) is None
fwps.advance_net_buffer_data_start(buffer, 4, True, None)
assert (buffer.data_offset, buffer.data()) == (0, whole)
""",
    )

    assert (run.failures, run.rules) == ([], [])
    assert run.of(ev.OffsetChanged)[0].new_mdl == run.one(ev.MdlAllocated).mdl == run.one(ev.MdlFreed).mdl


SPOILED = {
    "an advance": ("fwps.advance_net_buffer_data_start(layer_data.first_net_buffer, 5, False, None)", ["M43"]),
    "a retreat with a new MDL": (
        "fwps.retreat_net_buffer_data_start(layer_data.first_net_buffer, 80, 0, None)",
        ["M43"],
    ),
    "a shorter length": ("layer_data.first_net_buffer.data_length = 3", ["M43"]),
    "another MDL chain": ("layer_data.first_net_buffer.mdl_chain = None", ["M43"]),
    "a cut MDL chain": ("layer_data.first_net_buffer.mdl_chain.next = None", ["M43"]),
    "Next": ("layer_data.next = layer_data", ["M39"]),
    "no NET_BUFFER": ("layer_data.first_net_buffer = None", ["M39a"]),
    "a cycle of NET_BUFFERs": ("nb = layer_data.first_net_buffer\nnb.next = nb", ["M39a"]),
    "a cycle of MDLs": ("mdl = layer_data.first_net_buffer.mdl_chain\nmdl.next.next = mdl", ["M43"]),
}


@pytest.mark.parametrize("what", SPOILED)
def test_what_a_callout_does_not_put_back_is_told_and_put_back(what: str, tmp_path: Path) -> None:
    body, rules = SPOILED[what]
    run = seeing(tmp_path, body, OUTBOUND_MAC_FRAME_ETHERNET)

    assert run.failures == []
    assert run.rules == rules
    before, after = run.one(ev.FrameEntered).changed[0], run.one(ev.FrameDelivered).changed[0]
    assert after.net_buffers == before.net_buffers
    if rules:
        assert run.one(ev.CalloutReturned).changed[0].net_buffers == before.net_buffers
    assert run.world.nbls["1.0"] == run.engine._host.nbls.get("1.0", run.one(ev.OriginalCompleted).changed[0])


def test_a_clone_shares_the_bytes_and_a_write_through_it_is_told_with_who_sees_it(tmp_path: Path) -> None:
    run = seeing(
        tmp_path,
        """
status, clone = self.clone(fwps, meta, layer_data)
assert clone.parent_net_buffer_list is layer_data
assert (layer_data.child_ref_count, clone.next) == (1, None)
clone.first_net_buffer.write(0, b"\\x06\\x07")
assert layer_data.first_net_buffer.data()[:2] == b"\\x06\\x07"
fwps.free_clone_net_buffer_list(clone, 0)
assert layer_data.child_ref_count == 0
""",
        OUTBOUND_MAC_FRAME_ETHERNET,
    )

    assert run.failures == []
    written = run.one(ev.DataWritten)
    assert (written.nbl, written.old, written.new, written.sharers) == ("1.1", b"\x02\x00", b"\x06\x07", ("1.1", "1.0"))
    assert run.rules == ["M44"]
    assert run.world.frame_bytes("1.0")[:2] == b"\x06\x07"


def test_the_header_mdl_of_a_clone_can_be_replaced_without_touching_the_original(tmp_path: Path) -> None:
    """5.6: clone, own MDL in front, inject; the completion puts the old one back before it frees the clone."""
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            status, clone = self.clone(fwps, meta, layer_data)
            buffer = clone.first_net_buffer
            self.old = buffer.mdl_chain
            header = bytearray(b"\\xff" * 6 + self.old.data()[6:14])
            self.mine = fwps.allocate_mdl(None, header, 14)
            self.mine.next = self.old.next
            buffer.mdl_chain = self.mine
            fwps.adjust_net_buffer_current_mdl(buffer)
            assert fwps.nt_success(self.inject(fwps, values, clone))
            out.absorb()

        def completed(self, fwps, context, net_buffer_list, dispatch_level):
            net_buffer_list.first_net_buffer.mdl_chain = self.old
            fwps.free_clone_net_buffer_list(net_buffer_list, 0)
            fwps.free_mdl(self.mine)
    """)
    bench.calls("rewrites", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent())

    assert (run.failures, run.rules) == ([], [])
    addresses = [event.values[2] for event in run.of(ev.ClassifyBegan)]
    assert addresses == ["02:00:00:00:00:02", "ff:ff:ff:ff:ff:ff"]


def test_out_of_band_tags_are_seen_by_the_next_classification(tmp_path: Path) -> None:
    run = seeing(
        tmp_path,
        """
status, clone = self.clone(fwps, meta, layer_data)
clone.net_buffer_list_info[fwps.IEEE8021Q_NET_BUFFER_LIST_INFO] = 5 | 100 << 4
self.inject(fwps, values, clone)
out.absorb()
""",
        OUTBOUND_MAC_FRAME_ETHERNET,
        sent(ether_type=ARP),
    )

    assert [(event.values[5], event.values[6]) for event in run.of(ev.ClassifyBegan)] == [
        (ARP, 0),
        (ARP, 5 << 13 | 100),
    ]


def test_info_is_copied_to_copies_only_when_asked(tmp_path: Path) -> None:
    run = seeing(
        tmp_path,
        """
slot = fwps.IEEE8021Q_NET_BUFFER_LIST_INFO
layer_data.net_buffer_list_info[slot] = 0x640
status, clone = self.clone(fwps, meta, layer_data)
status, copy = self.copy(fwps, layer_data.first_net_buffer.data())
assert (clone.net_buffer_list_info[slot], copy.net_buffer_list_info[slot]) == (0x640, 0)
fwps.copy_send_net_buffer_list_info(copy, layer_data)
assert copy.net_buffer_list_info[slot] == 0x640
self.release(fwps, clone)
self.release(fwps, copy)
""",
        OUTBOUND_MAC_FRAME_ETHERNET,
        sent(ether_type=IPV4),
    )

    assert (run.failures, run.rules) == ([], [])


def test_the_same_nbl_is_the_same_object_wherever_it_is_met(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            status, self.made = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, self.made)
            out.absorb()

        def completed(self, fwps, context, net_buffer_list, dispatch_level):
            assert net_buffer_list is self.made
            assert {net_buffer_list: 1}[self.made] == 1
            assert net_buffer_list.first_net_buffer == self.made.first_net_buffer
            fwps.free_clone_net_buffer_list(net_buffer_list, 0)
    """)
    bench.calls("clones", OUTBOUND_MAC_FRAME_ETHERNET)

    assert bench.run(sent()).failures == []


def test_bytes_changed_behind_an_mdl_are_in_the_trace_when_the_nbl_is_injected(tmp_path: Path) -> None:
    run = seeing(
        tmp_path,
        """
memory = bytearray(60)
mdl = fwps.allocate_mdl(None, memory, 60)
status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, 60)
memory[0:3] = b"abc"
self.inject(fwps, values, copy)
out.absorb()
""",
        OUTBOUND_MAC_FRAME_ETHERNET,
    )

    assert run.failures == []
    assert run.world.frame_bytes("1.1")[:3] == b"abc"
    assert [event.values[2] for event in run.of(ev.ClassifyBegan)][1] == "61:62:63:00:00:00"
