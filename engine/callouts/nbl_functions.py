"""The part of `fwps` that makes NBLs from NBLs, stacks contexts on them, and tags them.

Source: callouts-nbl-injection 5.1, 5.6, 5.8 [ddi: fwpsk and nblapi function pages].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine.callouts.views import NetBufferListView


class NblKernel(Protocol):
    """What these functions ask of the kernel."""

    def deep_clone(self, original: object, flags: int) -> tuple[int, NetBufferListView | None]: ...
    def fragment(self, original: object, start: int, maximum: int, delta: int, backfill: int,
                 flags: int) -> NetBufferListView | None: ...
    def reassemble(self, fragments: object, start: int, delta: int, backfill: int,
                   flags: int) -> NetBufferListView | None: ...
    def free_derived(self, function: str, nbl: object, delta: int) -> None: ...
    def context_allocate(self, nbl: object, size: int, backfill: int) -> int: ...
    def context_free(self, nbl: object, size: int) -> None: ...
    def tag_make(self) -> tuple[int, int]: ...
    def tag_associate(self, nbl: object, layer: int, context: int, tag: int, notify: Callable[..., Any],
                      flags: int) -> int: ...
    def tag_retrieve(self, nbl: object, tag: int, flags: int, *, remove: bool) -> tuple[int, int | None]: ...
    def tag_remove(self, nbl: object, tag: int, flags: int) -> int: ...


class NblFunctions:
    """Names, parameter order and NTSTATUS are Windows'; an [out] parameter stands behind the status."""

    __slots__ = ()
    _kernel: Any

    def allocate_deep_clone_net_buffer_list(self, original: object, net_buffer_list_pool: object = None,
                                            net_buffer_pool: object = None,
                                            flags: int = 0) -> tuple[int, NetBufferListView | None]:
        """A clone with data of its own; freed with `free_clone_net_buffer_list`."""
        return self._nbls.deep_clone(original, flags)

    def allocate_fragment_net_buffer_list(self, original: object, net_buffer_list_pool: object, net_buffer_pool: object,
                                          start_offset: int, maximum_length: int, data_offset_delta: int,
                                          data_back_fill: int, allocate_fragment_flags: int = 0,
                                          ) -> NetBufferListView | None:
        """NdisAllocateFragmentNetBufferList: an NBL whose NET_BUFFERs share the data, cut to `maximum_length`."""
        return self._nbls.fragment(
            original, start_offset, maximum_length, data_offset_delta, data_back_fill, allocate_fragment_flags)

    def free_fragment_net_buffer_list(self, fragment: object, data_offset_delta: int, free_flags: int = 0) -> None:
        self._nbls.free_derived("NdisFreeFragmentNetBufferList", fragment, data_offset_delta)

    def allocate_reassembled_net_buffer_list(self, fragments: object, net_buffer_and_net_buffer_list_pool: object,
                                             start_offset: int, data_offset_delta: int, data_back_fill: int,
                                             allocate_reassemble_flags: int = 0) -> NetBufferListView | None:
        """NdisAllocateReassembledNetBufferList: one NET_BUFFER over the data of all, each from `start_offset` on."""
        return self._nbls.reassemble(
            fragments, start_offset, data_offset_delta, data_back_fill, allocate_reassemble_flags)

    def free_reassembled_net_buffer_list(self, reassembled: object, data_offset_delta: int,
                                         free_flags: int = 0) -> None:
        self._nbls.free_derived("NdisFreeReassembledNetBufferList", reassembled, data_offset_delta)

    def allocate_net_buffer_list_context(self, net_buffer_list: object, context_size: int, context_back_fill: int,
                                         pool_tag: int = 0) -> int:
        """NdisAllocateNetBufferListContext: room for `context_size` bytes on top of the stack."""
        return self._nbls.context_allocate(net_buffer_list, context_size, context_back_fill)

    def free_net_buffer_list_context(self, net_buffer_list: object, context_size: int) -> None:
        self._nbls.context_free(net_buffer_list, context_size)

    def net_buffer_list_get_tag_for_context(self) -> tuple[int, int]:
        """A tag that no other driver has."""
        return self._nbls.tag_make()

    def net_buffer_list_associate_context(self, net_buffer_list: object, layer_id: int, context: int, context_tag: int,
                                          provider_guid: object, device_object: object,
                                          notify_fn: Callable[..., Any], flags: int = 0) -> int:
        """`notify_fn(fwps, event_type, event, net_buffer_list, layer_id, context, context_tag)` is called then."""
        return self._nbls.tag_associate(net_buffer_list, layer_id, context, context_tag, notify_fn, flags)

    def net_buffer_list_retrieve_context(self, net_buffer_list: object, context_tag: int, remove_context: bool,
                                         flags: int = 0) -> tuple[int, int | None]:
        return self._nbls.tag_retrieve(net_buffer_list, context_tag, flags, remove=bool(remove_context))

    def net_buffer_list_remove_context(self, net_buffer_list: object, context_tag: int, flags: int = 0) -> int:
        """Of one NBL; with None for the NBL, of every NBL that has the tag."""
        return self._nbls.tag_remove(net_buffer_list, context_tag, flags)

    @property
    def _nbls(self) -> NblKernel:
        kernel: NblKernel = self._kernel
        return kernel
