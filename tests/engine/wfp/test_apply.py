"""Changing the policy of a running store to that of an edited document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import PolicyError
from engine.wfp.apply import apply_document, update_document
from engine.wfp.document import PolicyDocument, replace_filter, set_enabled, with_filter, without_filter
from engine.wfp.policy import Policy
from engine.wfp.store import PolicyStore
from engine.wfp.validation import key_of
from tests.builders.policies import a_callout, a_provider, a_sublayer_spec, block, calls, ether_type, guid, permit


def ids(policy: Policy) -> dict[str, int]:
    return {one.name: one.id for one in policy.filters.values()}


def test_what_an_edit_leaves_alone_keeps_its_filter_id():
    store = PolicyStore()
    first = PolicyDocument(filters=(permit("a"), block("b"), permit("c")))
    apply_document(store, first)
    second = with_filter(replace_filter(first, key_of(block("b")), block("b", ether_type(1))), permit("d"))
    third = set_enabled(without_filter(second, key_of(permit("a"))), key_of(permit("c")), False)

    assert ids(update_document(store, first, second)) == {"a": 65537, "c": 65539, "b": 65540, "d": 65541}
    assert ids(update_document(store, second, third)) == {"b": 65540, "d": 65541}
    assert ids(update_document(store, third, first)) == {"a": 65542, "b": 65543, "c": 65544}


def test_an_object_that_changes_is_made_anew_with_all_that_refers_to_it():
    callout = a_callout(provider=guid(1))

    def with_provider(description: str) -> PolicyDocument:
        return PolicyDocument(
            providers=(a_provider(key=guid(1), description=description),),
            sublayers=(a_sublayer_spec(key=guid(2), provider=guid(1)), a_sublayer_spec("other", key=guid(3))),
            callouts=(callout,),
            filters=(permit("in it", sublayer=guid(2)), calls(callout, "calls"), permit("apart", sublayer=guid(3))),
        )

    store = PolicyStore()
    apply_document(store, with_provider("old"))

    policy = update_document(store, with_provider("old"), with_provider("new"))

    assert policy.providers[guid(1)].description == "new"
    assert ids(policy) == {"apart": 65539, "in it": 65540, "calls": 65541}
    assert store.violations == []


def test_a_refused_edit_changes_nothing():
    store = PolicyStore()
    document = PolicyDocument(filters=(permit("a"),))
    before = apply_document(store, document)
    for bad in (with_filter(document, block("b", sublayer=guid(9))), with_filter(document, permit("a"))):
        with pytest.raises(PolicyError, match=r"policy, \$\.filters\[1\]\."):
            update_document(store, document, bad)

    assert store.policy is before


DOCUMENTS = st.lists(st.integers(0, 7), unique=True, max_size=6).flatmap(
    lambda numbers: st.tuples(*(st.tuples(st.just(n), st.integers(0, 3), st.booleans()) for n in numbers))
)


def document_of(drawn: tuple[tuple[int, int, bool], ...]) -> PolicyDocument:
    return PolicyDocument(
        sublayers=(a_sublayer_spec("s", key=guid(1)), a_sublayer_spec("t", 200, key=guid(2))),
        filters=tuple(block(f"f{n}", weight=w, sublayer=guid(1 + on), enabled=n % 4 != w) for n, w, on in drawn),
    )


@given(DOCUMENTS, DOCUMENTS)
def test_an_update_leads_to_the_policy_that_applying_afresh_gives(old, new):
    store = PolicyStore()
    apply_document(store, document_of(old))

    updated = update_document(store, document_of(old), document_of(new))

    afresh = apply_document(PolicyStore(), document_of(new))
    shapes = [
        {key: (one.effective_weight, one.sublayer, one.action) for key, one in policy.filters.items()}
        for policy in (updated, afresh)
    ]
    assert shapes[0] == shapes[1]
    assert updated.sublayers == afresh.sublayers
