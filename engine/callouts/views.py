"""NBLs, NET_BUFFERs and MDLs as a callout sees them. Every access goes through the kernel, which may object.

Members are those of callouts-nbl-injection 5.1 and 5.2 in snake case; the same object is met again wherever it goes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine.callouts.texts import type_name
from engine.ndis.mdl import Mdl
from engine.ndis.nbl import NetBufferList
from engine.ndis.nbl_context import NblContext
from engine.ndis.net_buffer import NetBuffer


class ViewKernel(Protocol):
    """What the views ask of the kernel, on behalf of the driver that runs now."""

    def nbl_read(self, nbl: NetBufferList, member: str) -> Any: ...
    def nbl_write(self, nbl: NetBufferList, member: str, value: Any) -> None: ...
    def buffer_read(self, nbl: NetBufferList, buffer: NetBuffer, member: str) -> Any: ...
    def buffer_write(self, nbl: NetBufferList, buffer: NetBuffer, member: str, value: Any) -> None: ...
    def buffer_data(self, nbl: NetBufferList, buffer: NetBuffer) -> bytes: ...
    def buffer_store(self, nbl: NetBufferList, buffer: NetBuffer, offset: int, data: bytes) -> None: ...
    def mdl_read(self, mdl: Mdl, member: str) -> Any: ...
    def mdl_write(self, mdl: Mdl, member: str, value: Any) -> None: ...
    def mdl_data(self, mdl: Mdl) -> bytes: ...
    def mdl_store(self, mdl: Mdl, offset: int, data: bytes) -> None: ...
    def info_read(self, nbl: NetBufferList, id_: int) -> int: ...
    def info_write(self, nbl: NetBufferList, id_: int, value: int) -> None: ...


def _member(name: str, *, writable: bool = False) -> Any:
    def get(self: Any) -> Any:
        return self._get(name)

    def put(self: Any, value: Any) -> None:
        self._put(name, value)

    return property(get, put if writable else None)


class _View:
    __slots__ = ("_kernel", "_object")
    _kernel: ViewKernel
    _object: Any

    def __init__(self, kernel: ViewKernel, object_: Any) -> None:
        object.__setattr__(self, "_kernel", kernel)
        object.__setattr__(self, "_object", object_)

    def __setattr__(self, name: str, value: object) -> None:
        member = getattr(type(self), name, None)
        if not isinstance(member, property) or member.fset is None:
            raise AttributeError(f"{type(self).__name__}.{name} cannot be written")
        member.fset(self, value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _View) and self._object is other._object

    def __hash__(self) -> int:
        return id(self._object)


def _bytes(data: object) -> bytes:
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"bytes are wanted, not {type_name(data)}")
    return bytes(data)


class NetBufferListInfo:
    """NetBufferListInfo[]: 64-bit values by id."""

    __slots__ = ("_read", "_write")

    def __init__(self, read: Callable[[int], int], write: Callable[[int, int], None]) -> None:
        self._read, self._write = read, write

    def __getitem__(self, id_: int) -> int:
        return self._read(id_)

    def __setitem__(self, id_: int, value: int) -> None:
        self._write(id_, value)


class NetBufferListContextView:
    """A NET_BUFFER_LIST_CONTEXT. `context_data` is its room; what is in use begins at `offset`."""

    __slots__ = ("_context",)

    def __init__(self, context: NblContext) -> None:
        self._context = context

    @property
    def next(self) -> NetBufferListContextView | None:
        following = self._context.next
        return None if following is None else NetBufferListContextView(following)

    @property
    def size(self) -> int:
        return self._context.size

    @property
    def offset(self) -> int:
        return self._context.offset

    @property
    def context_data(self) -> bytearray:
        return self._context.data


class NetBufferListView(_View):
    """A NET_BUFFER_LIST."""

    __slots__ = ()

    next = _member("next", writable=True)
    first_net_buffer = _member("first_net_buffer", writable=True)
    context = _member("context", writable=True)
    """The newest NET_BUFFER_LIST_CONTEXT, or what the driver has put in its place."""
    parent_net_buffer_list = _member("parent_net_buffer_list")
    ndis_pool_handle = _member("ndis_pool_handle")
    nbl_flags = _member("nbl_flags", writable=True)
    flags = _member("flags", writable=True)
    child_ref_count = _member("child_ref_count")
    status = _member("status", writable=True)
    scratch = _member("scratch", writable=True)
    source_handle = _member("source_handle")
    ndis_reserved2 = _member("ndis_reserved2")
    ndis_reserved = _member("ndis_reserved")
    protocol_reserved = _member("protocol_reserved")
    miniport_reserved = _member("miniport_reserved")

    @property
    def net_buffer_list_info(self) -> NetBufferListInfo:
        kernel, nbl = self._kernel, self._object
        return NetBufferListInfo(
            lambda id_: int(kernel.info_read(nbl, id_)), lambda id_, value: kernel.info_write(nbl, id_, value))

    def __repr__(self) -> str:
        return f"<NET_BUFFER_LIST {self._object.id}>"

    def _get(self, name: str) -> Any:
        return self._kernel.nbl_read(self._object, name)

    def _put(self, name: str, value: Any) -> None:
        self._kernel.nbl_write(self._object, name, value)


class NetBufferView(_View):
    """A NET_BUFFER of an NBL. `data()` copies the used data; `write` changes it in place."""

    __slots__ = ("_nbl",)
    _nbl: NetBufferList

    def __init__(self, kernel: ViewKernel, nbl: NetBufferList, buffer: NetBuffer) -> None:
        super().__init__(kernel, buffer)
        object.__setattr__(self, "_nbl", nbl)

    next = _member("next", writable=True)
    mdl_chain = _member("mdl_chain", writable=True)
    current_mdl = _member("current_mdl", writable=True)
    current_mdl_offset = _member("current_mdl_offset", writable=True)
    data_length = _member("data_length", writable=True)
    st_data_length = _member("st_data_length")
    data_offset = _member("data_offset", writable=True)
    checksum_bias = _member("checksum_bias", writable=True)
    reserved = _member("reserved")
    data_physical_address = _member("data_physical_address")
    shared_memory_info = _member("shared_memory_info")
    scatter_gather_list = _member("scatter_gather_list")
    ndis_pool_handle = _member("ndis_pool_handle")
    ndis_reserved = _member("ndis_reserved")
    protocol_reserved = _member("protocol_reserved")
    miniport_reserved = _member("miniport_reserved")

    def data(self) -> bytes:
        """All used data, copied out of however many MDLs hold it."""
        found: bytes = self._kernel.buffer_data(self._nbl, self._object)
        return found

    def write(self, offset: int, data: bytes) -> None:
        """Overwrite used data from `offset` on; ValueError when it would run past the end."""
        self._kernel.buffer_store(self._nbl, self._object, offset, _bytes(data))

    def __repr__(self) -> str:
        return f"<NET_BUFFER of {self._nbl.id}>"

    def _get(self, name: str) -> Any:
        return self._kernel.buffer_read(self._nbl, self._object, name)

    def _put(self, name: str, value: Any) -> None:
        self._kernel.buffer_write(self._nbl, self._object, name, value)


class MdlView(_View):
    """An MDL."""

    __slots__ = ()

    next = _member("next", writable=True)
    size = _member("size")
    mdl_flags = _member("mdl_flags")
    process = _member("process")
    byte_count = _member("byte_count")
    byte_offset = _member("byte_offset")
    start_va = _member("start_va")
    mapped_system_va = _member("mapped_system_va")

    def data(self) -> bytes:
        """The bytes that the MDL describes."""
        found: bytes = self._kernel.mdl_data(self._object)
        return found

    def write(self, offset: int, data: bytes) -> None:
        """Overwrite its bytes from `offset` on; ValueError when it would run past the end."""
        self._kernel.mdl_store(self._object, offset, _bytes(data))

    def __repr__(self) -> str:
        return f"<MDL {self._object.id}>"

    def _get(self, name: str) -> Any:
        return self._kernel.mdl_read(self._object, name)

    def _put(self, name: str, value: Any) -> None:
        self._kernel.mdl_write(self._object, name, value)
