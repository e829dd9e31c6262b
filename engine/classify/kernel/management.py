"""Fwpm functions for drivers: sessions, transactions, objects. Kernel callers skip access checks (M05).

Source: callouts-nbl-injection 1.3; layers-and-filters 4.7.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from engine.callouts.texts import one_line, type_name
from engine.classify.bfe import EngineHandle
from engine.classify.inside import inside
from engine.classify.kernel.registration import KernelRegistration
from engine.classify.kernel.views import number
from engine.classify.management import changing
from engine.errors import PolicyError
from engine.ndis.status import Status
from engine.trace import events as ev
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.guids import parse_guid
from engine.wfp.objects import AnySpec, CalloutObject, Filter, ObjectKind
from engine.wfp.policy_reader import callout_from_json, filter_from_json, provider_from_json, sublayer_from_json
from engine.wfp.types import FilterId, Guid

SESSION_FLAG_DYNAMIC, TXN_READ_ONLY = 0x1, 0x1
_READERS: dict[ObjectKind, Callable[[object, str], AnySpec]] = {
    ObjectKind.PROVIDER: provider_from_json, ObjectKind.SUBLAYER: sublayer_from_json,
    ObjectKind.CALLOUT: callout_from_json, ObjectKind.FILTER: filter_from_json,
}


class KernelManagement(KernelRegistration):
    """What a driver asks of the base filtering engine, at PASSIVE_LEVEL."""

    def engine_open(self, session: object) -> tuple[int, object]:
        function = "FwpmEngineOpen0"
        said = self._said(function)
        flags = number(session.get("flags", 0), "session.flags") if isinstance(session, Mapping) else 0
        status = self._before(function, said)
        if status is None and flags & ~SESSION_FLAG_DYNAMIC:
            status = FwpCode.FWP_E_INVALID_FLAGS.ntstatus
            self._refuse(function, status, f"session flags 0x{flags:X}", said)
        if status is not None:
            return status, None
        opened = self.host.bfe.store.open_session(is_dynamic=bool(flags & SESSION_FLAG_DYNAMIC))
        engine = EngineHandle(said["driver"], opened, said["line"])
        self.host.bfe.engines.append(engine)
        self.host.emit(ev.SessionOpened(opened.id, opened.is_dynamic, **said))
        return 0, engine

    def engine_close(self, engine: object) -> int:
        one = self._engine(engine)
        if not one.is_open:
            status = int(Status.STATUS_INVALID_HANDLE)
            self._refuse("FwpmEngineClose0", status, "the engine handle was closed before",
                         self._said("FwpmEngineClose0"))
            return status

        def close() -> None:
            one.session.close()
            one.is_open = False

        status, _ = self._change("FwpmEngineClose0", close)
        if status == 0:
            self.host.emit(ev.SessionClosed(one.session.id, **self._said("FwpmEngineClose0")))
        return status

    def transaction(self, function: str, engine: object, flags: int) -> int:
        """FwpmTransactionBegin0, FwpmTransactionCommit0 or FwpmTransactionAbort0."""
        one = self._engine(engine)
        read_only = bool(number(flags, "flags") & TXN_READ_ONLY)
        steps: dict[str, Callable[[], object]] = {
            "FwpmTransactionBegin0": lambda: one.session.begin(read_only=read_only),
            "FwpmTransactionCommit0": one.session.commit,
            "FwpmTransactionAbort0": one.session.abort,
        }
        return self._change(function, steps[function])[0]

    def add_object(self, function: str, kind: ObjectKind, engine: object, form: object) -> tuple[int, int | None]:
        """Add an object that is written as in a policy file; its run-time id, if it has one."""
        one = self._engine(engine)
        spec = _spec(kind, form)

        def add() -> object:
            adders: dict[ObjectKind, Callable[[Any], object]] = {
                ObjectKind.PROVIDER: one.session.add_provider, ObjectKind.SUBLAYER: one.session.add_sublayer,
                ObjectKind.CALLOUT: one.session.add_callout, ObjectKind.FILTER: one.session.add_filter,
            }
            return adders[kind](spec)

        status, added = self._change(function, add)
        if status == 0 and isinstance(added, Filter):
            one.mine.add(added.id)
        return status, int(added.id) if status == 0 and isinstance(added, Filter | CalloutObject) else None

    def delete_object(self, function: str, kind: ObjectKind, engine: object, name: object) -> int:
        """Delete an object by its key, or by its run-time id."""
        one = self._engine(engine)
        given = _guid(name) if isinstance(name, str) else number(name, "id", 64)

        def delete() -> None:
            one.session.delete(kind, given if isinstance(given, str) else _key_of(one, kind, given))

        return self._change(function, delete)[0]

    # --- how all of them go ----------------------------------------------------------------------------------------

    def _engine(self, engine: object) -> EngineHandle:
        if not isinstance(engine, EngineHandle):
            raise TypeError(f"an engine handle is wanted, not {type_name(engine)}")
        return engine

    def _before(self, function: str, said: dict[str, Any]) -> int | None:
        """The level, faults, and a call from within a notifyFn, which runs inside of the transaction."""
        self._passive(function)
        status, reason = self.host.faults.status_for(function), "as a fault rule wants it"
        if status is None and self.host.bfe.notifying:
            status, reason = FwpCode.FWP_E_TXN_IN_PROGRESS.ntstatus, "notifyFn runs inside of a transaction"
        if status is not None:
            self._refuse(function, status, reason, said)
        return status

    def _change(self, function: str, change: Callable[[], object]) -> tuple[int, object]:
        said = self._said(function)
        status = self._before(function, said)
        if status is not None:
            return status, None
        found: list[object] = []
        place = self.host.frame, self.host.irql
        try:
            inside(self.host, changing(self.host, said["driver"], lambda: found.append(change())))
        except WfpError as error:
            self._refuse(function, error.code.ntstatus, error.reason, said)
            return error.code.ntstatus, None
        finally:
            self.host.frame, self.host.irql = place
        return int(Status.STATUS_SUCCESS), found[0] if found else None


def _spec(kind: ObjectKind, form: object) -> AnySpec:
    """Raises ValueError, the compiler's error of a driver in C."""
    try:
        plain = json.loads(json.dumps(form))  # nothing of the script's own classes stays in the policy
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"the {kind.value} is not written as in a policy file: {one_line(error)}") from None
    if kind is ObjectKind.CALLOUT and isinstance(plain, dict):
        plain = {"registered": False, **plain}
    try:
        return _READERS[kind](plain, f"the {kind.value}")
    except PolicyError as error:
        raise ValueError(str(error)) from None


def _guid(written: str) -> Guid:
    key = parse_guid(written)
    if key is None:
        raise ValueError("a key is a GUID as text: {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}")
    return key


def _key_of(engine: EngineHandle, kind: ObjectKind, id_: int) -> Guid:
    if kind is ObjectKind.FILTER:
        return engine.session.get_filter_by_id(FilterId(id_)).key
    for one in engine.session.enumerate(ObjectKind.CALLOUT):
        if isinstance(one, CalloutObject) and one.id == id_:
            return one.key
    raise WfpError(FwpCode.FWP_E_CALLOUT_NOT_FOUND, "$", f"no callout has the id {id_}", "enumerate them")
