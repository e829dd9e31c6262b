"""Allocation, cloning and references.

Source: callouts-nbl-injection 2.4, 5.6, 5.8; CH-18, CH-33.
"""

from __future__ import annotations

from typing import Any

from engine.callouts.views import NetBufferListView
from engine.classify.host import COPIES_OF_COPIES, DISPATCH_LEVEL, Lineage
from engine.classify.kernel.pools import KernelPools, is_pool
from engine.classify.kernel.views import number
from engine.classify.own_copies import own_copy, reclaimed
from engine.classify.release import try_release
from engine.classify.tags import removed, tell
from engine.classify.verifier import buffers, completions
from engine.classify.verifier.coalesced import judge_coalesced
from engine.classify.verifier.loops import derived
from engine.classify.verifier.sources import lineage_for, origin_of
from engine.ndis.mdl import Mdl, chain
from engine.ndis.nbl import NetBufferList, link
from engine.ndis.nbl import chain as nbl_chain
from engine.ndis.nbl_context import NblContext
from engine.ndis.net_buffer import NetBuffer
from engine.ndis.snapshot import CLONE, FREED, NEW, NblKind
from engine.ndis.status import Status
from engine.ndis.tag_events import TagEvent
from engine.trace import events as ev

NBLS_PER_LINEAGE = 4096
"""More live NBLs of one frame are refused as on a machine without memory."""

PHANTOM = "phantom"
"""Holder of a reference that nobody can give back (2.4)."""

CONTEXT_ALIGNMENT = 16
"""MEMORY_ALLOCATION_ALIGNMENT on x64: sizes of NBL contexts are multiples of it (5.8)."""


class KernelBuffers(KernelPools):
    """Functions that make and free NBLs."""

    def _new_nbl(self, lineage: Lineage, kind: NblKind, said: dict[str, Any],
                 source: NetBufferList | None) -> NetBufferList:
        owner = said["driver"]
        nbl = NetBufferList(lineage.new_nbl(), lineage.frame, kind, owner)
        nbl.allocated_by, nbl.origin = owner, said["line"] or None
        nbl.visits = dict(self.host.cause)
        derived(nbl, source)
        lineage.live.add(nbl.id)
        lineage.finished = False
        self.host.nbls[nbl.id] = nbl
        return nbl

    def allocate(self, pool: object, context_size: int, context_backfill: int, mdl: object, offset: int,
                 length: int) -> tuple[int, NetBufferListView | None]:
        function = "FwpsAllocateNetBufferAndNetBufferList0"
        said = self._said(function)
        first = None if mdl is None else self._mdl(mdl, function)
        context_size = number(context_size, "contextSize")
        context_backfill = number(context_backfill, "contextBackFill")
        offset, length = number(offset, "dataOffset"), number(length, "dataLength")
        for one in chain(first):
            self._reach_mdl(one)
        room = sum(one.byte_count for one in chain(first))
        known = is_pool(self.host, pool, "NdisAllocateNetBufferListPool")
        aligned = context_size % CONTEXT_ALIGNMENT == 0 and context_backfill % CONTEXT_ALIGNMENT == 0
        if not known or not aligned or offset + length > room:
            return self._no_nbl(int(Status.STATUS_INVALID_PARAMETER), said)
        source = None if first is None else origin_of(self.host, first.memory.data)
        lineage = lineage_for(self.host, source)
        status = self._refusal(function, lineage)
        if status is not None:
            return self._no_nbl(status, said)
        nbl = self._new_nbl(lineage, NEW, said, source)
        nbl.pool = str(pool)
        if context_size:
            nbl.contexts = NblContext(context_size + context_backfill, None)
            nbl.contexts.offset = context_backfill
        nbl.first_net_buffer = NetBuffer(first, offset, length)
        self._note(kept=1)
        self.host.emit(ev.NblAllocated(nbl.id, 0, changed=(nbl.snapshot(),), **said))
        return 0, self.nbl_view(nbl)

    def _no_nbl(self, status: int, said: dict[str, Any]) -> tuple[int, None]:
        self._note(failed=1)
        self.host.emit(ev.NblAllocated(None, status, **said))
        return status, None

    def _refusal(self, function: str, lineage: Lineage) -> int | None:
        if self._is_bomb(lineage) or len(lineage.live) >= NBLS_PER_LINEAGE:
            return int(Status.STATUS_INSUFFICIENT_RESOURCES)
        return self.host.faults.status_for(function)

    def _is_bomb(self, lineage: Lineage) -> bool:
        """Copies of copies without end: each way stays short enough, but there are ever more of them (M06)."""
        cause = self.host.cause
        if not cause or max(cause.values()) < 2:
            return False
        lineage.descendants += 1
        if lineage.descendants == COPIES_OF_COPIES:
            self.host.broken("M06", f"frame {lineage.frame} has {COPIES_OF_COPIES} copies of copies: no more are made, "
                             "and no callout meets them again")
        return lineage.is_bomb

    def _batch_forbids(self, nbl: NetBufferList) -> bool:
        return self.host.batch_call or (nbl.batch_tainted and self.host.options.batch_taint_scope == "all")

    def clone(self, nbl: object, pool: object, flags: int) -> tuple[int, NetBufferListView | None]:
        function = "FwpsAllocateCloneNetBufferList0"
        said = self._said(function)
        parent = self._nbl(nbl, function)
        if not self._reach(parent, "a clone"):
            self.host.emit(ev.NblCloned(parent.id, None, int(Status.STATUS_INVALID_PARAMETER), **said))
            return int(Status.STATUS_INVALID_PARAMETER), None
        self.host.judge_suspects()
        flags = number(flags, "flags")
        lineage = self.host.lineage(parent.frame)
        status: int | None = None
        if self._batch_forbids(parent):
            status = self.host.options.batch_clone_status
            buffers.clone_refused(self.host, parent, **said)
            self.host.broken("M22", f"clone of {parent.id} where a callout has the batch flag", parent)
        elif flags:
            status = int(Status.STATUS_INVALID_PARAMETER)
            self.host.broken("M53", f"flags of the clone call are {flags}, not 0", parent)
        else:
            status = self._refusal(function, lineage)
        if status is not None:
            self._note(failed=1)
            self.host.emit(ev.NblCloned(parent.id, None, status, **said))
            return status, None
        whole = self.host.options.clone_of_chain == "whole"  # CH-33
        behind = [one for one in nbl_chain(parent.next) if self._reach(one, "a clone")] if whole else []
        made_in = pool if is_pool(self.host, pool, "NdisAllocateNetBufferListPool") else None  # else NDIS' own
        clones = [self._clone_one(one, made_in, said) for one in (parent, *behind)]
        link(clones)
        return 0, self.nbl_view(clones[0])

    def _clone_one(self, parent: NetBufferList, pool: object, said: dict[str, Any]) -> NetBufferList:
        lineage = self.host.lineage(parent.frame)
        clone = self._new_nbl(lineage, CLONE, said, parent)
        clone.visits |= parent.visits
        if pool is not None:
            clone.pool = str(pool)
        clone.parent, clone.history, clone.info = parent, parent.history, dict(parent.info)
        clone.nbl_flags, clone.injection_contexts = parent.nbl_flags, dict(parent.injection_contexts)
        clone.batch_tainted = parent.batch_tainted
        judge_coalesced(self.host, parent)
        if self.host.options.injection_history == "move":  # CH-32
            parent.history, parent.injection_contexts = (), {}
        self._share_data(parent, clone, lineage)
        self.host.ledger.shapes[clone.id] = buffers.shape(clone)
        buffers.used_after_failed_retreat(self.host, parent, "a clone")
        parent.child_ref_count += 1
        self._note(kept=1, pended=parent in self.host.in_hand)
        self.host.emit(ev.NblCloned(parent.id, clone.id, 0, changed=(parent.snapshot(), clone.snapshot()), **said))
        if parent.tags:
            tell(self.host, parent, TagEvent.CLONED_VIA_WFP_API, self.nbl_view(clone))
        if self.host.options.cross_cpu_copy == "on" and self.host.irql != DISPATCH_LEVEL and parent.reference_count:
            own_copy(self.host, [clone], parent, "cloned on another processor than the one that classified it")
        return clone

    @staticmethod
    def _share_data(parent: NetBufferList, clone: NetBufferList, lineage: Lineage) -> None:
        """New NBs and MDLs over the parent's memory; only the used data space is covered (5.6)."""
        last: NetBuffer | None = None
        for nb in parent.net_buffers():
            first: Mdl | None = None
            tail: Mdl | None = None
            for memory, start, count in nb.pieces(0, nb.data_length):
                lineage.next_part += 1
                mdl = Mdl(f"{lineage.frame}:{lineage.next_part}", memory, start, count)
                if tail is None:
                    first = mdl
                else:
                    tail.next = mdl
                tail = mdl
            copy = NetBuffer(first, 0, nb.data_length)
            if last is None:
                clone.first_net_buffer = copy
            else:
                last.next = copy
            last = copy

    def free(self, function: str, nbl: object, flags: int) -> None:
        said = self._said(function)
        one = self._nbl(nbl, function)
        if self.host.batch_call and function == "FwpsFreeCloneNetBufferList0":
            self.host.broken("M25", f"free of clone {one.id} by a callout with the batch flag", one)
        if flags:
            self.host.broken("M53", f"flags of {function} are {flags}, not 0", one)
        completions.freeing(self.host, one)
        if not self._may_free(function, one):
            return
        host = self.host
        one.owner = said["driver"]
        parent = one.parent
        changed = [one]
        if parent is not None and one.kind is CLONE:
            parent.child_ref_count -= 1
            changed.append(parent)
        if one.child_ref_count:
            host.broken("M49", f"{one.id} freed while {one.child_ref_count} of its clones live", one)
        one.next, one.completion_name = None, None
        if one.tags:
            removed(host, one)
        buffers.judge_clone_free(host, one)
        host.settle(one, FREED)
        host.emit(ev.NblFreed(one.id, function, changed=tuple([n.snapshot() for n in changed]), **said))
        if parent is not None and one.kind is CLONE:
            try_release(host, parent)

    def _may_free(self, function: str, nbl: NetBufferList) -> bool:
        is_for_clones = function == "FwpsFreeCloneNetBufferList0"
        return self._may_free_as(function, nbl, CLONE if is_for_clones else NEW)

    def _may_free_as(self, function: str, nbl: NetBufferList, wanted: NblKind) -> bool:
        if nbl.state is FREED:
            self.host.broken("M16", f"{nbl.id} is freed already", nbl)
        elif nbl.injection is not None:
            self.host.broken("M18", f"{nbl.id} is in flight", nbl)
        elif nbl.kind is not wanted:
            self.host.broken("M17", f"{function} for {nbl.id}, which is {nbl.kind.value}", nbl)
        else:
            return True
        return False

    # --- references ------------------------------------------------------------------------------------------------

    def reference(self, nbl: object, intend_to_modify: bool) -> None:
        function = "FwpsReferenceNetBufferList0"
        said = self._said(function)
        one = self._nbl(nbl, function)
        if not self._reach(one, "a reference"):
            return
        if self._batch_forbids(one):
            self.host.broken("M23", f"reference of {one.id} where a callout has the batch flag: it can never be given "
                             "back", one)
        phantom = self._batch_forbids(one) and self.host.options.batch_reference == "phantom"  # CH-18
        holder = PHANTOM if phantom else said["driver"]
        one.references[holder] = one.references.get(holder, 0) + 1
        if one.is_lent and self.host.options.resources_hold == "deep_copy":
            reclaimed(self.host, one)
        buffers.count_reference(self.host, one, **said, step=1)
        self._note(kept=1, pended=intend_to_modify and one in self.host.in_hand)
        self.host.emit(
            ev.NblReferenced(one.id, one.reference_count, intend_to_modify, changed=(one.snapshot(),), **said))

    def dereference(self, nbl: object, dispatch_level: bool) -> None:
        function = "FwpsDereferenceNetBufferList0"
        said = self._said(function)
        one = self._nbl(nbl, function)
        buffers.count_reference(self.host, one, **said, step=-1)
        if self._batch_forbids(one):
            self.host.broken("M24", f"dereference of {one.id} where a callout has the batch flag is ignored", one)
            if self.host.options.batch_reference == "phantom":
                return
        if dispatch_level and self.host.irql != DISPATCH_LEVEL:
            self.host.broken("M56a", f"dispatchLevel is TRUE for {one.id} below DISPATCH_LEVEL", one)
        held = one.references.get(said["driver"], 0)
        if not held:
            self.host.broken("M56", f"dereference of {one.id} without a reference of this driver", one)
            return
        one.references[said["driver"]] = held - 1
        self.host.emit(ev.NblDereferenced(one.id, one.reference_count, changed=(one.snapshot(),), **said))
        try_release(self.host, one)
