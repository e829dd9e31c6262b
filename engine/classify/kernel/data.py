"""Retreat and advance, reading in one piece, out-of-band info. Source: callouts-nbl-injection 5.4, 5.5."""

from __future__ import annotations

from engine.classify.kernel.pools import ALLOCATION_LIMIT_BYTES
from engine.classify.kernel.tags import KernelTags
from engine.classify.kernel.views import number
from engine.classify.verifier.buffers import used_after_failed_retreat
from engine.classify.verifier.sources import looked_at
from engine.ndis.mdl import Mdl, Memory
from engine.ndis.net_buffer import undefined_memory
from engine.ndis.status import Status
from engine.trace import events as ev

_COPIED_ON_SEND = (0, 2, 4, 5, 6, 7, 14, 20)
_COPIED_ON_RECEIVE = (0, 4, 6, 7, 8, 9, 14)
"""NetBufferListInfo ids that NdisCopySend… and NdisCopyReceiveNetBufferListInfo copy."""


class KernelData(KernelTags):
    """Functions over the data of a NET_BUFFER."""

    def retreat(self, buffer: object, delta: int, backfill: int) -> int:
        function = "NdisRetreatNetBufferDataStart"
        said = self._said(function)
        nbl, nb = self._buffer(buffer, function)
        delta, backfill = number(delta, "dataOffsetDelta"), number(backfill, "dataBackFill")
        if delta + backfill > ALLOCATION_LIMIT_BYTES:
            raise ValueError(f"{function}: delta {delta}, backfill {backfill}")
        if not self._reach(nbl, "NET_BUFFER"):
            return int(Status.STATUS_INVALID_PARAMETER)
        status = self.host.faults.status_for(function)
        if status is not None:
            self.host.emit(ev.OffsetChanged(nbl.id, -delta, status, None, **said))
            self.host.ledger.failed_retreats.add(nbl.id)
            return status
        new_mdl: str | None = None
        if delta <= nb.data_offset:
            nb.retreat(delta)
        else:
            size = delta - nb.data_offset + backfill
            id_ = self.host.lineage(nbl.frame).new_memory()
            mdl = Mdl(id_, Memory(id_, undefined_memory(size), "engine"), 0, size)
            self.host.emit(ev.MdlAllocated(mdl.id, id_, bytes(mdl.memory.data), **said))
            nb.retreat_with(mdl, delta)
            new_mdl = mdl.id
        self.host.ledger.failed_retreats.discard(nbl.id)
        self.host.emit(ev.OffsetChanged(nbl.id, -delta, 0, new_mdl, changed=(nbl.snapshot(),), **said))
        return 0

    def advance(self, buffer: object, delta: int, free_mdl: bool) -> None:
        function = "NdisAdvanceNetBufferDataStart"
        said = self._said(function)
        nbl, nb = self._buffer(buffer, function)
        delta = number(delta, "dataOffsetDelta")
        if not self._reach(nbl, "NET_BUFFER"):
            return
        used_after_failed_retreat(self.host, nbl, "an advance")
        if delta > nb.data_length:
            raise ValueError(f"{function}: delta {delta} is more than DataLength {nb.data_length}")
        nb.advance(delta)
        gone = nb.free_retreat_mdls() if free_mdl else []
        self.host.emit(ev.OffsetChanged(nbl.id, delta, 0, None, changed=(nbl.snapshot(),), **said))
        for mdl in gone:
            self.host.emit(ev.MdlFreed(mdl.id, mdl.memory.id, **said))

    def contiguous(self, buffer: object, length: int, storage: bytearray | None, align_multiple: int = 1,
                   align_offset: int = 0) -> bytes | bytearray | None:
        """NdisGetDataBuffer: the bytes where they lie, if in one piece and aligned so; else copied into `storage`."""
        function = "NdisGetDataBuffer"
        nbl, nb = self._buffer(buffer, function)
        self._reach(nbl, "data")
        looked_at(self.host, nbl)
        length = number(length, "bytesNeeded")
        self.host.ledger.bytes += length
        if nb.data_length < length:
            self.host.ledger.null_data = True
            return None
        align_multiple, align_offset = number(align_multiple, "alignMultiple"), number(align_offset, "alignOffset")
        if not align_multiple or align_multiple & (align_multiple - 1):
            raise ValueError(f"{function}: alignMultiple is a power of two, not {align_multiple}")
        is_aligned = align_multiple == 1 or nb.address % align_multiple == align_offset % align_multiple
        if is_aligned and nb.is_contiguous(length):
            return nb.read(0, length)
        if storage is None:
            self.host.ledger.null_data = True
            return None
        if type(storage) is not bytearray or len(storage) < length:
            raise ValueError(f"{function}: storage is a bytearray of at least {length} bytes")
        storage[:length] = nb.read(0, length)
        return storage

    def copy_info(self, destination: object, source: object, receive: bool) -> None:
        function = "NdisCopyReceiveNetBufferListInfo" if receive else "NdisCopySendNetBufferListInfo"
        to, from_ = self._nbl(destination, function), self._nbl(source, function)
        self._reach(from_, "NetBufferListInfo")
        looked_at(self.host, from_)
        for id_ in _COPIED_ON_RECEIVE if receive else _COPIED_ON_SEND:
            if id_ in from_.info:
                self.info_write(to, id_, from_.info[id_])
