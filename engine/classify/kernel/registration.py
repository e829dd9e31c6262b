"""Run-time callouts that a driver registers by itself, power callbacks, and waiting.

Source: callouts-nbl-injection 1.1, 1.3, 7 (M20b, M69, M73); CH-04.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.callouts.texts import function_name, type_name, value_text
from engine.classify.bfe import PowerCallback
from engine.classify.edges import name_unregistered
from engine.classify.host import PASSIVE_LEVEL
from engine.classify.kernel.handles import DRAIN_ROOM, KernelHandles
from engine.classify.kernel.pools import need_room
from engine.classify.kernel.views import number
from engine.classify.lifecycle import crash
from engine.classify.registering import register, unregister
from engine.classify.verifier.leaving import judge_wait
from engine.ndis.status import Status
from engine.trace import events as ev
from engine.wfp.guids import parse_guid
from engine.wfp.types import CalloutFlag, Guid

_MEMBERS = ("callout_key", "flags", "flow_delete_fn", "version")
NEWEST = 3
"""FWPS_CALLOUT3."""
_KNOWN_FLAGS = sum(flag.value for flag in CalloutFlag) & ~int(CalloutFlag.FWP_CALLOUT_FLAG_RESERVED1)


class KernelRegistration(KernelHandles):
    """FwpsCalloutRegister0 to 3 and its opposite."""

    def callout_register(self, callout: object) -> tuple[int, int | None]:
        members = _members(callout)
        key, flags = _key(members["callout_key"]), number(members["flags"], "flags")
        version = number(members["version"], "version")
        if version > NEWEST:
            raise ValueError(f"FWPS_CALLOUT has the versions 0 to {NEWEST}, not {version}")
        function = f"FwpsCalloutRegister{version}"
        said = self._said(function)
        self._passive(function)
        refused = self.host.faults.status_for(function)
        if refused is None and flags & ~_KNOWN_FLAGS:
            refused = int(Status.STATUS_INVALID_PARAMETER)
        if refused is None and key in self.host.callout_drivers:
            refused = int(Status.STATUS_FWP_ALREADY_EXISTS)
        if refused is not None:
            self._refuse(function, refused, f"callout {key}", said)
            return refused, None
        has_flow_delete = members["flow_delete_fn"] is not None
        registration = register(self.host, self.running(function), key, flags, version=version,
                                has_flow_delete=has_flow_delete, line=said["line"])
        return 0, registration.id

    def callout_unregister(self, function: str, name: object) -> int:
        said = self._said(function)
        host = self.host
        key = self._registered_key(name)
        if host.irql != PASSIVE_LEVEL and key is not None and self._is_classifying(key):
            waits = host.options.unregister_waits == "yes"
            host.broken("M69", f"{function} is called in a classify call of the callout" + (
                ", and waits for that to return" if waits else ""), severity="F" if waits else None)
            if waits:
                return int(Status.STATUS_SUCCESS)
        else:
            self._passive(function)
        refused = host.faults.status_for(function)
        if refused is None and key is None:
            refused = int(Status.STATUS_FWP_CALLOUT_NOT_FOUND)
        if refused is not None:
            if key is not None:
                host.bfe.unregister_failed[key] = said["line"]
            self._refuse(function, refused, f"callout {value_text(name)}", said)
            return refused
        assert key is not None
        unregister(host, host.callout_drivers[key], key)
        if host.bfe.unloading is None:
            name_unregistered(host, key)
        return 0

    def _registered_key(self, name: object) -> Guid | None:
        """By key, or by the id that registering gave."""
        if isinstance(name, str):
            key = _key(name)
            return key if key in self.host.callout_drivers else None
        id_ = number(name, "calloutId")
        return next((key for key, one in self.host.bfe.registrations.items() if one.id == id_), None)

    def _is_classifying(self, key: Guid) -> bool:
        return any(nbl.taker == key for nbl in self.host.in_hand)

    def _refuse(self, function: str, status: int, reason: str, said: dict[str, Any]) -> None:
        self.host.emit(ev.CallRefused(function, int(status), reason, **said))

    # --- power, and waiting ----------------------------------------------------------------------------------------

    def power_register(self, function: object) -> object:
        """What `power_unregister` wants; None where there is no memory for it."""
        said = self._said("PoRegisterPowerSettingCallback")
        if not callable(function):
            raise TypeError(f"a function is wanted, not {type_name(function)}")
        self._passive("PoRegisterPowerSettingCallback")
        if self._failed("PoRegisterPowerSettingCallback", said):
            return None
        callback = PowerCallback(self.running("power"), function, said["line"])
        self.host.bfe.power_callbacks.append(callback)
        return callback

    def power_unregister(self, callback: object) -> int:
        self._said("PoUnregisterPowerSettingCallback")
        known = self.host.bfe.power_callbacks
        if callback not in known:
            return int(Status.STATUS_INVALID_PARAMETER)
        known.remove(callback)
        return 0

    def wait_until(self, condition: Callable[[], Any]) -> int:
        """KeWaitForSingleObject, in words that need no event object."""
        need_room(DRAIN_ROOM)
        function = "KeWaitForSingleObject"
        said = self._said(function)
        host, driver = self.host, self.running(function)
        if not callable(condition):
            raise TypeError(f"a function is wanted, not {type_name(condition)}")
        if host.irql != PASSIVE_LEVEL:
            host.broken("M69", f"{function} is called at DISPATCH_LEVEL, where nothing may wait")
            return int(Status.STATUS_UNSUCCESSFUL)
        host.emit(ev.WaitBegan(function_name(condition), **said))
        self._go_on(lambda: not condition())
        if not driver.loaded:
            host.emit(crash(host, f"{function} returns into {driver.name}, whose image is unloaded"))
            return int(Status.STATUS_UNSUCCESSFUL)
        status = Status.STATUS_SUCCESS if condition() else Status.STATUS_TIMEOUT
        host.emit(ev.WaitEnded(int(status), **said))
        if status is Status.STATUS_TIMEOUT:
            judge_wait(host, driver)
            if host.bfe.unloading is driver:
                host.emit(ev.UnloadBlocked(driver.name, f"{function_name(condition)} never comes true"))
        return int(status)


def _members(callout: object) -> dict[str, Any]:
    """FWPS_CALLOUT as a mapping, or as an object with such attributes."""
    if isinstance(callout, Mapping):
        unknown = [name for name in callout if name not in _MEMBERS]
        if unknown:
            raise ValueError(f"FWPS_CALLOUT has no member {unknown[0]!r}; it has {', '.join(_MEMBERS)}")
        found = dict(callout)
    else:
        found = {name: getattr(callout, name) for name in _MEMBERS if hasattr(callout, name)}
    if "callout_key" not in found:
        raise ValueError("FWPS_CALLOUT has no callout_key")
    return {"flags": 0, "flow_delete_fn": None, "version": 2} | found


def _key(written: object) -> Guid:
    key = parse_guid(written) if isinstance(written, str) else None
    if key is None:
        raise ValueError("a callout's key is a GUID as text: {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}")
    return key
