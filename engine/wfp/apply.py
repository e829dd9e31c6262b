"""A policy document into a filter engine, in one transaction; and what the engine would refuse of it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.wfp.condition_rules import DEFAULT_RULES, PolicyRules
from engine.wfp.document import MEMBERS, PolicyDocument, specs_of
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.members import as_policy_error
from engine.wfp.objects import AnySpec, FilterSpec, ObjectKind, ProviderSpec
from engine.wfp.policy import Policy
from engine.wfp.store import PolicyStore
from engine.wfp.transaction import Transaction
from engine.wfp.types import Guid
from engine.wfp.validation import key_of, kind_of, same_key, sublayer_of


def apply_document(store: PolicyStore, document: PolicyDocument) -> Policy:
    """Add everything that is enabled in one transaction, all or nothing, and return the committed policy.

    Raise PolicyError with the place in the file, and the name and number of what Windows would answer.
    """
    session = store.open_session()
    try:
        with session.in_transaction() as transaction:
            for place, spec in _in_order(document):
                _add(transaction, spec, place)
    except WfpError as error:
        raise as_policy_error(error, document.path or "policy") from None
    finally:
        session.close()
    return store.policy


def check_document(document: PolicyDocument, rules: PolicyRules = DEFAULT_RULES) -> list[WfpError]:
    """Return everything that `apply_document` would refuse, not only the first; `place` is the JSON path.

    What refers to an object that is itself refused is not reported for that: one mistake shows once.
    """
    found: list[WfpError] = []
    refused: set[Guid | None] = set()
    transaction = _empty_transaction(rules)
    for place, spec in _in_order(document):
        faults = list(transaction.faults_of(spec))
        if not faults:
            try:
                transaction.add(spec)
            except WfpError as error:
                faults.append(error)
        if faults:
            refused.add(key_of(spec))
        found += [one.below(place) for one in faults if not _follows_from(one, spec, refused)]
    return found


def check_filter(
    document: PolicyDocument, spec: FilterSpec, replacing: Guid | None = None, rules: PolicyRules = DEFAULT_RULES
) -> list[WfpError]:
    """Return everything that is wrong with one filter of a form, places below `$`; it need not be enabled.

    `replacing` is the key of the filter in the document that it is an edit of. Quick enough for each key stroke.
    """
    found = check_object(document, spec, replacing, rules)
    keys = {key_of(other) for other in document.filters} - {replacing}
    if key_of(spec) in keys:
        found.append(same_key(spec))
    return found


def check_object(
    document: PolicyDocument, spec: AnySpec, replacing: Guid | None = None, rules: PolicyRules = DEFAULT_RULES
) -> list[WfpError]:
    """Return everything for which a form's object would be refused beside the others of the document, but its filters.

    `replacing` is the key of the object that it is an edit of; places are below `$`.
    """
    transaction = _empty_transaction(rules)
    for _, other in _in_order(document):
        is_itself = kind_of(other) is kind_of(spec) and key_of(other) == replacing
        if not isinstance(other, FilterSpec) and not is_itself and next(transaction.faults_of(other), None) is None:
            transaction.add(other)
    return list(transaction.faults_of(spec))


def _empty_transaction(rules: PolicyRules) -> Transaction:
    session = PolicyStore(rules).open_session()
    session.begin()
    assert session.transaction is not None
    return session.transaction


def _in_order(document: PolicyDocument) -> Iterator[tuple[str, AnySpec]]:
    """Yield what is added with its place, that which is referred to first."""
    for kind in ObjectKind:
        for index, spec in enumerate(specs_of(document, kind)):
            if not isinstance(spec, FilterSpec) or spec.enabled:
                yield f"$.{MEMBERS[kind]}[{index}]", spec


def _add(transaction: Transaction, spec: AnySpec, place: str) -> None:
    try:
        transaction.add(spec)
    except WfpError as error:
        raise error.below(place) from None


def _follows_from(error: WfpError, spec: AnySpec, refused: set[Guid | None]) -> bool:
    """Return whether the error is only that something was refused to which the object refers."""
    match error.code:
        case FwpCode.FWP_E_PROVIDER_NOT_FOUND:
            return not isinstance(spec, ProviderSpec) and spec.provider in refused
        case FwpCode.FWP_E_SUBLAYER_NOT_FOUND:
            return isinstance(spec, FilterSpec) and spec.sublayer in refused
        case FwpCode.FWP_E_CALLOUT_NOT_FOUND:
            return isinstance(spec, FilterSpec) and spec.callout in refused
        case _:
            return False


def update_document(store: PolicyStore, old: PolicyDocument, new: PolicyDocument) -> Policy:
    """Make `new` the policy of a store that holds `old`: one transaction that touches only what differs.

    What stays keeps its filter ids. An object is made anew with what it refers to, as nothing may be deleted before
    those that refer to it. Raise PolicyError, the store unchanged, if `new` is refused.
    """
    try:
        before, after = _by_key(old), _by_key(new)
    except WfpError as error:
        raise as_policy_error(error, new.path or "policy") from None
    gone = {one for one, (_, spec) in before.items() if one not in after or after[one][1] != spec}
    # Kinds in the order of reference: what is decided of a provider is known before its sublayers are looked at.
    for one, (_, spec) in before.items():
        if not gone.isdisjoint(_references(spec)):
            gone.add(one)
    session = store.open_session()
    try:
        with session.in_transaction() as transaction:
            for kind, key in reversed([one for one in before if one in gone]):
                transaction.delete(kind, key)
            for one, (place, spec) in after.items():
                if one in gone or one not in before:
                    _add(transaction, spec, place)
    except WfpError as error:
        raise as_policy_error(error, new.path or "policy") from None
    finally:
        session.close()
    return store.policy


Reference = tuple[ObjectKind, Guid]


def _by_key(document: PolicyDocument) -> dict[Reference, tuple[str, AnySpec]]:
    found: dict[Reference, tuple[str, AnySpec]] = {}
    for place, spec in _in_order(document):
        reference = (kind_of(spec), key_of(spec))
        if reference in found:
            raise same_key(spec).below(place)
        found[reference] = (place, spec)
    return found


def _references(spec: AnySpec) -> Iterator[Reference]:
    if not isinstance(spec, ProviderSpec) and spec.provider is not None:
        yield ObjectKind.PROVIDER, spec.provider
    if isinstance(spec, FilterSpec):
        yield ObjectKind.SUBLAYER, sublayer_of(spec)
        if spec.action.is_callout and spec.callout is not None:
            yield ObjectKind.CALLOUT, spec.callout
