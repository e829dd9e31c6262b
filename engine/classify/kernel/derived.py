"""Deep clones, fragments, reassembled NBLs, and the contexts that stack on an NBL.

Source: callouts-nbl-injection 5.1, 5.6; [ddi: nblapi].
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from engine.callouts.views import NetBufferListView
from engine.classify.host import Lineage
from engine.classify.kernel.buffers import CONTEXT_ALIGNMENT, KernelBuffers
from engine.classify.kernel.pools import ALLOCATION_LIMIT_BYTES
from engine.classify.kernel.views import number
from engine.classify.release import try_release
from engine.classify.tags import tell
from engine.classify.verifier import completions
from engine.ndis.mdl import Mdl, Memory, chain
from engine.ndis.nbl import NetBufferList
from engine.ndis.nbl_context import NblContext
from engine.ndis.net_buffer import NetBuffer, undefined_memory
from engine.ndis.snapshot import NblKind, NblState
from engine.ndis.status import Status
from engine.ndis.tag_events import TagEvent
from engine.trace import events as ev

_KINDS = {"NdisFreeFragmentNetBufferList": NblKind.FRAGMENT,
          "NdisFreeReassembledNetBufferList": NblKind.REASSEMBLED}
FRAGMENTS = 4096
"""More NET_BUFFERs than these are refused as on a machine without memory."""


class KernelDerived(KernelBuffers):
    """Functions that make NBLs from NBLs."""

    def deep_clone(self, original: object, flags: int) -> tuple[int, NetBufferListView | None]:
        """FwpsAllocateDeepCloneNetBufferList0: the data is copied; no parent is kept, and no injection history."""
        function = "FwpsAllocateDeepCloneNetBufferList0"
        said = self._said(function)
        parent = self._nbl(original, function)
        flags = number(flags, "flags")
        status: int | None = None
        if not self._reach(parent, "a deep clone"):
            status = int(Status.STATUS_INVALID_PARAMETER)
        elif flags:
            status = int(Status.STATUS_INVALID_PARAMETER)
            self.host.broken("M53", f"flags of {function} are {flags}, not 0", parent)
        else:
            status = self._refusal(function, self.host.lineage(parent.frame))
        if status is not None:
            self._note(failed=1)
            self.host.emit(ev.NblCloned(parent.id, None, status, **said))
            return status, None
        lineage = self.host.lineage(parent.frame)
        clone = self._new_nbl(lineage, NblKind.CLONE, said, parent)
        clone.info, clone.nbl_flags = dict(parent.info), parent.nbl_flags
        buffers = []
        for nb in parent.net_buffers():
            mdl = self._engine_mdl(lineage, nb.read(), said)
            buffers.append(NetBuffer(mdl, 0, nb.data_length))
        _string_together(clone, buffers)
        self._note(kept=1, pended=parent in self.host.in_hand)
        self.host.emit(ev.NblCloned(parent.id, clone.id, 0, changed=(clone.snapshot(),), **said))
        tell(self.host, parent, TagEvent.CLONED_VIA_WFP_API, self.nbl_view(clone))
        return 0, self.nbl_view(clone)

    # --- fragments -------------------------------------------------------------------------------------------------

    def fragment(self, original: object, start: int, maximum: int, delta: int, backfill: int,
                 flags: int) -> NetBufferListView | None:
        """NdisAllocateFragmentNetBufferList; None when it fails."""
        function = "NdisAllocateFragmentNetBufferList"
        said = self._said(function)
        parent = self._nbl(original, function)
        start, maximum, delta, backfill = self._sizes(start, maximum, delta, backfill)
        pieces: list[tuple[NetBuffer, int, int]] = []
        if maximum:
            pieces = [(nb, at, min(maximum, nb.data_length - at)) for nb in parent.net_buffers()
                      for at in range(start, nb.data_length, maximum)][:FRAGMENTS + 1]
        if flags or not pieces or len(pieces) > FRAGMENTS or not self._reach(parent, "a fragment"):
            self._none_derived(parent, said)
            return None
        return self._derived(function, NblKind.FRAGMENT, parent, [[piece] for piece in pieces], (delta, backfill), said)

    def reassemble(self, fragments: object, start: int, delta: int, backfill: int,
                   flags: int) -> NetBufferListView | None:
        """NdisAllocateReassembledNetBufferList; None when it fails."""
        function = "NdisAllocateReassembledNetBufferList"
        said = self._said(function)
        parent = self._nbl(fragments, function)
        start, _, delta, backfill = self._sizes(start, 0, delta, backfill)
        pieces = [(nb, start, nb.data_length - start) for nb in parent.net_buffers() if nb.data_length > start]
        if flags or not pieces or not self._reach(parent, "a reassembled NBL"):
            self._none_derived(parent, said)
            return None
        return self._derived(function, NblKind.REASSEMBLED, parent, [pieces], (delta, backfill), said)

    def _sizes(self, start: int, maximum: int, delta: int, backfill: int) -> tuple[int, int, int, int]:
        delta, backfill = number(delta, "dataOffsetDelta"), number(backfill, "dataBackFill")
        if delta + backfill > ALLOCATION_LIMIT_BYTES:
            raise ValueError(f"delta {delta}, backfill {backfill}")
        return number(start, "startOffset"), number(maximum, "maximumLength"), delta, backfill

    def _none_derived(self, parent: NetBufferList, said: dict[str, Any]) -> None:
        self._note(failed=1)
        self.host.emit(ev.NblCloned(parent.id, None, int(Status.STATUS_INSUFFICIENT_RESOURCES), **said))

    def _derived(self, function: str, kind: NblKind, parent: NetBufferList,
                 buffers: Sequence[Sequence[tuple[NetBuffer, int, int]]], room: tuple[int, int],
                 said: dict[str, Any]) -> NetBufferListView | None:
        """An NBL whose NET_BUFFERs describe these pieces `(NET_BUFFER, offset, length)` of the parent's data."""
        lineage = self.host.lineage(parent.frame)
        if self._refusal(function, lineage) is not None:
            self._none_derived(parent, said)
            return None
        derived = self._new_nbl(lineage, kind, said, parent)
        derived.parent, derived.nbl_flags, derived.info = parent, parent.nbl_flags, dict(parent.info)
        derived.history, derived.data_offset_delta = parent.history, room[0]
        made = []
        for pieces in buffers:
            mdls = [Mdl(lineage.new_memory(), memory, start, count) for nb, offset, length in pieces
                    for memory, start, count in nb.pieces(offset, length)]
            for mdl, following in pairwise(mdls):
                mdl.next = following
            made.append(NetBuffer(mdls[0] if mdls else None, 0, sum(length for _, _, length in pieces)))
            self._make_room(lineage, made[-1], room, said)
        _string_together(derived, made)
        parent.child_ref_count += 1
        self._note(kept=1, pended=parent in self.host.in_hand)
        self.host.emit(ev.NblCloned(parent.id, derived.id, 0, changed=(parent.snapshot(), derived.snapshot()), **said))
        tell(self.host, parent, TagEvent.CLONED_BY_NDIS, self.nbl_view(derived))
        return self.nbl_view(derived)

    def _make_room(self, lineage: Lineage, nb: NetBuffer, room: tuple[int, int], said: dict[str, Any]) -> None:
        """`dataOffsetDelta` bytes of used space before the data, and `dataBackFill` of unused before those."""
        delta, backfill = room
        if delta:
            nb.retreat_with(self._engine_mdl(lineage, bytes(undefined_memory(delta + backfill)), said), delta)

    def _engine_mdl(self, lineage: Lineage, data: bytes, said: dict[str, Any]) -> Mdl:
        id_ = lineage.new_memory()
        mdl = Mdl(id_, Memory(id_, bytearray(data), "engine"), 0, len(data))
        self.host.emit(ev.MdlAllocated(mdl.id, id_, data, **said))
        return mdl

    def free_derived(self, function: str, nbl: object, delta: int) -> None:
        said = self._said(function)
        one = self._nbl(nbl, function)
        delta = number(delta, "dataOffsetDelta")
        completions.freeing(self.host, one)
        if not self._may_free_as(function, one, _KINDS[function]):
            return
        if delta != one.data_offset_delta:
            self.host.broken("M17", f"{one.id} was made with dataOffsetDelta {one.data_offset_delta} and is freed with "
                             f"{delta}", one)
        self._freed(function, one, said)

    def _freed(self, function: str, one: NetBufferList, said: dict[str, Any]) -> None:
        host, parent = self.host, one.parent
        assert parent is not None, "fragments and reassembled NBLs have one"
        one.owner, one.next, one.completion_name = said["driver"], None, None
        parent.child_ref_count -= 1
        if one.child_ref_count:
            host.broken("M49", f"{one.id} freed while {one.child_ref_count} of its clones live", one)
        host.settle(one, NblState.FREED)
        for nb in one.net_buffers():
            for mdl in chain(nb.mdl_chain):
                mdl.freed = mdl.allocated_by is None
        host.emit(ev.NblFreed(one.id, function, changed=(one.snapshot(), parent.snapshot()), **said))
        try_release(host, parent)

    # --- contexts --------------------------------------------------------------------------------------------------

    def context_allocate(self, nbl: object, size: int, backfill: int) -> int:
        """NdisAllocateNetBufferListContext: from the room that is there, else a new entry of the stack."""
        function = "NdisAllocateNetBufferListContext"
        said = self._said(function)
        one = self._nbl(nbl, function)
        size, backfill = number(size, "contextSize", 16), number(backfill, "contextBackFill", 16)
        if not self._reach(one, "a context") or size % CONTEXT_ALIGNMENT or backfill % CONTEXT_ALIGNMENT or not size:
            return int(Status.STATUS_INVALID_PARAMETER)
        refused = self.host.faults.status_for(function)
        if refused is not None:
            self.host.emit(ev.CallRefused(function, refused, f"context on {one.id}", **said))
            return refused
        top = one.contexts
        if top is None or top.offset < size:
            top = one.contexts = NblContext(size + backfill, top)
            top.offset = size + backfill
        top.offset -= size
        self.host.emit(ev.MemberWritten(one.id, "Context", "", f"{size} bytes", changed=(one.snapshot(),), **said))
        return int(Status.STATUS_SUCCESS)

    def context_free(self, nbl: object, size: int) -> None:
        """NdisFreeNetBufferListContext: the room that the latest allocation took."""
        function = "NdisFreeNetBufferListContext"
        said = self._said(function)
        one = self._nbl(nbl, function)
        size = number(size, "contextSize", 16)
        if not self._reach(one, "a context"):
            return
        top = one.contexts
        if top is None or top.offset + size > top.size:
            raise ValueError(f"{function}: there are no {size} bytes of context on {one.id}")
        top.offset += size
        if top.offset == top.size:
            one.contexts = top.next
        self.host.emit(ev.MemberWritten(one.id, "Context", f"{size} bytes", "", changed=(one.snapshot(),), **said))


def _string_together(nbl: NetBufferList, buffers: Sequence[NetBuffer]) -> None:
    nbl.first_net_buffer = buffers[0] if buffers else None
    for nb, following in pairwise(buffers):
        nb.next = following
