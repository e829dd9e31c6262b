"""The part of `fwps` with which a driver registers its callouts and manages the policy.

Names, parameter order and NTSTATUS are Windows'; an object to add is written as in a policy file.
Source: contracts 4; callouts-nbl-injection 1.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine.wfp.objects import ObjectKind


class ManagementKernel(Protocol):
    """The functions behind `Fwpm`."""

    def callout_register(self, callout: object) -> tuple[int, int | None]: ...
    def callout_unregister(self, function: str, name: object) -> int: ...
    def power_register(self, function: object) -> object: ...
    def power_unregister(self, callback: object) -> int: ...
    def wait_until(self, condition: Callable[[], Any]) -> int: ...
    def engine_open(self, session: object) -> tuple[int, object]: ...
    def engine_close(self, engine: object) -> int: ...
    def transaction(self, function: str, engine: object, flags: int) -> int: ...
    def add_object(self, function: str, kind: ObjectKind, engine: object,
                   form: object) -> tuple[int, int | None]: ...
    def delete_object(self, function: str, kind: ObjectKind, engine: object, name: object) -> int: ...


class Fwpm:
    """Registration and management, all at PASSIVE_LEVEL."""

    __slots__ = ()
    _kernel: ManagementKernel

    # --- run-time callouts, of a class with `registers_itself = True` ----------------------------------------------

    def callout_register(self, device_object: object, callout: object) -> tuple[int, int | None]:
        """FwpsCalloutRegister0 to 3, by the `version` of FWPS_CALLOUT.

        `callout` has the members callout_key, flags, version (0 to 3; left out: 2) and flow_delete_fn, as a mapping or
        as attributes. classifyFn and notifyFn are those of the policy's callout with that key. Status and id.
        """
        return self._kernel.callout_register(callout)

    def callout_unregister_by_key(self, callout_key: str) -> int:
        return self._kernel.callout_unregister("FwpsCalloutUnregisterByKey0", callout_key)

    def callout_unregister_by_id(self, callout_id: int) -> int:
        return self._kernel.callout_unregister("FwpsCalloutUnregisterById0", callout_id)

    # --- sessions and transactions ---------------------------------------------------------------------------------

    def engine_open(self, server_name: object = None, authn_service: int = 0, auth_identity: object = None,
                    session: object = None) -> tuple[int, object]:
        """`session`: FWPM_SESSION0 as a mapping, `{"flags": fwps.SESSION_FLAG_DYNAMIC}`. Status and engine handle."""
        return self._kernel.engine_open(session)

    def engine_close(self, engine_handle: object) -> int:
        """What was added in a dynamic session goes with it."""
        return self._kernel.engine_close(engine_handle)

    def transaction_begin(self, engine_handle: object, flags: int = 0) -> int:
        return self._kernel.transaction("FwpmTransactionBegin0", engine_handle, flags)

    def transaction_commit(self, engine_handle: object) -> int:
        return self._kernel.transaction("FwpmTransactionCommit0", engine_handle, 0)

    def transaction_abort(self, engine_handle: object) -> int:
        return self._kernel.transaction("FwpmTransactionAbort0", engine_handle, 0)

    # --- objects ---------------------------------------------------------------------------------------------------

    def filter_add(self, engine_handle: object, filter: object, sd: object = None) -> tuple[int, int | None]:
        """Status and run-time id."""
        return self._kernel.add_object("FwpmFilterAdd0", ObjectKind.FILTER, engine_handle, filter)

    def filter_delete_by_key(self, engine_handle: object, key: str) -> int:
        return self._kernel.delete_object("FwpmFilterDeleteByKey0", ObjectKind.FILTER, engine_handle, key)

    def filter_delete_by_id(self, engine_handle: object, id: int) -> int:
        return self._kernel.delete_object("FwpmFilterDeleteById0", ObjectKind.FILTER, engine_handle, id)

    def callout_add(self, engine_handle: object, callout: object, sd: object = None) -> tuple[int, int | None]:
        """The management callout; status and id."""
        return self._kernel.add_object("FwpmCalloutAdd0", ObjectKind.CALLOUT, engine_handle, callout)

    def callout_delete_by_key(self, engine_handle: object, key: str) -> int:
        return self._kernel.delete_object("FwpmCalloutDeleteByKey0", ObjectKind.CALLOUT, engine_handle, key)

    def callout_delete_by_id(self, engine_handle: object, id: int) -> int:
        return self._kernel.delete_object("FwpmCalloutDeleteById0", ObjectKind.CALLOUT, engine_handle, id)

    def sub_layer_add(self, engine_handle: object, sub_layer: object, sd: object = None) -> int:
        return self._kernel.add_object("FwpmSubLayerAdd0", ObjectKind.SUBLAYER, engine_handle, sub_layer)[0]

    def sub_layer_delete_by_key(self, engine_handle: object, key: str) -> int:
        return self._kernel.delete_object("FwpmSubLayerDeleteByKey0", ObjectKind.SUBLAYER, engine_handle, key)

    def provider_add(self, engine_handle: object, provider: object, sd: object = None) -> int:
        return self._kernel.add_object("FwpmProviderAdd0", ObjectKind.PROVIDER, engine_handle, provider)[0]

    def provider_delete_by_key(self, engine_handle: object, key: str) -> int:
        return self._kernel.delete_object("FwpmProviderDeleteByKey0", ObjectKind.PROVIDER, engine_handle, key)

    # --- power, and waiting ----------------------------------------------------------------------------------------

    def register_power_callback(self, function: Callable[[bool], Any]) -> object:
        """Call `function(True)` before the system leaves S0, `function(False)` when it is back; what to unregister."""
        return self._kernel.power_register(function)

    def unregister_power_callback(self, callback: object) -> int:
        return self._kernel.power_unregister(callback)

    def wait_until(self, condition: Callable[[], Any]) -> int:
        """Wait at PASSIVE_LEVEL until `condition()` is true; the machine goes on meanwhile.

        STATUS_SUCCESS, or STATUS_TIMEOUT where nothing more happens that could make it true.
        """
        return self._kernel.wait_until(condition)
