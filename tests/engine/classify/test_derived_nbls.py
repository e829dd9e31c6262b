"""Deep clones, fragments, reassembled NBLs and contexts, on behalf of a driver. Source: callouts-nbl-injection 5.6."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.ndis.snapshot import NblKind, NblState
from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET, Layer
from tests.builders.engines import Run
from tests.builders.findings import found
from tests.builders.frames import received, sent
from tests.builders.injections import injecting, seeing

PAYLOAD = bytes(range(46))


def trying(folder: Path, body: str, layer: Layer = OUTBOUND_MAC_FRAME_ETHERNET) -> Run:
    frame = sent if layer is OUTBOUND_MAC_FRAME_ETHERNET else received
    return seeing(folder, body, layer, frame(payload=PAYLOAD))


def test_a_deep_clone_has_data_of_its_own_and_no_parent(tmp_path: Path) -> None:
    run = trying(tmp_path, """
layer_data.net_buffer_list_info[fwps.IEEE8021Q_NET_BUFFER_LIST_INFO] = 0x140
status, clone = fwps.allocate_deep_clone_net_buffer_list(layer_data, None, None, 0)
assert status == 0
assert clone.parent_net_buffer_list is None and layer_data.child_ref_count == 0
assert clone.first_net_buffer.data() == layer_data.first_net_buffer.data()
assert clone.net_buffer_list_info[4] == 0x140
clone.first_net_buffer.write(0, b"\\xee" * 6)
assert layer_data.first_net_buffer.data()[:1] == b"\\x02"
layer_data.net_buffer_list_info[4] = 0
fwps.free_clone_net_buffer_list(clone, 0)
""")

    assert (run.failures, run.rules) == ([], [])
    made = run.one(ev.NblCloned)
    assert (made.parent, made.clone, [one.kind for one in made.changed]) == ("1.0", "1.1", [NblKind.CLONE])
    assert run.world.nbls["1.1"].state is NblState.FREED


def test_a_deep_clone_begins_without_injection_history(tmp_path: Path) -> None:
    """CH-32: what is copied is new."""
    run = injecting(tmp_path, """
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, _ = fwps.query_packet_injection_state(self.handle, layer_data)
        status, clone = fwps.allocate_deep_clone_net_buffer_list(layer_data, None, None, 0)
        fwps.query_packet_injection_state(self.handle, clone)
        if state in OWN:
            fwps.free_clone_net_buffer_list(clone, 0)
            out.permit()
        else:
            self.inject(fwps, values, clone)
            out.absorb()

    def completed(self, fwps, context, nbl, dispatch_level):
        fwps.free_clone_net_buffer_list(nbl, 0)
    """, anchors=False).run(sent())

    assert [one.state for one in run.of(ev.StateQueried)] == [
        "FWPS_PACKET_NOT_INJECTED", "FWPS_PACKET_NOT_INJECTED", "FWPS_PACKET_INJECTED_BY_SELF",
        "FWPS_PACKET_NOT_INJECTED"]
    assert (run.failures, run.outcomes) == ([], {1: "absorbed"})


def test_a_deep_clone_is_allowed_under_the_batch_flag_and_lets_the_original_go(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = fwps.allocate_deep_clone_net_buffer_list(layer_data, None, None, 0)
        assert status == 0
        assert fwps.allocate_deep_clone_net_buffer_list(layer_data, None, None, 1)[0] == fwps.STATUS_INVALID_PARAMETER
        fwps.set_timer(1000, fwps.free_clone_net_buffer_list, clone, 0)
        out.absorb()
    """).run(sent())

    assert run.failures == []
    assert run.rules == ["M53"]
    assert run.of(ev.OriginalHeld) == []


FRAGMENTS = """
fragment = fwps.allocate_fragment_net_buffer_list(layer_data, None, None, 14, 20, {delta}, 2, 0)
assert fragment.parent_net_buffer_list == layer_data and layer_data.child_ref_count == 1
buffers, nb = [], fragment.first_net_buffer
while nb is not None:
    buffers.append(nb)
    nb = nb.next
whole = layer_data.first_net_buffer.data()[14:]
assert [one.data()[{delta}:] for one in buffers] == [whole[:20], whole[20:40], whole[40:]]
assert [one.data()[:{delta}] for one in buffers] == [b"\\xcd" * {delta}] * 3
assert [one.data_offset for one in buffers] == [2 if {delta} else 0] * 3
reassembled = fwps.allocate_reassembled_net_buffer_list(fragment, None, {delta}, 0, 0, 0)
assert reassembled.first_net_buffer.data() == whole and reassembled.first_net_buffer.next is None
assert fragment.child_ref_count == 1
fwps.free_reassembled_net_buffer_list(reassembled, 0, 0)
fwps.free_fragment_net_buffer_list(fragment, {freed}, 0)
assert layer_data.child_ref_count == 0
"""


@pytest.mark.parametrize("delta", [0, 14])
def test_fragments_share_the_data_and_are_put_together_again(delta: int, tmp_path: Path) -> None:
    run = trying(tmp_path, FRAGMENTS.format(delta=delta, freed=delta))

    assert (run.failures, run.rules) == ([], [])
    kinds = {nbl.id: nbl.kind.value for nbl in run.world.nbls.values()}
    assert kinds == {"1.0": "ORIGINAL", "1.1": "FRAGMENT", "1.2": "REASSEMBLED"}


def test_a_fragment_is_freed_with_the_offset_it_was_made_with(tmp_path: Path) -> None:
    run = trying(tmp_path, FRAGMENTS.format(delta=14, freed=4))

    assert run.rules == ["M17"]
    assert "made with dataOffsetDelta 14 and is freed with 4" in found(run, "M17")[0].detail


@pytest.mark.parametrize(("call", "rules"), [
    ("fwps.free_clone_net_buffer_list(fragment, 0)", ["M17", "M47"]),
    ("fwps.free_net_buffer_list(fragment)", ["M17", "M47"]),
    ("fwps.free_reassembled_net_buffer_list(fragment, 0, 0)", ["M17", "M47"]),
    ("fwps.free_fragment_net_buffer_list(fragment, 0); fwps.free_fragment_net_buffer_list(fragment, 0)", ["M16"]),
    ("pass", ["M47"]),
])  # fmt: skip
def test_m16_m17_m47_a_fragment_is_freed_once_by_its_own_function(call: str, rules: list[str], tmp_path: Path) -> None:
    run = trying(tmp_path, "fragment = fwps.allocate_fragment_net_buffer_list(layer_data, None, None, 0, 20, 0, 0, 0)\n"
                 f"{call}\n")

    assert run.rules == rules


@pytest.mark.parametrize("call", [
    "fwps.allocate_fragment_net_buffer_list(layer_data, None, None, 5000, 20, 0, 0, 0)",
    "fwps.allocate_fragment_net_buffer_list(layer_data, None, None, 0, 0, 0, 0, 0)",
    "fwps.allocate_fragment_net_buffer_list(layer_data, None, None, 0, 20, 0, 0, 1)",
    "fwps.allocate_reassembled_net_buffer_list(layer_data, None, 60, 0, 0, 0)",
])  # fmt: skip
def test_what_cannot_be_made_is_null(call: str, tmp_path: Path) -> None:
    run = trying(tmp_path, f"assert {call} is None")

    assert (run.failures, run.rules) == ([], [])


def test_a_fragment_keeps_its_original_from_going_back(tmp_path: Path) -> None:
    """I5: the parent outlives its children."""
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        fragment = fwps.allocate_fragment_net_buffer_list(layer_data, None, None, 0, 20, 0, 0, 0)
        fwps.set_timer(5_000, fwps.free_fragment_net_buffer_list, fragment, 0)
        out.absorb()
    """).run(sent())

    assert [(one.nbl, one.references, one.children) for one in run.of(ev.OriginalHeld)] == [("1.0", 0, 1)]
    assert [one.nbl for one in run.of(ev.OriginalReleased)] == ["1.0"]
    assert run.rules == []


def test_contexts_stack_on_an_nbl_and_go_again(tmp_path: Path) -> None:
    run = trying(tmp_path, """
assert layer_data.context is None
assert fwps.allocate_net_buffer_list_context(layer_data, 32, 16, 0) == 0
first = layer_data.context
assert (first.size, first.offset, first.next, len(first.context_data)) == (48, 16, None, 48)
first.context_data[16:20] = b"mine"
assert fwps.allocate_net_buffer_list_context(layer_data, 16, 0, 0) == 0
assert layer_data.context.offset == 0 and layer_data.context.next is None
assert fwps.allocate_net_buffer_list_context(layer_data, 16, 0, 0) == 0
assert layer_data.context.next.context_data[16:20] == b"mine"
status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
assert clone.context is None
fwps.free_clone_net_buffer_list(clone, 0)
fwps.free_net_buffer_list_context(layer_data, 16)
fwps.free_net_buffer_list_context(layer_data, 16)
fwps.free_net_buffer_list_context(layer_data, 32)
assert layer_data.context is None
assert fwps.allocate_net_buffer_list_context(layer_data, 10, 0, 0) == fwps.STATUS_INVALID_PARAMETER
""")

    assert (run.failures, run.rules) == ([], [])
    written = [one for one in run.of(ev.MemberWritten) if one.member == "Context"]
    assert [one.changed[0].contexts for one in written] == [
        ((48, 16),), ((48, 0),), ((16, 0), (48, 0)), ((48, 0),), ((48, 16),), ()]


def test_a_new_nbl_begins_with_the_context_that_was_asked_for(tmp_path: Path) -> None:
    """5.8: contextSize and contextBackFill of FwpsAllocateNetBufferAndNetBufferList0."""
    run = trying(tmp_path, """
mdl = fwps.allocate_mdl(None, bytearray(60), 60)
status, new = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 32, 16, mdl, 0, 60)
assert (new.context.size, new.context.offset) == (48, 16)
fwps.free_net_buffer_list(new)
fwps.free_mdl(mdl)
""")

    assert (run.failures, run.rules) == ([], [])


def test_freeing_room_that_was_not_taken_is_told_to_the_script(tmp_path: Path) -> None:
    run = trying(tmp_path, "fwps.free_net_buffer_list_context(layer_data, 16)")

    assert run.failures == ["ValueError: NdisFreeNetBufferListContext: there are no 16 bytes of context on 1.0"]


def test_every_member_of_5_1_and_5_2_can_be_read(tmp_path: Path) -> None:
    """And none of them says more than the model knows: what nobody has set is 0 or NULL."""
    run = trying(tmp_path, """
nbl, nb = layer_data, layer_data.first_net_buffer
mdl = nb.current_mdl
assert (nbl.next, nbl.context, nbl.parent_net_buffer_list, nbl.scratch, nbl.status) == (None,) * 4 + (0,)
assert (nbl.nbl_flags, nbl.flags, nbl.child_ref_count, nbl.ndis_reserved2) == (0,) * 4
assert (len(nbl.ndis_reserved), len(nbl.protocol_reserved), len(nbl.miniport_reserved)) == (2, 4, 2)
assert nbl.ndis_pool_handle == nbl.source_handle == "miniport receive pool"
assert (nb.next, nb.shared_memory_info, nb.scatter_gather_list) == (None,) * 3
assert (nb.checksum_bias, nb.reserved, nb.data_offset, nb.current_mdl_offset) == (0,) * 4
assert nb.data_length == nb.st_data_length == mdl.byte_count == 60
assert (len(nb.ndis_reserved), len(nb.protocol_reserved), len(nb.miniport_reserved)) == (2, 6, 4)
assert nb.data_physical_address == mdl.mapped_system_va & 0xFFFFFFFFFF
assert mdl.mapped_system_va & 0xFFF == mdl.byte_offset and mdl.start_va & 0xFFF == 0
assert (mdl.next, mdl.process, mdl.size > 0, mdl.mdl_flags) == (None, None, True, 5)
assert [nbl.net_buffer_list_info[id_] for id_ in range(27)] == [0] * 27
""", INBOUND_MAC_FRAME_NATIVE)

    assert (run.failures, run.rules) == ([], [])


def test_what_a_driver_writes_shows_in_the_snapshot(tmp_path: Path) -> None:
    run = trying(tmp_path, """
layer_data.nbl_flags = fwps.NBL_FLAGS_IS_IPV4 | fwps.NBL_FLAGS_IS_UDP
layer_data.flags = 0x1000
layer_data.scratch = "mine"
layer_data.protocol_reserved[1] = 7
layer_data.net_buffer_list_info[fwps.HASH_VALUE_NET_BUFFER_LIST_INFO] = 0xABCD
layer_data.first_net_buffer.checksum_bias = 3
""")
    last = run.of(ev.MemberWritten)[-1].changed[0]

    assert (last.nbl_flags, last.flags, last.has_scratch, last.reserved, last.info, last.pool) == (
        0x1200, 0x1000, True, ("protocol_reserved",), {8: 0xABCD}, "protocol send pool")
    assert last.net_buffers[0].checksum_bias == 3
    assert run.rules == []


def test_x04_members_that_contradict_each_other(tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        status, copy = self.copy(fwps, bytes(60))
        copy.nbl_flags = 0x600
        copy.first_net_buffer.data_length = 90
        self.release(fwps, copy) if self.inject(fwps, values, copy) else None
        out.permit()
    """).run(sent())

    assert [one.detail for one in found(run, "X04")] == [
        "1.1: I1: DataOffset 0 and DataLength 90 reach beyond the 60 bytes of the MDL chain",
        "1.1: NblFlags: IS_IPV4 with IS_IPV6"]
    assert {one.driver for one in found(run, "X04")} == {"driver"}


def test_m55_ndis_reserved_is_not_for_drivers(tmp_path: Path) -> None:
    """5.1: the protocol's own scratch is; what NDIS keeps for itself is not."""
    mine = trying(tmp_path, "layer_data.protocol_reserved[0] = 1\nlayer_data.miniport_reserved[1] = 2")
    theirs = trying(tmp_path, "layer_data.ndis_reserved[1] = 1")

    assert (mine.rules, theirs.rules) == ([], ["M55"])
    assert found(theirs, "M55")[0].detail == "NdisReserved of 1.0 is the system's"


def test_x04_not_for_what_is_set_right_before_it_is_used(tmp_path: Path) -> None:
    run = trying(tmp_path, """
nb = layer_data.first_net_buffer
nb.data_offset += 14
nb.data_length -= 14
fwps.adjust_net_buffer_current_mdl(nb)
nb.data_offset -= 14
nb.data_length += 14
fwps.adjust_net_buffer_current_mdl(nb)
""")

    assert (run.failures, run.rules) == ([], [])


@pytest.mark.parametrize(("multiple", "offset", "is_copied"), [(1, 0, False), (2, 0, False), (16, 0, False),
                                                               (16, 2, True), (4096, 80, False), (4096, 0, True)])
def test_get_data_buffer_copies_what_is_not_aligned(
    multiple: int, offset: int, is_copied: bool, tmp_path: Path
) -> None:
    """The MAC header of a send stands 66 bytes into a page; behind 14 more, at 80, the data of the header ends."""
    run = trying(tmp_path, f"""
nb = layer_data.first_net_buffer
offset = ({offset} + (66 if {multiple} < 4096 else -14)) % {multiple}
storage = bytearray(14)
found = fwps.get_data_buffer(nb, 14, storage, {multiple}, offset)
assert bytes(found) == nb.data()[:14]
assert (found is storage) is {is_copied}
assert (fwps.get_data_buffer(nb, 14, None, {multiple}, offset) is None) is {is_copied}
""")

    assert run.failures == []


def test_an_alignment_that_is_no_power_of_two_is_told_to_the_script(tmp_path: Path) -> None:
    run = trying(tmp_path, "fwps.get_data_buffer(layer_data.first_net_buffer, 4, None, 3, 0)")

    assert run.failures == ["ValueError: NdisGetDataBuffer: alignMultiple is a power of two, not 3"]


def test_the_other_arguments_of_classify_have_their_members_too(tmp_path: Path) -> None:
    from tests.builders import policies
    from tests.builders.engines import Bench

    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            raise AssertionError

        def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
            assert values.layer_id == fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET
            assert values.value_count == len(values.incoming_value) == 12
            assert values.incoming_value[fwps.FIELD_OUTBOUND_MAC_FRAME_ETHERNET_ETHER_TYPE] == 0x0800
            assert (meta.current_metadata_values, meta.current_l2_metadata_values) == (0x02000000, 1)
            assert (meta.ethernet_mac_header_size, meta.frame_length, meta.l2_flags) == (14, 60, 0)
            assert meta.wi_fi_operation_mode == 0
            assert filter.num_filter_conditions == len(filter.filter_condition) == 2
            assert filter.filter_condition[0] == (5, 0, 0x0800)
            assert filter.filter_condition[1].condition_value == (0, 9)
            assert filter.action.type == filter.action_type == fwps.ACTION_CALLOUT_TERMINATING
            assert filter.action.callout.startswith("{") and filter.provider_context is None
            assert (filter.weight, filter.sub_layer_weight, filter.flags, filter.context) == (7, 32768, 0, 0)
            out.permit()
    """)
    bench.calls("driver", OUTBOUND_MAC_FRAME_ETHERNET, policies.ether_type(0x0800),
                policies.condition("NDIS_PORT", policies.between(policies.u32(0), policies.u32(9)),
                                   policies.MatchType.FWP_MATCH_RANGE), weight=7)
    run = bench.run(sent())

    assert (run.failures, run.rules) == ([], [])
