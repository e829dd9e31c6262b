"""A caller's connection to the filter engine. Source: layers-and-filters 4.3, 4.7, 4.8."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from engine.wfp.access import AccessRight, access_faults
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.objects import (
    AnyObject,
    CalloutObject,
    CalloutSpec,
    Filter,
    FilterSpec,
    ObjectKind,
    Provider,
    ProviderSpec,
    SessionId,
    Sublayer,
    SublayerSpec,
)
from engine.wfp.policy import Policy
from engine.wfp.transaction import Transaction, not_found, objects_of
from engine.wfp.types import FilterId, Guid
from engine.wfp.validation import Objects


class Engine(Protocol):
    """What a session needs of the store it belongs to."""

    @property
    def policy(self) -> Policy: ...
    @property
    def objects(self) -> Objects: ...
    def start(self, session: Session, *, read_only: bool) -> Transaction: ...
    def commit(self, transaction: Transaction) -> None: ...
    def abort(self, transaction: Transaction) -> None: ...
    def end(self, session: Session) -> None: ...


class Session:
    """FWPM_SESSION0: a caller's connection, with at most one transaction at a time.

    A call outside of a transaction runs in one of its own. A call that fails does not end the transaction.
    """

    def __init__(
        self, engine: Engine, id: SessionId, provider: Guid | None, is_dynamic: bool, access: AccessRight
    ) -> None:
        self.id, self.provider, self.is_dynamic, self.access = id, provider, is_dynamic, access
        self.transaction: Transaction | None = None
        self._engine = engine
        self._is_open = True

    @property
    def is_writing(self) -> bool:
        return self.transaction is not None and not self.transaction.read_only

    # --- transactions ---------------------------------------------------------------------------------------------

    def begin(self, *, read_only: bool = False) -> None:
        """FwpmTransactionBegin0. Raise TXN_IN_PROGRESS on a second one.

        While another session's transaction writes, or this one is to write while another reads, raise TIMEOUT: nothing
        here could end the wait.
        """
        right = AccessRight.FWPM_ACTRL_BEGIN_READ_TXN if read_only else AccessRight.FWPM_ACTRL_BEGIN_WRITE_TXN
        self._demand(right)
        if self.transaction is not None:
            raise WfpError(
                FwpCode.FWP_E_TXN_IN_PROGRESS, "$", "the session has a transaction already", "commit or abort it first")
        self.transaction = self._engine.start(self, read_only=read_only)

    def commit(self) -> Policy:
        """FwpmTransactionCommit0: make the changes the policy, all at once, and return it."""
        self._engine.commit(self._ended_transaction())
        return self._engine.policy

    def abort(self) -> None:
        """FwpmTransactionAbort0: nothing was changed. Ids that were given out are not given again."""
        self._engine.abort(self._ended_transaction())

    @contextmanager
    def in_transaction(self) -> Iterator[Transaction]:
        """Commit what the block does, or abort if it raises."""
        self.begin()
        assert self.transaction is not None
        try:
            yield self.transaction
        except BaseException:
            self.abort()
            raise
        self.commit()

    def close(self) -> None:
        """FwpmEngineClose0: abort the open transaction, and let the session's dynamic objects go."""
        if not self._is_open:
            return
        if self.transaction is not None:
            self.abort()
        self._is_open = False
        self._engine.end(self)

    # --- objects --------------------------------------------------------------------------------------------------

    def add_provider(self, spec: ProviderSpec) -> Provider:
        with self._writing() as transaction:
            return transaction.add_provider(spec)

    def add_sublayer(self, spec: SublayerSpec) -> Sublayer:
        with self._writing() as transaction:
            return transaction.add_sublayer(spec)

    def add_callout(self, spec: CalloutSpec) -> CalloutObject:
        with self._writing() as transaction:
            return transaction.add_callout(spec)

    def add_filter(self, spec: FilterSpec) -> Filter:
        with self._writing() as transaction:
            return transaction.add_filter(spec)

    def delete(self, kind: ObjectKind, key: Guid) -> None:
        """Delete one object; C17 tells on the provider who deletes another's."""
        with self._writing() as transaction:
            transaction.delete(kind, key)

    def get(self, kind: ObjectKind, key: Guid) -> AnyObject:
        """Return one object as this session sees it, or raise *_NOT_FOUND."""
        found: AnyObject | None = objects_of(self._seen(AccessRight.FWPM_ACTRL_READ), kind).get(key)
        if found is None:
            raise not_found(kind, key)
        return found

    def get_filter_by_id(self, id: FilterId) -> Filter:
        """Return a filter by its run-time id, or raise FILTER_NOT_FOUND."""
        for one in self._seen(AccessRight.FWPM_ACTRL_READ).filters.values():
            if one.id == id:
                return one
        raise not_found(ObjectKind.FILTER, id)

    def enumerate(self, kind: ObjectKind) -> list[AnyObject]:
        """Return all objects of a kind as this session sees them, in the order in which they were added."""
        return list(objects_of(self._seen(AccessRight.FWPM_ACTRL_ENUM), kind).values())

    def _seen(self, right: AccessRight) -> Objects:
        self._demand(right)
        return self._engine.objects if self.transaction is None else self.transaction.objects

    @contextmanager
    def _writing(self) -> Iterator[Transaction]:
        self._demand(AccessRight(0))
        if self.transaction is not None:
            yield self.transaction
            return
        transaction = self._engine.start(self, read_only=False)
        yield transaction
        self._engine.commit(transaction)

    def _ended_transaction(self) -> Transaction:
        self._demand(AccessRight(0))
        if self.transaction is None:
            raise WfpError(
                FwpCode.FWP_E_NO_TXN_IN_PROGRESS, "$", "the session has no transaction", "begin one first")
        transaction, self.transaction = self.transaction, None
        return transaction

    def _demand(self, right: AccessRight) -> None:
        if not self._is_open:
            raise WfpError(FwpCode.FWP_E_SESSION_ABORTED, "$", "the session has ended", "open another")
        for fault in access_faults(self.access, right):
            raise fault
