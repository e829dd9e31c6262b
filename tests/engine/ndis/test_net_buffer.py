"""NET_BUFFER against the plainest model of it: one bytes object for the chain, an offset and a length."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import pytest
from hypothesis import given
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.ndis.mdl import UNDEFINED_BYTE, Mdl, Memory, chain
from engine.ndis.nbl import NetBufferList, link
from engine.ndis.nbl import chain as nbl_chain
from engine.ndis.net_buffer import NetBuffer, undefined_memory
from engine.ndis.snapshot import HistoryEntry, InjectionBadge, NblId, NblKind


def an_mdl(data: bytes, name: str = "1:1") -> Mdl:
    return Mdl(name, Memory(name, bytearray(data), "engine"), 0, len(data))


def a_buffer(*pieces: bytes, offset: int = 0, length: int | None = None) -> NetBuffer:
    mdls = [an_mdl(piece, f"1:{place}") for place, piece in enumerate(pieces)]
    for mdl, following in itertools.pairwise(mdls):
        mdl.next = following
    total = sum(map(len, pieces))
    return NetBuffer(mdls[0] if mdls else None, offset, total - offset if length is None else length)


class NetBufferMachine(RuleBasedStateMachine):
    """Random retreats, advances and reads; what the buffer says is compared with the model after each."""

    @initialize(pieces=st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=4), data=st.data())
    def begin(self, pieces: list[bytes], data: st.DataObject) -> None:
        self.bytes = b"".join(pieces)
        self.offset = data.draw(st.integers(0, len(self.bytes)))
        self.length = data.draw(st.integers(0, len(self.bytes) - self.offset))
        self.buffer = a_buffer(*pieces, offset=self.offset, length=self.length)
        self.added: list[int] = []

    @rule(data=st.data())
    def advance(self, data: st.DataObject) -> None:
        delta = data.draw(st.integers(0, self.length))
        self.buffer.advance(delta)
        self.offset += delta
        self.length -= delta

    @rule(data=st.data())
    def retreat_within(self, data: st.DataObject) -> None:
        delta = data.draw(st.integers(0, self.offset))
        self.buffer.retreat(delta)
        self.offset -= delta
        self.length += delta

    @precondition(lambda self: len(self.added) < 4)
    @rule(more=st.integers(1, 9), backfill=st.integers(0, 5))
    def retreat_beyond(self, more: int, backfill: int) -> None:
        size = more + backfill
        mdl = Mdl("1:9", Memory("1:9", undefined_memory(size), "engine"), 0, size)
        self.buffer.retreat_with(mdl, self.offset + more)
        self.bytes = bytes([UNDEFINED_BYTE]) * size + self.bytes
        self.length += self.offset + more
        self.offset = backfill
        self.added.insert(0, size)

    @rule()
    def free_what_retreats_allocated(self) -> None:
        gone = self.buffer.free_retreat_mdls()
        expected = 0
        while self.added and self.offset >= self.added[0]:
            size = self.added.pop(0)
            self.bytes, self.offset, expected = self.bytes[size:], self.offset - size, expected + 1
        assert (len(gone), all(mdl.freed for mdl in gone)) == (expected, True)

    @invariant()
    def reads_as_the_model(self) -> None:
        if not hasattr(self, "buffer"):
            return
        used = self.bytes[self.offset : self.offset + self.length]
        assert (self.buffer.data_offset, self.buffer.data_length) == (self.offset, self.length)
        assert self.buffer.read() == used
        for start, count in ((0, 3), (2, 5), (self.length, 4)):
            assert self.buffer.read(start, count) == used[start : start + count]

    @invariant()
    def current_mdl_points_at_the_data(self) -> None:
        if not hasattr(self, "buffer"):
            return
        before = 0
        for mdl in chain(self.buffer.mdl_chain):
            if mdl is self.buffer.current_mdl:
                assert before + self.buffer.current_mdl_offset == self.offset
                # I2: only an empty buffer may sit at the end
                assert self.buffer.current_mdl_offset < mdl.byte_count or self.offset == len(self.bytes)
                return
            before += mdl.byte_count
        raise AssertionError("the current MDL is not in the chain")


TestNetBuffer = NetBufferMachine.TestCase


@given(pieces=st.lists(st.binary(min_size=1, max_size=5), min_size=1, max_size=4), data=st.data())
def test_the_first_bytes_are_contiguous_when_one_mdl_holds_them(pieces: list[bytes], data: st.DataObject) -> None:
    total = sum(map(len, pieces))
    offset = data.draw(st.integers(0, total))
    length = data.draw(st.integers(0, total - offset))
    buffer = a_buffer(*pieces, offset=offset)

    ends = [sum(map(len, pieces[: place + 1])) for place in range(len(pieces))]
    crossed = [end for end in ends if offset < end < offset + length]
    assert buffer.is_contiguous(length) == (not crossed)


def test_a_cycle_of_mdls_ends_every_walk() -> None:
    buffer = a_buffer(b"abc", b"de")
    mdls = list(chain(buffer.mdl_chain))
    mdls[1].next = mdls[0]

    buffer.data_offset = 2**32 - 1
    buffer.adjust_current_mdl()

    assert [mdl.id for mdl in chain(buffer.mdl_chain)] == ["1:0", "1:1"]
    assert buffer.read() == b""
    assert len(buffer.snapshot().mdls) == 2


def test_a_cycle_of_net_buffers_and_of_nbls_ends_every_walk() -> None:
    nbl = NetBufferList(NblId("1.0"), 1, NblKind.ORIGINAL, "miniport")
    nbl.first_net_buffer = a_buffer(b"abc")
    nbl.first_net_buffer.next = nbl.first_net_buffer
    nbl.next = nbl

    assert len(list(nbl.net_buffers())) == len(nbl_chain(nbl)) == len(nbl.snapshot().net_buffers) == 1


def test_linking_chains_nbls_in_order_with_null_at_the_end() -> None:
    nbls = [NetBufferList(NblId(f"1.{copy}"), 1, NblKind.NEW, "driver") for copy in range(3)]
    nbls[2].next = nbls[0]

    link(nbls)

    assert nbl_chain(nbls[0]) == nbls
    assert nbls[2].next is None


def test_the_mac_header_is_hidden_and_shown_again() -> None:
    nbl = NetBufferList(NblId("1.0"), 1, NblKind.ORIGINAL, "miniport")
    nbl.first_net_buffer = a_buffer(b"header", b"payload")
    nbl.hide_header(6)
    assert nbl.first_net_buffer.read() == b"payload"

    nbl.show_header()
    nbl.show_header()

    assert nbl.first_net_buffer.read() == b"headerpayload"


def test_a_header_longer_than_the_frame_hides_all_of_it() -> None:
    nbl = NetBufferList(NblId("1.0"), 1, NblKind.ORIGINAL, "miniport")
    nbl.first_net_buffer = a_buffer(b"abc")

    nbl.hide_header(14)
    assert nbl.first_net_buffer.read() == b""
    nbl.show_header()

    assert nbl.first_net_buffer.read() == b"abc"


@pytest.mark.parametrize(
    ("history", "handle", "badge"),
    [
        ("", "A", InjectionBadge.NOT_INJECTED),
        ("A", "A", InjectionBadge.INJECTED_BY_SELF),
        ("A", "B", InjectionBadge.INJECTED_BY_OTHER),
        ("AB", "A", InjectionBadge.PREVIOUSLY_INJECTED_BY_SELF),
        ("ABA", "A", InjectionBadge.INJECTED_BY_SELF),
        ("ABC", "D", InjectionBadge.INJECTED_BY_OTHER),
    ],
)
def test_the_injection_state_follows_from_the_history(history: str, handle: str, badge: InjectionBadge) -> None:
    nbl = NetBufferList(NblId("1.0"), 1, NblKind.CLONE, "driver")
    nbl.history = tuple(HistoryEntry(one, f"driver {one}", None, 57, place) for place, one in enumerate(history))

    assert nbl.injection_state(handle) is badge
    assert nbl.snapshot().badge_for(f"driver {handle}") is badge


@given(pcp=st.integers(0, 7), cfi=st.integers(0, 1), vid=st.integers(0, 4095))
def test_ieee8021q_info_reads_as_a_tag_control_value(pcp: int, cfi: int, vid: int) -> None:
    nbl = NetBufferList(NblId("1.0"), 1, NblKind.NEW, "driver")
    nbl.info[4] = pcp | cfi << 3 | vid << 4

    assert nbl.vlan == (pcp << 13 | cfi << 12 | vid or None)
