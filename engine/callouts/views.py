"""NBLs, NET_BUFFERs and MDLs as a callout sees them. Every access goes through the kernel, which may object.

Members are those of callouts-nbl-injection 5.1 and 5.2 in snake case; the same object is met again wherever it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol, Self

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


def _nbl_member(name: str, *, writable: bool = False) -> Any:
    def get(self: Any) -> Any:
        return self._kernel.nbl_read(self._object, name)

    def put(self: Any, value: Any) -> None:
        self._kernel.nbl_write(self._object, name, value)

    return property(get, put if writable else None)


def _buffer_member(name: str, *, writable: bool = False) -> Any:
    def get(self: Any) -> Any:
        return self._kernel.buffer_read(self._nbl, self._object, name)

    def put(self: Any, value: Any) -> None:
        self._kernel.buffer_write(self._nbl, self._object, name, value)

    return property(get, put if writable else None)


def _mdl_member(name: str, *, writable: bool = False) -> Any:
    def get(self: Any) -> Any:
        return self._kernel.mdl_read(self._object, name)

    def put(self: Any, value: Any) -> None:
        self._kernel.mdl_write(self._object, name, value)

    return property(get, put if writable else None)


class _Parts:
    __slots__ = ("_kernel", "_object")
    _kernel: ViewKernel
    _object: Any


class _View(_Parts):
    """Made as an object of its base, which can be written, and of its own class when it is whole."""

    __slots__ = ()
    _puts: Mapping[str, Callable[[Any, Any], None]] = MappingProxyType({})
    """Members that a script may write."""

    def __new__(cls, kernel: ViewKernel, object_: Any) -> Self:
        made: Any = _Parts()
        made._kernel, made._object = kernel, object_
        made.__class__ = cls
        view: Self = made
        return view

    def __init_subclass__(cls) -> None:
        own = {name: member.fset for name, member in vars(cls).items() if isinstance(member, property)}
        cls._puts = MappingProxyType({**cls._puts, **{name: put for name, put in own.items() if put is not None}})

    def __setattr__(self, name: str, value: object) -> None:
        put = self._puts.get(name)
        if put is None:
            raise AttributeError(f"{type(self).__name__}.{name} cannot be written")
        put(self, value)

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

    next = _nbl_member("next", writable=True)
    first_net_buffer = _nbl_member("first_net_buffer", writable=True)
    context = _nbl_member("context", writable=True)
    """The newest NET_BUFFER_LIST_CONTEXT, or what the driver has put in its place."""
    parent_net_buffer_list = _nbl_member("parent_net_buffer_list")
    ndis_pool_handle = _nbl_member("ndis_pool_handle")
    nbl_flags = _nbl_member("nbl_flags", writable=True)
    flags = _nbl_member("flags", writable=True)
    child_ref_count = _nbl_member("child_ref_count")
    status = _nbl_member("status", writable=True)
    scratch = _nbl_member("scratch", writable=True)
    source_handle = _nbl_member("source_handle")
    ndis_reserved2 = _nbl_member("ndis_reserved2")
    ndis_reserved = _nbl_member("ndis_reserved")
    protocol_reserved = _nbl_member("protocol_reserved")
    miniport_reserved = _nbl_member("miniport_reserved")

    @property
    def net_buffer_list_info(self) -> NetBufferListInfo:
        kernel, nbl = self._kernel, self._object
        return NetBufferListInfo(
            lambda id_: int(kernel.info_read(nbl, id_)), lambda id_, value: kernel.info_write(nbl, id_, value))

    def __repr__(self) -> str:
        return f"<NET_BUFFER_LIST {self._object.id}>"


class _BufferParts(_Parts):
    __slots__ = ("_nbl",)
    _nbl: NetBufferList


class NetBufferView(_View, _BufferParts):
    """A NET_BUFFER of an NBL. `data()` copies the used data; `write` changes it in place."""

    __slots__ = ()

    def __new__(cls, kernel: ViewKernel, nbl: NetBufferList, buffer: NetBuffer) -> Self:
        made: Any = _BufferParts()
        made._kernel, made._nbl, made._object = kernel, nbl, buffer
        made.__class__ = cls
        view: Self = made
        return view

    next = _buffer_member("next", writable=True)
    mdl_chain = _buffer_member("mdl_chain", writable=True)
    current_mdl = _buffer_member("current_mdl", writable=True)
    current_mdl_offset = _buffer_member("current_mdl_offset", writable=True)
    data_length = _buffer_member("data_length", writable=True)
    st_data_length = _buffer_member("st_data_length")
    data_offset = _buffer_member("data_offset", writable=True)
    checksum_bias = _buffer_member("checksum_bias", writable=True)
    reserved = _buffer_member("reserved")
    data_physical_address = _buffer_member("data_physical_address")
    shared_memory_info = _buffer_member("shared_memory_info")
    scatter_gather_list = _buffer_member("scatter_gather_list")
    ndis_pool_handle = _buffer_member("ndis_pool_handle")
    ndis_reserved = _buffer_member("ndis_reserved")
    protocol_reserved = _buffer_member("protocol_reserved")
    miniport_reserved = _buffer_member("miniport_reserved")

    def data(self) -> bytes:
        """All used data, copied out of however many MDLs hold it."""
        found: bytes = self._kernel.buffer_data(self._nbl, self._object)
        return found

    def write(self, offset: int, data: bytes) -> None:
        """Overwrite used data from `offset` on; ValueError when it would run past the end."""
        self._kernel.buffer_store(self._nbl, self._object, offset, _bytes(data))

    def __repr__(self) -> str:
        return f"<NET_BUFFER of {self._nbl.id}>"


class MdlView(_View):
    """An MDL."""

    __slots__ = ()

    next = _mdl_member("next", writable=True)
    size = _mdl_member("size")
    mdl_flags = _mdl_member("mdl_flags")
    process = _mdl_member("process")
    byte_count = _mdl_member("byte_count")
    byte_offset = _mdl_member("byte_offset")
    start_va = _mdl_member("start_va")
    mapped_system_va = _mdl_member("mapped_system_va")

    def data(self) -> bytes:
        """The bytes that the MDL describes."""
        found: bytes = self._kernel.mdl_data(self._object)
        return found

    def write(self, offset: int, data: bytes) -> None:
        """Overwrite its bytes from `offset` on; ValueError when it would run past the end."""
        self._kernel.mdl_store(self._object, offset, _bytes(data))

    def __repr__(self) -> str:
        return f"<MDL {self._object.id}>"
