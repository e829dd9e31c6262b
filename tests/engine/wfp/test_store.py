"""Sessions, transactions, lifetimes and the snapshot. Source: layers-and-filters 4.3 to 4.8; C11, C14 to C17."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.wfp.access import ALL_ACCESS, EVERYONE, AccessRight
from engine.wfp.builtin import BUILTIN_PROVIDERS, BUILTIN_SUBLAYERS, INSPECTION, UNIVERSAL
from engine.wfp.fwp_errors import WfpError
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_NATIVE
from engine.wfp.objects import Lifetime, ObjectKind
from engine.wfp.store import PolicyStore
from engine.wfp.transaction import FilterHooks
from engine.wfp.types import FilterFlag, FilterId
from tests.builders.policies import (
    a_callout,
    a_policy,
    a_provider,
    a_sublayer,
    a_sublayer_spec,
    block,
    calls,
    ether_type,
    guid,
    permit,
)

ETHERNET = INBOUND_MAC_FRAME_ETHERNET.id
K = ObjectKind


def names_at(policy, layer_id=ETHERNET):
    return [(one.sublayer.name, [member.filter.name for member in one.filters]) for one in policy.at(layer_id)]


def refused(name, call, *args, **kwargs):
    with pytest.raises(WfpError) as caught:
        call(*args, **kwargs)
    assert caught.value.name == name


# --- transactions ---------------------------------------------------------------------------------------------------


def test_nothing_of_a_transaction_is_seen_before_the_commit_and_all_of_it_after():
    store = PolicyStore()
    session = store.open_session()
    session.begin()
    session.add_filter(permit("one"))
    before = store.policy
    seen_inside = [one.name for one in session.enumerate(K.FILTER)]
    session.add_filter(block("two"))

    after = session.commit()

    assert (before.filters, seen_inside) == ({}, ["one"])
    assert [one.name for one in after.filters.values()] == ["one", "two"]
    assert store.policy is after


def test_an_aborted_transaction_changes_nothing_but_the_next_filter_id():
    store = PolicyStore()
    session = store.open_session()
    session.begin()
    assert session.add_filter(permit("gone")).id == 65537
    session.abort()

    assert store.policy.filters == {}
    assert session.add_filter(permit("kept")).id == 65538


def test_a_call_that_fails_does_not_end_the_transaction():
    session = PolicyStore().open_session()
    session.begin()
    session.add_filter(permit("one"))
    refused("FWP_E_SUBLAYER_NOT_FOUND", session.add_filter, permit("two", sublayer=guid(9)))
    session.add_filter(permit("three"))

    assert [(one.name, one.id) for one in session.commit().filters.values()] == [("one", 65537), ("three", 65538)]


def test_a_call_outside_of_a_transaction_is_one_of_its_own():
    store = PolicyStore()
    store.open_session().add_filter(permit("one"))

    assert [one.name for one in store.policy.filters.values()] == ["one"]


def test_transactions_do_not_nest_and_do_not_end_twice():
    session = PolicyStore().open_session()
    refused("FWP_E_NO_TXN_IN_PROGRESS", session.commit)
    refused("FWP_E_NO_TXN_IN_PROGRESS", session.abort)
    session.begin()
    refused("FWP_E_TXN_IN_PROGRESS", session.begin)
    session.commit()
    refused("FWP_E_NO_TXN_IN_PROGRESS", session.commit)


def test_a_read_only_transaction_refuses_every_write():
    session = PolicyStore().open_session()
    session.begin(read_only=True)
    refused("FWP_E_INCOMPATIBLE_TXN", session.add_filter, permit(""))
    refused("FWP_E_INCOMPATIBLE_TXN", session.delete, K.FILTER, guid(1))
    assert session.commit().filters == {}


def test_one_may_write_or_many_may_read():
    store = PolicyStore()
    reader, other_reader, writer = store.open_session(), store.open_session(), store.open_session()
    reader.begin(read_only=True)
    other_reader.begin(read_only=True)
    refused("FWP_E_TIMEOUT", writer.begin)
    refused("FWP_E_TIMEOUT", writer.add_filter, permit())
    reader.commit()
    other_reader.abort()
    writer.begin()
    refused("FWP_E_TIMEOUT", reader.begin, read_only=True)


def test_closing_a_session_aborts_its_transaction_and_ends_its_calls():
    store = PolicyStore()
    session = store.open_session()
    session.begin()
    session.add_filter(permit())
    session.close()

    assert store.policy.filters == {}
    refused("FWP_E_SESSION_ABORTED", session.add_filter, permit())


# --- deletion and references ----------------------------------------------------------------------------------------


def test_an_object_goes_only_after_all_that_refer_to_it():
    session = PolicyStore().open_session()
    provider = session.add_provider(a_provider())
    sublayer = session.add_sublayer(a_sublayer_spec(provider=provider.key))
    callout = session.add_callout(a_callout())
    one = session.add_filter(calls(callout, sublayer=sublayer.key))
    for kind, key in ((K.PROVIDER, provider.key), (K.SUBLAYER, sublayer.key), (K.CALLOUT, callout.key)):
        refused("FWP_E_IN_USE", session.delete, kind, key)

    for kind, key in (
        (K.FILTER, one.key), (K.CALLOUT, callout.key), (K.SUBLAYER, sublayer.key), (K.PROVIDER, provider.key)
    ):  # fmt: skip
        session.delete(kind, key)

    assert [session.enumerate(kind) for kind in ObjectKind] == [
        list(BUILTIN_PROVIDERS), list(BUILTIN_SUBLAYERS), [], []
    ]  # fmt: skip


def test_what_is_not_there_cannot_be_had():
    session = PolicyStore().open_session()
    for kind in ObjectKind:
        refused(f"FWP_E_{kind.name}_NOT_FOUND", session.delete, kind, guid(1))
        refused(f"FWP_E_{kind.name}_NOT_FOUND", session.get, kind, guid(1))
    refused("FWP_E_FILTER_NOT_FOUND", session.get_filter_by_id, FilterId(1))


def test_built_in_objects_stay():
    session = PolicyStore().open_session()
    refused("FWP_E_BUILTIN_OBJECT", session.delete, K.SUBLAYER, UNIVERSAL)
    refused("FWP_E_BUILTIN_OBJECT", session.delete, K.PROVIDER, BUILTIN_PROVIDERS[0].key)


def test_deleting_across_providers_is_done_and_reported():
    store = PolicyStore()
    owner, other = (store.open_session().add_provider(a_provider(name)) for name in ("owner", "other"))
    session = store.open_session(provider=owner.key)
    first, second = (session.add_filter(permit(name, provider=owner.key)) for name in ("first", "second"))

    session.delete(K.FILTER, first.key)
    store.open_session(provider=other.key).delete(K.FILTER, second.key)
    third = store.open_session().add_filter(permit("third", provider=owner.key))
    store.open_session().delete(K.FILTER, third.key)  # an administrator's tool acts for no provider

    assert store.policy.filters == {}
    assert [(one.rule, one.key) for one in store.violations] == [("C17", second.key)]


def test_a_filter_is_found_by_its_id():
    session = PolicyStore().open_session()
    one = session.add_filter(permit())

    assert session.get_filter_by_id(one.id) is one


# --- lifetimes ------------------------------------------------------------------------------------------------------


def test_dynamic_objects_die_with_their_session():
    store = PolicyStore()
    static, dynamic = store.open_session(), store.open_session(is_dynamic=True)
    sublayer = dynamic.add_sublayer(a_sublayer_spec())
    dynamic.add_filter(permit("dynamic", sublayer=sublayer.key))
    static.add_filter(permit("static"))
    dynamic.close()

    assert [one.name for one in store.policy.filters.values()] == ["static"]
    assert sublayer.key not in store.policy.sublayers


def test_a_transaction_begun_before_a_dynamic_session_ended_does_not_bring_its_objects_back():
    store = PolicyStore()
    static, dynamic = store.open_session(), store.open_session(is_dynamic=True)
    dynamic.add_filter(permit("dynamic"))
    static.begin()
    dynamic.close()

    assert static.commit().filters == {}


def test_nobody_may_lean_on_another_sessions_dynamic_object():
    store = PolicyStore()
    one, other, static = (store.open_session(is_dynamic=dynamic) for dynamic in (True, True, False))
    sublayer = one.add_sublayer(a_sublayer_spec())
    for session in (other, static):
        refused("FWP_E_WRONG_SESSION", session.add_filter, permit(sublayer=sublayer.key))
    refused("FWP_E_WRONG_SESSION", other.delete, K.SUBLAYER, sublayer.key)


def test_a_dynamic_session_leaves_lasting_objects_alone():
    store = PolicyStore()
    lasting = store.open_session().add_filter(permit("lasting"))
    dynamic = store.open_session(is_dynamic=True)
    refused("FWP_E_DYNAMIC_SESSION_IN_PROGRESS", dynamic.delete, K.FILTER, lasting.key)
    refused("FWP_E_DYNAMIC_SESSION_IN_PROGRESS", dynamic.add_sublayer, a_sublayer_spec(persistent=True))


def test_a_persistent_filter_may_refer_to_built_in_and_to_its_own_providers_persistent_objects():
    session = PolicyStore().open_session()
    provider = session.add_provider(a_provider(persistent=True))
    own = session.add_sublayer(a_sublayer_spec(persistent=True, provider=provider.key))
    flags = FilterFlag.FWPM_FILTER_FLAG_PERSISTENT

    added = [
        session.add_filter(permit("in UNIVERSAL", flags=flags)),
        session.add_filter(permit("in its own", flags=flags, sublayer=own.key, provider=provider.key)),
    ]

    assert [one.lifetime for one in added] == [Lifetime.PERSISTENT] * 2


def test_after_a_restart_only_persistent_objects_are_left_and_idle_providers_are_disabled():
    store = PolicyStore()
    session = store.open_session()
    flags = FilterFlag.FWPM_FILTER_FLAG_PERSISTENT
    for name, service, auto_start in (("plain", None, True), ("auto", "svc", True), ("manual", "svc", False)):
        spec = a_provider(name, persistent=True, service_name=service, service_is_auto_start=auto_start)
        session.add_filter(permit(f"of {name}", provider=session.add_provider(spec).key, flags=flags))
    session.add_filter(permit("static"))
    assert names_at(store.policy) == [
        ("FWPM_SUBLAYER_UNIVERSAL", ["of plain", "of auto", "of manual", "static"])
    ]  # fmt: skip

    store.restart()

    assert [one.name for one in store.policy.filters.values()] == ["of plain", "of auto", "of manual"]
    assert names_at(store.policy) == [("FWPM_SUBLAYER_UNIVERSAL", ["of plain", "of auto"])]
    refused("FWP_E_SESSION_ABORTED", session.begin)


# --- access ---------------------------------------------------------------------------------------------------------


def test_a_missing_right_is_told_last():
    session = PolicyStore().open_session(access=EVERYONE)
    refused("FWP_E_NULL_DISPLAY_NAME", session.add_filter, permit(""))
    refused("ERROR_ACCESS_DENIED", session.add_filter, permit())
    refused("ERROR_ACCESS_DENIED", session.begin)
    refused("ERROR_ACCESS_DENIED", session.enumerate, K.FILTER)
    refused("ERROR_ACCESS_DENIED", session.get, K.SUBLAYER, UNIVERSAL)


def test_deleting_needs_its_own_right_and_opening_too():
    store = PolicyStore()
    one = store.open_session(access=ALL_ACCESS & ~AccessRight.DELETE).add_filter(permit())
    session = store.open_session(access=ALL_ACCESS & ~AccessRight.DELETE)
    refused("ERROR_ACCESS_DENIED", session.delete, K.FILTER, one.key)
    refused("ERROR_ACCESS_DENIED", store.open_session, access=AccessRight(0))


# --- notifications --------------------------------------------------------------------------------------------------


def test_a_callout_is_told_of_its_filters_only():
    told = []
    hooks = FilterHooks(
        on_filter_adding=lambda one: told.append(("adding", one.name)) or 0,
        on_filter_deleted=lambda one: told.append(("deleted", one.name)),
        on_filter_committed=lambda one: told.append(("committed", one.name)),
    )
    session = PolicyStore(hooks=hooks).open_session()
    callout = session.add_callout(a_callout())
    session.begin()
    kept = session.add_filter(calls(callout, "kept"))
    session.add_filter(permit("no callout"))
    session.commit()
    session.begin()
    session.add_filter(calls(callout, "aborted"))
    session.delete(K.FILTER, kept.key)
    session.abort()
    session.delete(K.FILTER, kept.key)

    assert told == [
        ("adding", "kept"), ("committed", "kept"), ("adding", "aborted"), ("deleted", "aborted"), ("deleted", "kept")
    ]  # fmt: skip


# --- the snapshot ---------------------------------------------------------------------------------------------------


def test_sublayers_stand_by_weight_and_filters_by_weight_then_age():
    policy = a_policy(
        a_sublayer_spec("high", 50000, key=guid(1)),
        a_sublayer_spec("without filters here", 40000, key=guid(2)),
        block("low", weight=1),
        block("older", weight=2),
        block("younger", weight=2),
        permit("inspected last", sublayer=INSPECTION),
        permit("first", sublayer=guid(1)),
        permit("elsewhere", layer=OUTBOUND_MAC_FRAME_NATIVE, sublayer=guid(2)),
    )

    assert names_at(policy) == [
        ("high", ["first"]),
        ("FWPM_SUBLAYER_UNIVERSAL", ["older", "younger", "low"]),
        ("FWPM_SUBLAYER_INSPECTION", ["inspected last"]),
    ]
    assert names_at(policy, OUTBOUND_MAC_FRAME_NATIVE.id) == [("without filters here", ["elsewhere"])]
    assert policy.at(57) == ()


def test_disabled_and_boot_time_filters_are_not_walked():
    policy = a_policy(
        block("off", enabled=False), block("boot", flags=FilterFlag.FWPM_FILTER_FLAG_BOOTTIME), block("on")
    )

    assert names_at(policy) == [("FWPM_SUBLAYER_UNIVERSAL", ["on"])]
    assert len(policy.filters) == 3


def test_a_snapshot_stays_as_it_was_and_the_next_takes_over_its_compiled_filters():
    store = PolicyStore()
    first = a_policy(block("one"), store=store)
    second = a_policy(block("two", weight=1), store=store)

    assert names_at(first) == [("FWPM_SUBLAYER_UNIVERSAL", ["one"])]
    assert names_at(second) == [("FWPM_SUBLAYER_UNIVERSAL", ["two", "one"])]
    assert second.at(ETHERNET)[0].filters[1] is first.at(ETHERNET)[0].filters[0]


def test_sublayers_that_ask_for_the_same_weight_get_their_own():
    session = PolicyStore().open_session()

    added = [session.add_sublayer(a_sublayer_spec(name, 0x7FFF)) for name in ("a", "b", "c")]

    assert [(one.requested_weight, one.weight) for one in added] == [(32767, 32766), (32767, 32765), (32767, 32764)]


def test_the_weight_of_a_deleted_sublayer_is_free_again():
    session = PolicyStore().open_session()
    session.begin()
    for _ in range(2):
        sublayer = session.add_sublayer(a_sublayer_spec("s", 500))
        session.delete(K.SUBLAYER, sublayer.key)

    assert session.add_sublayer(a_sublayer_spec("s", 500)).weight == 500


def test_the_builders_sublayer_is_one_as_the_classifier_walks_it():
    built = a_sublayer(block("light", weight=1), permit("heavy", weight=2), weight=77)

    assert (built.sublayer.weight, [one.filter.name for one in built.filters]) == (77, ["heavy", "light"])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=12))
def test_every_enforced_filter_is_walked_once_in_the_order_of_the_rule(drawn):
    sublayers = [a_sublayer_spec(f"s{n}", 100 + n, key=guid(n + 1)) for n in range(4)]
    filters = [block(f"f{i}", ether_type(i), weight=w, sublayer=guid(s + 1)) for i, (s, w) in enumerate(drawn)]
    policy = a_policy(*sublayers, *filters)

    walked = [
        (-at.sublayer.weight, -one.filter.effective_weight, one.filter.id)
        for at in policy.at(ETHERNET)
        for one in at.filters
    ]

    assert walked == sorted(walked)
    assert {id_ for _, _, id_ in walked} == set(policy.filter_by_id)
