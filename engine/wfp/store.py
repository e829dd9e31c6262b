"""The base filtering engine: sessions, transactions and what they have committed.

Source: layers-and-filters 4.3, 4.7, 4.8; C10, C11, C16, C17.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from engine.wfp.access import ALL_ACCESS, AccessRight, access_faults
from engine.wfp.condition_rules import DEFAULT_RULES, PolicyRules
from engine.wfp.diagnostics import Diagnostic
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.objects import AnyObject, Filter, Lifetime, ObjectKind, SessionId
from engine.wfp.policy import Policy, take_snapshot
from engine.wfp.session import Session
from engine.wfp.transaction import FilterHooks, Luids, Transaction, objects_of
from engine.wfp.types import Guid
from engine.wfp.validation import Caller, Objects


class PolicyStore:
    """All objects that were committed, and who may change them."""

    def __init__(self, rules: PolicyRules = DEFAULT_RULES, hooks: FilterHooks | None = None) -> None:
        self.rules = rules
        self.hooks = hooks or FilterHooks()
        self.violations: list[Diagnostic] = []
        """What was allowed and should not have been done (C17), in order."""
        self._committed = Objects()
        self._policy: Policy | None = None
        self._before: Policy | None = None
        self._luids = Luids()
        self._sessions: dict[SessionId, Session] = {}
        self._last_session = 0

    @property
    def policy(self) -> Policy:
        """The committed policy. Computed on the first look after a commit, so that many single calls stay cheap."""
        if self._policy is None:
            held = self._committed
            self._policy = take_snapshot(
                held.providers, held.sublayers, held.callouts, held.filters, self._before,
                newer_first=self.rules.newer_first)  # fmt: skip
        return self._policy

    @property
    def objects(self) -> Objects:
        """What is committed. Only a transaction changes it, and only a copy of it."""
        return self._committed

    def open_session(
        self, *, provider: Guid | None = None, is_dynamic: bool = False, access: AccessRight = ALL_ACCESS
    ) -> Session:
        """FwpmEngineOpen0. `provider` is for whom the session acts: deleting another's objects is reported (C17)."""
        for fault in access_faults(access, AccessRight.FWPM_ACTRL_OPEN):
            raise fault
        self._last_session += 1
        session = Session(self, SessionId(self._last_session), provider, is_dynamic, access)
        self._sessions[session.id] = session
        return session

    def restart(self) -> None:
        """Stop BFE and start it again: every session ends, only persistent objects stay.

        The filters of a provider that names a service which does not start by itself are disabled; those of one
        without a service name only if the rules say so. Source: C11.
        """
        for session in list(self._sessions.values()):
            session.close()
        self._drop(lambda one: one.lifetime is Lifetime.STATIC)
        held = self._committed.copy()
        for key, provider in held.providers.items():
            nameless = provider.service_name is None
            disabled = self.rules.without_service_disabled if nameless else not provider.service_is_auto_start
            held.providers[key] = msgspec.structs.replace(provider, disabled=disabled)
        self._take(held)

    def start(self, session: Session, *, read_only: bool) -> Transaction:
        others = [one for one in self._sessions.values() if one is not session and one.transaction is not None]
        if any(one.is_writing or not read_only for one in others):
            raise WfpError(
                FwpCode.FWP_E_TIMEOUT, "$", "another session holds the transaction lock",
                "commit or abort that transaction first")  # fmt: skip
        return Transaction(
            caller=Caller(session=session.id, is_dynamic=session.is_dynamic),
            provider=session.provider,
            objects=self._committed if read_only else self._committed.copy(),
            rules=self.rules,
            hooks=self.hooks,
            luids=self._luids,
            access=session.access,
            read_only=read_only,
        )

    def commit(self, transaction: Transaction) -> None:
        if transaction.read_only:
            return
        self._take(transaction.objects)
        self.violations += transaction.violations
        self._tell_deleted(transaction.deleted)
        for added in transaction.added:
            if added.action.is_callout and self._committed.filters.get(added.key) is added:
                self.hooks.on_filter_committed(added)

    def abort(self, transaction: Transaction) -> None:
        # Their callouts were told of them, and may hold a context for each.
        self._tell_deleted(transaction.added)

    def end(self, session: Session) -> None:
        del self._sessions[session.id]
        if session.is_dynamic:
            self._drop(lambda one: one.session == session.id)

    def _drop(self, is_gone: Callable[[AnyObject], bool]) -> None:
        held = self._committed.copy()
        deleted = [one for one in held.filters.values() if is_gone(one)]
        copies = [held]
        for session in self._sessions.values():
            # A transaction that is being written has a copy of its own, from which they must go as well.
            if session.transaction is not None and session.is_writing:
                copies.append(session.transaction.objects)
                session.transaction.taken_weights = None
        for objects in copies:
            for kind in ObjectKind:
                of_kind = objects_of(objects, kind)
                for key in [key for key, one in of_kind.items() if is_gone(one)]:
                    del of_kind[key]
        self._take(held)
        self._tell_deleted(deleted)

    def _take(self, objects: Objects) -> None:
        self._committed = objects
        self._before = self._policy or self._before
        self._policy = None

    def _tell_deleted(self, filters: list[Filter]) -> None:
        for deleted in filters:
            if deleted.action.is_callout:
                self.hooks.on_filter_deleted(deleted)
