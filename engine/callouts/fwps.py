"""`fwps`: the functions a callout calls.

Names, parameter order and NTSTATUS are Windows'; an [out] parameter stands behind the status.

Source: contracts 4; callouts-nbl-injection 3.1, 3.2, 4, 5.5, 5.8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from engine.callouts.api import InjectionState
from engine.callouts.constants import AF_UNSPEC, CONSTANTS
from engine.callouts.fwpm import Fwpm, ManagementKernel
from engine.callouts.nbl_functions import NblFunctions
from engine.callouts.status_value import noted
from engine.callouts.views import MdlView, NetBufferListView, NetBufferView
from engine.ndis.status import nt_success, status_class

Completion = Callable[[Any, Any, Any, bool], None]
"""FWPS_INJECT_COMPLETE0: `completed(fwps, context, net_buffer_list, dispatch_level)`."""


class Kernel(ManagementKernel, Protocol):
    """The functions behind `Fwps`. Views are passed as they came; the kernel looks behind them."""

    def handle_create(self, address_family: int, flags: int) -> tuple[int, object]: ...
    def handle_destroy(self, handle: object) -> int: ...
    def query_state(self, handle: object, nbl: object) -> tuple[InjectionState, Any]: ...
    def inject(self, function: str, handle: object, context: Any, flags: int, layer: int, interface: int, port: int,
               nbl: object, completion: Completion | None, completion_context: Any) -> int: ...
    def clone(self, nbl: object, pool: object, flags: int) -> tuple[int, NetBufferListView | None]: ...
    def free(self, function: str, nbl: object, flags: int) -> None: ...
    def reference(self, nbl: object, intend_to_modify: bool) -> None: ...
    def dereference(self, nbl: object, dispatch_level: bool) -> None: ...
    def pool_allocate(self, function: str) -> object: ...
    def pool_free(self, pool: object, function: str) -> None: ...
    def mdl_allocate(self, memory: bytearray, length: int) -> MdlView | None: ...
    def mdl_free(self, mdl: object) -> None: ...
    def allocate(self, pool: object, context_size: int, context_backfill: int, mdl: object, offset: int,
                 length: int) -> tuple[int, NetBufferListView | None]: ...
    def retreat(self, buffer: object, delta: int, backfill: int) -> int: ...
    def advance(self, buffer: object, delta: int, free_mdl: bool) -> None: ...
    def adjust(self, buffer: object) -> None: ...
    def contiguous(self, buffer: object, length: int, storage: bytearray | None, align_multiple: int,
                   align_offset: int) -> bytes | bytearray | None: ...
    def copy_info(self, destination: object, source: object, receive: bool) -> None: ...
    def later(self, delay_ns: int, is_timer: bool, function: Callable[..., Any], args: tuple[Any, ...]) -> object: ...
    def cancel(self, timer: object) -> bool: ...


_Constants: type = type("_Constants", (), {"__slots__": (), **CONSTANTS})


class Fwps(_Constants, Fwpm, NblFunctions):  # type: ignore[misc]  # a class made of a table
    """One driver's way into the kernel. Constants are read as attributes: `fwps.STATUS_SUCCESS`."""

    __slots__ = ("_kernel",)
    _kernel: Kernel

    def __init__(self, kernel: Kernel) -> None:
        object.__setattr__(self, "_kernel", kernel)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"fwps.{name} cannot be written")

    def __getattr__(self, name: str) -> int:
        raise AttributeError(f"fwps has no {name}; functions keep their Windows name in snake case, "
                             "constants lose FWPS_, FWP_ or FWPM_")

    @staticmethod
    def nt_success(status: int) -> bool:
        """NT_SUCCESS (3.7)."""
        return nt_success(noted(status))

    @staticmethod
    def nt_information(status: int) -> bool:
        """NT_INFORMATION (3.7)."""
        return status_class(noted(status)) == "informational"

    @staticmethod
    def nt_warning(status: int) -> bool:
        """NT_WARNING (3.7)."""
        return status_class(noted(status)) == "warning"

    @staticmethod
    def nt_error(status: int) -> bool:
        """NT_ERROR (3.7)."""
        return status_class(noted(status)) == "error"

    def injection_handle_create(self, address_family: int | None, flags: int) -> tuple[int, object]:
        return self._kernel.handle_create(AF_UNSPEC if address_family is None else address_family, flags)

    def injection_handle_destroy(self, handle: object) -> int:
        return self._kernel.handle_destroy(handle)

    def query_packet_injection_state(self, handle: object, net_buffer_list: object) -> tuple[InjectionState, Any]:
        return self._kernel.query_state(handle, net_buffer_list)

    def inject_mac_send_async(self, injection_handle: object, injection_context: Any, flags: int, layer_id: int,
                              interface_index: int, ndis_port_number: int, net_buffer_lists: object,
                              completion_fn: Completion | None, completion_context: Any) -> int:
        return self._kernel.inject("FwpsInjectMacSendAsync0", injection_handle, injection_context, flags, layer_id,
                                   interface_index, ndis_port_number, net_buffer_lists, completion_fn,
                                   completion_context)

    def inject_mac_receive_async(self, injection_handle: object, injection_context: Any, flags: int, layer_id: int,
                                 interface_index: int, ndis_port_number: int, net_buffer_lists: object,
                                 completion_fn: Completion | None, completion_context: Any) -> int:
        return self._kernel.inject("FwpsInjectMacReceiveAsync0", injection_handle, injection_context, flags, layer_id,
                                   interface_index, ndis_port_number, net_buffer_lists, completion_fn,
                                   completion_context)

    def allocate_clone_net_buffer_list(self, original: object, net_buffer_list_pool: object = None,
                                       net_buffer_pool: object = None,
                                       flags: int = 0) -> tuple[int, NetBufferListView | None]:
        return self._kernel.clone(original, net_buffer_list_pool, flags)

    def free_clone_net_buffer_list(self, net_buffer_list: object, flags: int = 0) -> None:
        self._kernel.free("FwpsFreeCloneNetBufferList0", net_buffer_list, flags)

    def reference_net_buffer_list(self, net_buffer_list: object, intend_to_modify: bool) -> None:
        self._kernel.reference(net_buffer_list, bool(intend_to_modify))

    def dereference_net_buffer_list(self, net_buffer_list: object, dispatch_level: bool) -> None:
        self._kernel.dereference(net_buffer_list, bool(dispatch_level))

    def allocate_net_buffer_list_pool(self, ndis_handle: object, parameters: object = None) -> object:
        """A pool; None where there is no memory for it."""
        return self._kernel.pool_allocate("NdisAllocateNetBufferListPool")

    def free_net_buffer_list_pool(self, pool: object) -> None:
        self._kernel.pool_free(pool, "NdisFreeNetBufferListPool")

    def allocate_net_buffer_pool(self, ndis_handle: object, parameters: object = None) -> object:
        """A pool of NET_BUFFERs; None where there is no memory for it."""
        return self._kernel.pool_allocate("NdisAllocateNetBufferPool")

    def free_net_buffer_pool(self, pool: object) -> None:
        self._kernel.pool_free(pool, "NdisFreeNetBufferPool")

    def allocate_mdl(self, ndis_handle: object, virtual_address: bytearray, length: int) -> MdlView | None:
        """An MDL over this memory; None where there is no memory for it."""
        return self._kernel.mdl_allocate(virtual_address, length)

    def free_mdl(self, mdl: object) -> None:
        self._kernel.mdl_free(mdl)

    def allocate_net_buffer_and_net_buffer_list(
            self, pool: object, context_size: int, context_back_fill: int, mdl_chain: object, data_offset: int,
            data_length: int) -> tuple[int, NetBufferListView | None]:
        return self._kernel.allocate(pool, context_size, context_back_fill, mdl_chain, data_offset, data_length)

    def free_net_buffer_list(self, net_buffer_list: object) -> None:
        """FwpsFreeNetBufferList0: only for what `allocate_net_buffer_and_net_buffer_list` made."""
        self._kernel.free("FwpsFreeNetBufferList0", net_buffer_list, 0)

    def retreat_net_buffer_data_start(self, net_buffer: object, delta: int, data_back_fill: int = 0,
                                      allocate_mdl_handler: object = None) -> int:
        return self._kernel.retreat(net_buffer, delta, data_back_fill)

    def advance_net_buffer_data_start(self, net_buffer: object, delta: int, free_mdl: bool = False,
                                      free_mdl_handler: object = None) -> None:
        self._kernel.advance(net_buffer, delta, bool(free_mdl))

    def retreat_net_buffer_list_data_start(self, net_buffer_list: NetBufferListView, delta: int,
                                           data_back_fill: int = 0, allocate_mdl_handler: object = None,
                                           free_mdl_handler: object = None) -> int:
        done: list[NetBufferView] = []
        for buffer in _net_buffers(net_buffer_list):
            status = self._kernel.retreat(buffer, delta, data_back_fill)
            if not nt_success(status):
                for earlier in done:  # all or none
                    self._kernel.advance(earlier, delta, True)
                return status
            done.append(buffer)
        return 0

    def advance_net_buffer_list_data_start(self, net_buffer_list: NetBufferListView, delta: int,
                                           free_mdl: bool = False, free_mdl_handler: object = None) -> None:
        for buffer in _net_buffers(net_buffer_list):
            self._kernel.advance(buffer, delta, bool(free_mdl))

    def adjust_net_buffer_current_mdl(self, net_buffer: object) -> None:
        self._kernel.adjust(net_buffer)

    def get_data_buffer(self, net_buffer: object, bytes_needed: int, storage: bytearray | None = None,
                        align_multiple: int = 1, align_offset: int = 0) -> bytes | bytearray | None:
        """NdisGetDataBuffer: the first bytes in one piece, through `storage` when they are fragmented; else None."""
        return self._kernel.contiguous(net_buffer, bytes_needed, storage, align_multiple, align_offset)

    def copy_send_net_buffer_list_info(self, destination: object, source: object) -> None:
        self._kernel.copy_info(destination, source, receive=False)

    def copy_receive_net_buffer_list_info(self, destination: object, source: object) -> None:
        self._kernel.copy_info(destination, source, receive=True)

    def queue_work(self, function: Callable[..., Any], *args: Any) -> None:
        """Call exactly `function(*args)` later, at PASSIVE_LEVEL."""
        self._kernel.later(0, False, function, args)

    def set_timer(self, delay_ns: int, function: Callable[..., Any], *args: Any) -> object:
        """Call exactly `function(*args)` after `delay_ns` of simulated time, at DISPATCH_LEVEL. For `cancel_timer`."""
        return self._kernel.later(delay_ns, True, function, args)

    def cancel_timer(self, timer: object) -> bool:
        """Whether the timer was still to come; it does not come any more."""
        return self._kernel.cancel(timer)


def _net_buffers(net_buffer_list: NetBufferListView) -> Iterator[NetBufferView]:
    """The NET_BUFFERs of an NBL; ends where a list that a driver has bent into a ring would come round (I4)."""
    seen: set[NetBufferView] = set()
    buffer = net_buffer_list.first_net_buffer
    while buffer is not None and buffer not in seen:
        seen.add(buffer)
        yield buffer
        buffer = buffer.next
