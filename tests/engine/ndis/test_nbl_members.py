"""Flags, out-of-band ids and invariants of an NBL. Source: callouts-nbl-injection 5.1, 5.3, 5.4, 5.5."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.callouts.constants import CONSTANTS
from engine.ndis.invariants import broken_invariants
from engine.ndis.mdl import Mdl, Memory, address_of, chain
from engine.ndis.nbl import NetBufferList
from engine.ndis.nbl_flags import NblFlag, contradictions, flag_names
from engine.ndis.nbl_info import INFO_IDS, MAX_INFO, constant_name, info_name
from engine.ndis.net_buffer import NetBuffer
from engine.ndis.snapshot import MemoryId, NblId, NblKind


def an_nbl(*sizes: int, offset: int = 0, length: int | None = None) -> NetBufferList:
    """An NBL of one NET_BUFFER over MDLs of these sizes."""
    mdls = [Mdl(f"1:{place}", Memory(MemoryId(f"1:{place}"), bytearray(size), "engine"), 0, size)
            for place, size in enumerate(sizes, 1)]
    for mdl, following in pairwise(mdls):
        mdl.next = following
    nbl = NetBufferList(NblId("1.0"), 1, NblKind.ORIGINAL, "engine")
    used = sum(sizes) - offset if length is None else length
    nbl.first_net_buffer = NetBuffer(mdls[0] if mdls else None, offset, used)
    return nbl


CONTRADICTIONS = {
    0x200 | 0x400: ["IS_IPV4 with IS_IPV6"],
    0x200 | 0x800 | 0x1000: ["IS_TCP with IS_UDP"],
    0x800: ["IS_TCP or IS_UDP without IS_IPV4 or IS_IPV6"],
    0x2000 | 0x4000 | 0x200 | 0x800: ["both SPLIT_AT_UPPER_LAYER_PROTOCOL flags"],
    0x4000: ["SPLIT_AT_UPPER_LAYER_PROTOCOL_PAYLOAD without IS_TCP or IS_UDP"],
    0x200 | 0x800: [],
    0x400 | 0x1000 | 0x4000: [],
    0x1 | 0x8000 | 0x10000: [],
}


@pytest.mark.parametrize("flags", CONTRADICTIONS, ids=hex)
def test_5_3_which_flags_contradict_each_other(flags: int) -> None:
    nbl = an_nbl(60)
    nbl.nbl_flags = flags

    assert contradictions(flags) == CONTRADICTIONS[flags]
    assert list(broken_invariants(nbl)) == [f"NblFlags: {words}" for words in CONTRADICTIONS[flags]]


def test_5_3_flags_have_their_names_in_order() -> None:
    assert flag_names(0x8201) == ["SEND_READ_ONLY", "IS_IPV4", "IS_LOOPBACK_PACKET"]
    assert flag_names(0x4 | 0x1) == ["SEND_READ_ONLY", "0x4"]
    assert CONSTANTS["NBL_FLAGS_IS_IPV6"] == NblFlag.IS_IPV6


def test_5_4_every_id_from_0_to_26_has_a_name_and_a_constant() -> None:
    assert {INFO_IDS[name] for name in INFO_IDS} == set(range(MAX_INFO + 1))
    assert [info_name(id_) for id_ in (0, 4, 10, 26)] == [
        "TcpIpChecksum", "Ieee8021Q", "WfpNetBufferListInfo", "NetBufferListInfoReserved3"]
    assert CONSTANTS["IEEE8021Q_NET_BUFFER_LIST_INFO"] == 4
    assert CONSTANTS["TCP_IP_CHECKSUM_NET_BUFFER_LIST_INFO"] == 0
    assert CONSTANTS["MEDIA_SPECIFIC_INFORMATION_EX_NET_BUFFER_LIST_INFO"] == 15
    assert len({constant_name(name) for name in INFO_IDS}) == len(INFO_IDS)


def test_i1_the_data_reach_beyond_the_mdl_chain() -> None:
    assert list(broken_invariants(an_nbl(14, 46, length=61))) == [
        "I1: DataOffset 0 and DataLength 61 reach beyond the 60 bytes of the MDL chain"]


def test_i2_current_mdl_points_elsewhere() -> None:
    nbl = an_nbl(14, 46, offset=20)
    nb = nbl.first_net_buffer
    assert nb is not None
    assert list(broken_invariants(nbl)) == []

    nb.current_mdl_offset += 1
    assert list(broken_invariants(nbl)) == ["I2: CurrentMdl and CurrentMdlOffset do not point at byte 20 of the chain"]

    nb.current_mdl, nb.current_mdl_offset = nb.mdl_chain, 20  # 20 bytes behind the start of an MDL of 14
    assert list(broken_invariants(nbl)) == ["I2: CurrentMdl and CurrentMdlOffset do not point at byte 20 of the chain"]


def test_i2_an_empty_net_buffer_may_sit_at_the_end() -> None:
    assert list(broken_invariants(an_nbl(14, 46, offset=60))) == []
    assert list(broken_invariants(an_nbl())) == []


def test_i4_lists_that_lead_round() -> None:
    nbl = an_nbl(14, 46)
    nb = nbl.first_net_buffer
    assert nb is not None
    assert nb.mdl_chain is not None
    nbl.next, nb.next, nb.mdl_chain.next = nbl, nb, nb.mdl_chain

    assert list(broken_invariants(nbl))[:3] == [
        "I4: Next leads round in a circle", "I4: the list of NET_BUFFERs leads round in a circle",
        "I4: the MDL chain leads round in a circle"]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=4), st.lists(st.tuples(st.booleans(), st.integers(0, 40)),
                                                                        max_size=12))
def test_i1_i2_hold_through_any_retreats_and_advances(sizes: list[int], moves: list[tuple[bool, int]]) -> None:
    nbl = an_nbl(*sizes)
    nb = nbl.first_net_buffer
    assert nb is not None
    for is_retreat, delta in moves:
        before = nb.read()
        if not is_retreat:
            delta = min(delta, nb.data_length)
            nb.advance(delta)
            assert nb.read() == before[delta:]
        elif delta <= nb.data_offset:
            nb.retreat(delta)
            assert nb.read(delta) == before
        else:
            size = delta - nb.data_offset
            nb.retreat_with(Mdl("1:99", Memory(MemoryId("1:99"), bytearray(size), "engine"), 0, size), delta)
            assert nb.read(delta) == before
        assert list(broken_invariants(nbl)) == []


def test_i3_an_mdl_begins_in_its_page_where_its_address_says() -> None:
    """MappedSystemVa & 0xFFF == ByteOffset; the views are tested with the callouts."""
    nbl = an_nbl(14, 46, offset=20)
    nb = nbl.first_net_buffer
    assert nb is not None
    second = list(chain(nb.mdl_chain))[1]

    assert nb.address == address_of(second) + 6
    assert address_of(second) >> 47 == 0x1FFFF
