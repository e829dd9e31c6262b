"""The policy changes while frames are under way: commits, who is told of them, which modules restart.

Every change goes through a session of the store, so every refusal is the filter engine's own.
Source: callouts-nbl-injection 1.3, 1.4, 3.5, 3.6; CH-05.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.classify.bfe import Bfe, PolicyRecord
from engine.classify.host import Host, Steps
from engine.classify.modules import restart, wanted_handlers
from engine.classify.notifying import ADD_FILTER, ADD_FILTER_POST_COMMIT, DELETE_FILTER, notify_now
from engine.classify.verifier import removing
from engine.ndis.status import nt_success
from engine.trace import events as ev
from engine.wfp.fwp_errors import WfpError
from engine.wfp.objects import AnyObject, Filter, FilterSpec, ObjectKind
from engine.wfp.session import Session
from engine.wfp.store import PolicyStore
from engine.wfp.transaction import FilterHooks, objects_of
from engine.wfp.types import CalloutFlag, Guid
from engine.wfp.validation import Objects

POST_COMMIT = int(CalloutFlag.FWP_CALLOUT_FLAG_ENABLE_COMMIT_ADD_NOTIFY)


def connect(host: Host, store: PolicyStore) -> None:
    """The run uses this store from now on; its callouts are told of each filter that comes or goes later."""
    host.bfe = Bfe(store, PolicyRecord(store.policy))
    host.policy = host.bfe.record.take(store.policy)
    store.hooks = FilterHooks(
        on_filter_adding=lambda one: notify_now(host, one, ADD_FILTER),
        on_filter_deleted=lambda one: _deleted(host, one),
        on_filter_committed=lambda one: post_commit(host, one))


def _deleted(host: Host, filter_: Filter) -> None:
    notify_now(host, filter_, DELETE_FILTER)


def post_commit(host: Host, filter_: Filter) -> None:
    """ADD_FILTER_POST_COMMIT, for callouts that have asked for it (1.2); what they answer is ignored (CH-05)."""
    registration = host.bfe.registrations.get(filter_.callout) if filter_.callout is not None else None
    if registration is None or not registration.flags & POST_COMMIT:
        return
    status = notify_now(host, filter_, ADD_FILTER_POST_COMMIT)
    if not nt_success(status) and host.options.post_commit_error == "remove":
        host.bfe.to_remove.append(filter_.key)


# --- for whoever stands outside of the drivers ------------------------------------------------------------------------


def delete_filter(host: Host, key: Guid, by: str) -> Steps[int]:
    """Delete a filter in a transaction of its own; the NTSTATUS form of what BFE answers."""
    return (yield from _alone(host, by, "FwpmFilterDeleteByKey0", lambda one: one.delete(ObjectKind.FILTER, key)))


def add_filter(host: Host, spec: FilterSpec, by: str) -> Steps[int]:
    """Add a filter in a transaction of its own; the NTSTATUS form of what BFE answers."""
    def add(session: Session) -> None:
        session.add_filter(spec)

    return (yield from _alone(host, by, "FwpmFilterAdd0", add))


def _alone(host: Host, by: str, function: str, change: Callable[[Session], None]) -> Steps[int]:
    session = host.bfe.store.open_session()
    try:
        status = yield from changing(host, by, lambda: change(session))
    except WfpError as error:
        yield from host.flush()
        yield ev.CallRefused(function, error.code.ntstatus, error.reason, driver=by)
        return error.code.ntstatus
    finally:
        session.close()
    return status


# --- commits ----------------------------------------------------------------------------------------------------------


def changing(host: Host, by: str, change: Callable[[], object]) -> Steps[int]:
    """Do what may commit, and let the run follow: events, findings, module restarts. WfpError comes through."""
    before = host.bfe.store.objects
    change()
    yield from host.flush()
    yield from _follow(host, by, before)
    while host.bfe.to_remove:
        refused = host.bfe.to_remove.pop(0)
        yield from delete_filter(host, refused, "BFE")
    return 0


def _follow(host: Host, by: str, before: Objects) -> Steps[None]:
    after = host.bfe.store.objects
    if after is before:
        return
    added, deleted = _differences(before, after), _differences(after, before)
    if not added and not deleted:
        return
    host.policy = host.bfe.record.take(host.bfe.store.policy)
    yield ev.TransactionCommitted(by, len(added), len(deleted))
    for kind, one in reversed(deleted):
        if isinstance(one, Filter):
            yield ev.FilterDeleted(one.id, one.key, by, one.provider)
        else:
            yield ev.ObjectDeleted(kind.value, one.key, one.name, by)
    for kind, one in added:
        if isinstance(one, Filter):
            yield ev.FilterAdded(one.id, one.key, by, one.provider)
        else:
            yield ev.ObjectAdded(kind.value, one.key, one.name, by)
    removing.judge_commit(host, host.drivers.get(by), [one for _, one in deleted if isinstance(one, Filter)])
    yield from host.flush()
    yield from _restart_modules(host, by)


def _differences(old: Objects, new: Objects) -> list[tuple[ObjectKind, AnyObject]]:
    """Objects of `new` that `old` has not, in the order of reference."""
    found: list[tuple[ObjectKind, AnyObject]] = []
    for kind in ObjectKind:
        was = objects_of(old, kind)
        found += [(kind, one) for key, one in objects_of(new, kind).items() if was.get(key) is not one]
    return found


def _restart_modules(host: Host, by: str) -> Steps[None]:
    """A commit that changes the handlers of a module makes it restart on every interface (3.6)."""
    for name, handlers in wanted_handlers(host).items():
        if handlers == host.lwf.handlers[name]:
            continue
        old, host.lwf.handlers[name] = host.lwf.handlers[name], handlers
        if not host.interfaces:
            yield ev.ModuleRestarted(name, *handlers)
        for interface in host.interfaces:
            reason = f"{by}: {_handler_text(old)} become {_handler_text(handlers)}"
            yield from restart(host, interface, name, reason, old)


def _handler_text(handlers: tuple[bool, bool]) -> str:
    names = [name for name, is_there in zip(("tx", "rx"), handlers, strict=True) if is_there]
    return f"{' and '.join(names)} handlers" if names else "no handlers"
