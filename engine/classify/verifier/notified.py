"""What a notifyFn does with what it is told. Source: callouts-nbl-injection 1.4, 7 (M68)."""

from __future__ import annotations

from engine.classify.drivers import method_line
from engine.classify.host import Driver, Host
from engine.ndis.status import nt_success, status_text
from engine.wfp.objects import Filter

_ADD, _DELETE = 0, 1


def judge(host: Host, driver: Driver, filter_: Filter, notify_type: int, status: int, *, failed: bool) -> None:
    """M68: notify has returned, or has failed. An error for ADD_FILTER is its right: it refuses the filter."""
    detail: str | None = None
    if notify_type == _DELETE:
        detail = _delete_fault(host, filter_, failed=failed)
    if detail is None and notify_type != _ADD and not nt_success(status):
        what = "DELETE_FILTER" if notify_type == _DELETE else f"type {notify_type}"
        detail = f"notify answers {what} with {status_text(status)}: what it need not know it answers with success"
    if detail is not None:
        callout = filter_.callout
        instance = driver.instances.get(callout) if callout is not None else None
        line = driver.script.name if instance is None else method_line(driver.script, type(instance), "notify")
        host.broken("M68", detail, driver=driver, line=line, about=(f"callout {callout}",))


def _delete_fault(host: Host, filter_: Filter, *, failed: bool) -> str | None:
    name = filter_.name
    if failed:
        if filter_.id not in host.bfe.added:
            return f"notify fails as filter {name!r} is deleted, of which it was never told: it was there before"
        return f"notify fails as filter {name!r} is deleted; its filterKey is NULL then"
    if host.filter_contexts.get(filter_.id):
        return f"filter {name!r} is deleted, and notify leaves its context where it is: nobody frees it"
    return None
