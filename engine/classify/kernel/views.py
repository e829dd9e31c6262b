"""Reading and writing NBLs, NET_BUFFERs and MDLs on behalf of a driver.

Source: callouts-nbl-injection 5.1, 5.2, 5.5.
"""

from __future__ import annotations

from typing import Any

from engine.callouts.texts import type_name, value_text
from engine.callouts.views import MdlView, NetBufferListContextView, NetBufferListView, NetBufferView
from engine.classify.host import Driver, Host
from engine.classify.kernel.layout import BUFFER_RESERVED, MDL_BYTES, MDL_MAPPED_NONPAGED, NBL_RESERVED, PAGE, PHYSICAL
from engine.classify.verifier.buffers import used_after_failed_retreat
from engine.classify.verifier.holds import keeps
from engine.classify.verifier.sources import looked_at
from engine.classify.verifier.statuses import status_read
from engine.ndis.mdl import Mdl, Memory, address_of, chain
from engine.ndis.nbl import NetBufferList
from engine.ndis.nbl_info import MAX_INFO, WFP_INFO, info_name
from engine.ndis.net_buffer import NetBuffer
from engine.ndis.snapshot import ABSORBED_HELD, ALLOCATED, COMPLETED, FREED, INDICATED, LOST, ORIGINAL, RETURNED
from engine.trace import events as ev

_AT_HAND = frozenset({INDICATED, ALLOCATED, ABSORBED_HELD})
_GONE = {FREED: "freed", LOST: "lost", RETURNED: "returned to the miniport"}


class KernelViews:
    """The part of the kernel behind the views of `engine.callouts.views`."""

    def __init__(self, host: Host) -> None:
        self.host = host

    # --- views -----------------------------------------------------------------------------------------------------

    def nbl_view(self, nbl: NetBufferList) -> NetBufferListView:
        """The one view of this NBL: the same object wherever it is met."""
        view = nbl.view
        if not isinstance(view, NetBufferListView):
            view = nbl.view = NetBufferListView(self, nbl)
        return view

    def _nbl(self, view: object, function: str) -> NetBufferList:
        if not isinstance(view, NetBufferListView):
            raise TypeError(f"{function}: a NET_BUFFER_LIST is wanted, not {type_name(view)}")
        nbl: NetBufferList = view._object
        return nbl

    def _buffer(self, view: object, function: str) -> tuple[NetBufferList, NetBuffer]:
        if not isinstance(view, NetBufferView):
            raise TypeError(f"{function}: a NET_BUFFER is wanted, not {type_name(view)}")
        return view._nbl, view._object

    def _mdl(self, view: object, function: str) -> Mdl:
        if not isinstance(view, MdlView):
            raise TypeError(f"{function}: an MDL is wanted, not {type_name(view)}")
        mdl: Mdl = view._object
        return mdl

    def _mdl_view(self, mdl: Mdl | None) -> MdlView | None:
        return None if mdl is None else MdlView(self, mdl)

    def running(self, function: str) -> Driver:
        """The driver whose code runs; scripts may call only while the engine calls them."""
        if self.host.driver is None:
            raise RuntimeError(f"{function}: called while none of the script's functions is being called")
        if self.host.watch is not None and self.host.watch.thread() != self.host.thread:
            raise RuntimeError(f"{function}: called from a thread of the script's own; use fwps.queue_work")
        return self.host.driver

    def _reach(self, nbl: NetBufferList, what: str, member: str = "") -> bool:
        """I11, M19: a driver touches what it no longer owns. True if the NBL is still there at all."""
        if nbl.state in _AT_HAND and nbl.injection is None:  # as nearly always
            return True
        gone = _GONE.get(nbl.state)
        if nbl.kind is ORIGINAL and nbl.state is COMPLETED:
            gone = "completed to its sender"
        host = self.host  # what is classified again is in flight for its injector, and in hand of who classifies it
        if gone is not None or (nbl.injection is not None and nbl not in host.in_hand and not keeps(host, nbl)):
            whole = f"{what}.{member}" if member else what
            host.broken("M19", f"{whole} of {nbl.id}, which is {gone or 'in flight'}", nbl)
        return gone is None

    # --- NET_BUFFER_LIST -------------------------------------------------------------------------------------------

    def nbl_read(self, nbl: NetBufferList, member: str) -> Any:
        self._reach(nbl, member)
        self.host.ledger.reads.add((nbl.id, member))
        match member:
            case "next":
                return None if nbl.next is None else self.nbl_view(nbl.next)
            case "first_net_buffer":
                return None if nbl.first_net_buffer is None else NetBufferView(self, nbl, nbl.first_net_buffer)
            case "parent_net_buffer_list":
                return None if nbl.parent is None else self.nbl_view(nbl.parent)
            case "ndis_pool_handle":
                return nbl.pool
            case "status":
                return status_read(self.host, nbl)
            case "source_handle":
                return nbl.allocated_by or nbl.pool
            case "context" if nbl.contexts is not None and nbl.context is None:
                return NetBufferListContextView(nbl.contexts)
            case "ndis_reserved2":
                return 0
            case _ if member in NBL_RESERVED:
                self.host.suspects[nbl.id] = nbl  # what is written there nobody else sees
                return nbl.reserved.setdefault(member, [None] * NBL_RESERVED[member])
            case _:
                return getattr(nbl, member)

    def nbl_write(self, nbl: NetBufferList, member: str, value: Any) -> None:
        self._reach(nbl, member)
        old = self._shown(getattr(nbl, member))
        if member == "next":
            nbl.next = None if value is None else self._nbl(value, "NBL.Next")
        elif member == "first_net_buffer":
            nbl.first_net_buffer = None if value is None else self._buffer(value, "NBL.FirstNetBuffer")[1]
        elif member in ("context", "scratch"):
            setattr(nbl, member, value)
            return
        else:
            setattr(nbl, member, number(value, member))
        self._written(nbl, member, old, self._shown(getattr(nbl, member)))

    def info_read(self, nbl: NetBufferList, id_: int) -> int:
        self._reach(nbl, "NetBufferListInfo")
        looked_at(self.host, nbl)
        return nbl.info.get(_info_id(id_), 0)

    def info_write(self, nbl: NetBufferList, id_: int, value: int) -> None:
        self._reach(nbl, "NetBufferListInfo")
        id_ = _info_id(id_)
        if id_ == WFP_INFO:
            self.host.broken("M55", "NetBufferListInfo[WfpNetBufferListInfo] is the system's", nbl)
            return
        old = nbl.info.get(id_, 0)
        nbl.info[id_] = number(value, "NetBufferListInfo", 64)
        self._written(nbl, info_name(id_), f"0x{old:X}", f"0x{nbl.info[id_]:X}")

    def _written(self, nbl: NetBufferList, member: str, old: str, new: str) -> None:
        host = self.host
        host.suspects[nbl.id] = nbl
        host.emit(ev.MemberWritten(nbl.id, member, old, new, changed=(nbl.snapshot(),), line=host.line(),
                                   driver=host.driver.name if host.driver else ""))

    @staticmethod
    def _shown(value: object) -> str:
        match value:
            case None:
                return "NULL"
            case int():
                return str(value)
            case NetBufferList() | Mdl():
                return value.id
            case _:
                return "NET_BUFFER"

    # --- NET_BUFFER ------------------------------------------------------------------------------------------------

    def buffer_read(self, nbl: NetBufferList, buffer: NetBuffer, member: str) -> Any:
        self._reach(nbl, "NET_BUFFER", member)
        if member == "next":
            return None if buffer.next is None else NetBufferView(self, nbl, buffer.next)
        if member in ("mdl_chain", "current_mdl"):
            return self._mdl_view(getattr(buffer, member))
        if member in BUFFER_RESERVED:
            return buffer.reserved.setdefault(member, [None] * BUFFER_RESERVED[member])
        match member:
            case "ndis_pool_handle":
                return nbl.pool
            case "st_data_length":
                return buffer.data_length
            case "reserved":
                return 0
            case "data_physical_address":
                return buffer.address & PHYSICAL
            case "shared_memory_info" | "scatter_gather_list":
                return None
        return getattr(buffer, member)

    def buffer_write(self, nbl: NetBufferList, buffer: NetBuffer, member: str, value: Any) -> None:
        self._reach(nbl, "NET_BUFFER", member)
        old = self._shown(getattr(buffer, member))
        if member == "next":
            buffer.next = None if value is None else self._buffer(value, "NET_BUFFER.Next")[1]
        elif member in ("mdl_chain", "current_mdl"):
            setattr(buffer, member, None if value is None else self._mdl(value, f"NET_BUFFER.{member}"))
        else:
            setattr(buffer, member, number(value, member))
        self._written(nbl, f"NET_BUFFER.{member}", old, self._shown(getattr(buffer, member)))

    def buffer_data(self, nbl: NetBufferList, buffer: NetBuffer) -> bytes:
        self._reach(nbl, "data")
        looked_at(self.host, nbl)
        self.host.ledger.bytes += buffer.data_length
        return buffer.read()

    def buffer_store(self, nbl: NetBufferList, buffer: NetBuffer, offset: int, data: bytes) -> None:
        self._reach(nbl, "data")
        used_after_failed_retreat(self.host, nbl, "a write into the data")
        offset = number(offset, "offset")
        if offset + len(data) > buffer.data_length:
            raise ValueError(
                f"bytes {offset} to {offset + len(data)} do not lie in the used data ({buffer.data_length})")
        done = 0
        for memory, start, count in buffer.pieces(offset, len(data)):
            self._store(nbl, memory, start, data[done:done + count])
            done += count

    def adjust(self, buffer: object) -> None:
        nbl, net_buffer = self._buffer(buffer, "NdisAdjustNetBufferCurrentMdl")
        self._reach(nbl, "NET_BUFFER")
        net_buffer.adjust_current_mdl()

    # --- MDL and memory --------------------------------------------------------------------------------------------

    def mdl_read(self, mdl: Mdl, member: str) -> Any:
        match member:
            case "next":
                return self._mdl_view(mdl.next)
            case "byte_count":
                return mdl.byte_count
            case "size":
                pages = -(-(address_of(mdl) % PAGE + mdl.byte_count) // PAGE)
                return MDL_BYTES + 8 * pages
            case "mdl_flags":
                return MDL_MAPPED_NONPAGED
            case "process":
                return None
            case "byte_offset":
                return address_of(mdl) % PAGE
            case "start_va":
                return address_of(mdl) // PAGE * PAGE
            case _:
                return address_of(mdl)

    def mdl_write(self, mdl: Mdl, member: str, value: Any) -> None:
        assert member == "next", "the view lets nothing else be written"
        mdl.next = None if value is None else self._mdl(value, "MDL.Next")

    def mdl_data(self, mdl: Mdl) -> bytes:
        self._reach_mdl(mdl)
        self.host.ledger.bytes += mdl.byte_count
        return bytes(mdl.memory.data[mdl.start:mdl.start + mdl.byte_count])

    def _reach_mdl(self, mdl: Mdl) -> None:
        if mdl.freed:
            self.host.broken("M19", f"bytes of MDL {mdl.id}, which is freed", about=(mdl.id,))

    def mdl_store(self, mdl: Mdl, offset: int, data: bytes) -> None:
        self._reach_mdl(mdl)
        offset = number(offset, "offset")
        if offset + len(data) > mdl.byte_count:
            raise ValueError(f"bytes {offset} to {offset + len(data)} do not lie in the MDL ({mdl.byte_count})")
        self._store(None, mdl.memory, mdl.start + offset, data)

    def _store(self, nbl: NetBufferList | None, memory: Memory, start: int, data: bytes) -> None:
        host = self.host
        host.ledger.bytes += len(data)
        old = bytes(memory.data[start:start + len(data)])
        memory.data[start:start + len(data)] = data
        if memory.known is not None:
            memory.known = bytes(memory.data)
        sharers = self._sharers(memory, nbl)
        host.emit(ev.DataWritten(nbl.id if nbl else None, memory.id, start, old, data, tuple(n.id for n in sharers),
                                 driver=host.driver.name if host.driver else "", line=host.line()))
        for other in sharers:
            if other.kind is ORIGINAL:  # I9
                host.ledger.altered.add(other.id)
                host.broken("M44", f"bytes of {other.id} changed in place: everybody who holds it sees them", other)
                break

    def _sharers(self, memory: Memory, nbl: NetBufferList | None) -> list[NetBufferList]:
        """Live NBLs whose data lie in this memory, the one written through first."""
        frame = int(memory.id.partition(":")[0])
        lineage = self.host.lineages.get(frame)  # None: a script writes into what is long over
        live = sorted(lineage.live) if lineage is not None else []
        candidates = [self.host.nbls[id_] for id_ in live if id_ in self.host.nbls]
        found = [other for other in candidates if other is not nbl and any(
            mdl.memory is memory for nb in other.net_buffers() for mdl in chain(nb.mdl_chain))]
        return found if nbl is None else [nbl, *found]


def number(value: object, name: str, bits: int = 32) -> int:
    """An unsigned number of a script, as a plain int."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is an integer, not {type_name(value)}")
    plain = value if type(value) is int else int.__int__(value)
    if not 0 <= plain < 1 << bits:
        raise ValueError(f"{name} is an unsigned number of {bits} bits, which {value_text(value)} is not")
    return plain


def _info_id(id_: object) -> int:
    id_ = number(id_, "NetBufferListInfo's id")
    if id_ > MAX_INFO:
        raise IndexError(f"NetBufferListInfo has the ids 0 to {MAX_INFO}, not {id_}")
    return id_
