"""Does what the rules say: right before a frame enters, or so long after.

Source: callouts-nbl-injection 3.1, 3.6, 6.12; CH-28, CH-30.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.classify import lifecycle, management, modules, power
from engine.classify.adversity.happenings import KINDS, Happening
from engine.classify.host import PASSIVE_LEVEL, Host, Steps
from engine.errors import OptionError
from engine.frames.frame import Frame
from engine.trace import events as ev
from engine.wfp.types import Guid

BY = "adversity"
"""Who it was, in the events of what is done."""

Act = Callable[[Host, Happening, int], Steps[str]]
"""Does it at an interface; returns why it could not be done, or nothing."""


class Adversity:
    """What happens to the machine of one run."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._arrivals = 0

    def check(self) -> None:
        """The drivers are loaded. OptionError for a rule that names none of them."""
        for place, one in self._host.faults.happenings:
            if KINDS[one.do][0] == "driver" and one.target not in self._host.drivers:
                known = ", ".join(sorted(self._host.drivers))
                raise OptionError(f"faults[{place}].driver", f"the policy has no driver {one.target!r}",
                                  f"name one of {known}" if known else "leave the rule out")

    def arrive(self, frame: Frame) -> Steps[None]:
        """A frame is about to enter."""
        host = self._host
        self._arrivals += 1
        for one in host.faults.happening(self._arrivals, frame.number):
            if host.stopped is not None:
                return
            interface = frame.interface.index if one.interface is None else one.interface
            host.interfaces.setdefault(frame.interface.index, frame.interface)
            if one.after_ns:
                host.later(one.after_ns, 0, partial(self._strike, one, interface))
            else:
                before, host.frame = host.frame, 0
                yield from self._strike(one, interface)
                host.frame = before

    def _strike(self, one: Happening, interface: int) -> Steps[None]:
        host = self._host
        host.irql = PASSIVE_LEVEL
        yield ev.AdversityStruck(one.text)
        act, undo = ACTS[one.do]
        failed = yield from act(host, one, interface)
        if failed:
            yield ev.AdversityEnded(one.text, failed)
        elif one.for_ns is not None and undo is not None:
            host.later(one.for_ns, 0, partial(self._undo, one, interface, undo))

    def _undo(self, one: Happening, interface: int, undo: Act) -> Steps[None]:
        self._host.irql = PASSIVE_LEVEL
        yield ev.AdversityEnded(one.text, "")
        yield from undo(self._host, one, interface)


def _restart(host: Host, one: Happening, interface: int) -> Steps[str]:
    yield from modules.restart(host, interface, one.target, BY)
    return ""


def _detach(host: Host, _: Happening, interface: int) -> Steps[str]:
    yield from modules.detach(host, interface)
    return ""


def _attach(host: Host, _: Happening, interface: int) -> Steps[str]:
    yield from modules.attach(host, interface)
    return ""


def _disconnect(host: Host, _: Happening, interface: int) -> Steps[str]:
    yield from modules.disconnect(host, interface)
    return ""


def _connect(host: Host, _: Happening, interface: int) -> Steps[str]:
    yield from modules.connect(host, interface)
    return ""


def _close_handle(host: Host, one: Happening, _: int) -> Steps[str]:
    """The state that a handle has while FwpsInjectionHandleDestroy0 waits for it in another thread of its driver."""
    driver = host.drivers.get(one.target)
    handles = [handle for handle in host.handles if handle.driver == one.target and handle.state == "OPEN"]
    for handle in handles:
        handle.state, handle.closed_by = "CLOSING", BY
        yield ev.HandleClosing(handle.id, handle.pending, driver=one.target, line="")
    if driver is None:
        return _unknown("driver", one.target, list(host.drivers))
    return "" if handles else f"{one.target} has no open injection handle"


def _delete_filter(host: Host, one: Happening, _: int) -> Steps[str]:
    key = _filter_key(host, one.target)
    if key is None:
        return _unknown("filter", one.target, [each.name for each in host.policy.filters.values()])
    yield from management.delete_filter(host, key, BY)
    return ""


def _filter_key(host: Host, target: str) -> Guid | None:
    for key, one in host.policy.filters.items():
        if target == one.name or target.lower() == str(key).lower():
            return key
    return None


def _unknown(what: str, name: str, known: list[str]) -> str:
    return f"there is no {what} {name!r}; there is {', '.join(sorted(known)) or 'none'}"


def _unload(host: Host, one: Happening, _: int) -> Steps[str]:
    driver = host.drivers.get(one.target)
    if driver is None:
        return _unknown("driver", one.target, list(host.drivers))
    if not driver.loaded or host.bfe.unloading is driver:
        return f"{one.target} is unloaded already"
    yield from lifecycle.unload(host, one.target)
    return ""


def _leave_s0(host: Host, _: Happening, __: int) -> Steps[str]:
    yield from power.leave_s0(host)
    return ""


def _enter_s0(host: Host, _: Happening, __: int) -> Steps[str]:
    yield from power.enter_s0(host)
    return ""


ACTS: dict[str, tuple[Act, Act | None]] = {
    "restart_module": (_restart, None),
    "remove_interface": (_detach, _attach),
    "disconnect_media": (_disconnect, _connect),
    "close_handle": (_close_handle, None),
    "delete_filter": (_delete_filter, None),
    "unload_driver": (_unload, None),
    "leave_s0": (_leave_s0, _enter_s0),
}
"""For each kind what it does, and what takes it back after `for_ns`."""
