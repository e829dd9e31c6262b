"""notifyFn2: callouts are told of the filters that name them. Source: callouts-nbl-injection 1.4, 7 (M68)."""

from __future__ import annotations

from engine.callouts.api import Lifetime
from engine.callouts.filter_view import FilterView
from engine.classify.host import Host, Steps
from engine.classify.scripts import run_script
from engine.classify.verifier import notified
from engine.trace import events as ev
from engine.wfp.objects import Filter

ADD_FILTER, DELETE_FILTER, ADD_FILTER_POST_COMMIT = 0, 1, 2
NAMES = ("FWPS_CALLOUT_NOTIFY_ADD_FILTER", "FWPS_CALLOUT_NOTIFY_DELETE_FILTER",
         "FWPS_CALLOUT_NOTIFY_ADD_FILTER_POST_COMMIT")


def notify(host: Host, filter_: Filter, notify_type: int) -> Steps[int]:
    """notifyFn2 of the filter's callout; its NTSTATUS, success where nobody is registered."""
    status = notify_now(host, filter_, notify_type)
    yield from host.flush()
    return status


def notify_now(host: Host, filter_: Filter, notify_type: int) -> int:
    """The same from within a call: its events wait in `host.pending`."""
    callout = filter_.callout
    driver = host.callout_drivers.get(callout) if callout is not None else None
    if driver is None or callout is None or not driver.loaded:
        return 0
    if notify_type == ADD_FILTER:
        host.bfe.added.add(filter_.id)
    view = FilterView(Lifetime(), filter_, _sublayer_weight(host, filter_), host.filter_contexts)
    key = None if notify_type == DELETE_FILTER else filter_.key
    host.bfe.notifying += 1
    ok, status = run_script(host, driver, "notify",
                            lambda: driver.instances[callout].notify(driver.fwps, notify_type, key, view))
    host.bfe.notifying -= 1
    result = int.__int__(status) & 0xFFFFFFFF if ok and isinstance(status, int) else 0
    host.emit(ev.Notified(callout, NAMES[notify_type], filter_.id, result))
    notified.judge(host, driver, filter_, notify_type, result, failed=not ok)
    if notify_type == DELETE_FILTER:
        host.filter_contexts.pop(filter_.id, None)
        host.bfe.added.discard(filter_.id)
    return result


def _sublayer_weight(host: Host, filter_: Filter) -> int:
    """The sublayer may be as new as the filter."""
    transactions = (one.session.transaction for one in host.bfe.engines)
    uncommitted = (one.objects.sublayers for one in transactions if one is not None)
    places = (host.policy.sublayers, host.bfe.store.objects.sublayers, *uncommitted)
    return next(one[filter_.sublayer].weight for one in places if filter_.sublayer in one)
