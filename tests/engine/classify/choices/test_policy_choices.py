"""What the filter engine refuses and how it orders, where the model has chosen: each other choice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.classify.choices import policy_rules
from engine.classify.options import EngineOptions
from engine.errors import PolicyError
from engine.trace import events as ev
from engine.wfp.fwp_errors import WfpError
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.objects import ObjectKind, ProviderSpec
from engine.wfp.store import PolicyStore
from engine.wfp.types import ActionType, MatchType
from tests.builders.engines import Bench
from tests.builders.frames import ARP, BROADCAST, HOST, received
from tests.builders.policies import (
    a_callout,
    a_filter,
    a_policy,
    a_provider,
    a_sublayer_spec,
    block,
    calls,
    condition,
    ether_type,
    key_of,
    mac,
    permit,
    u32,
)


def store(**options: str) -> PolicyStore:
    """A filter engine under these options."""
    return PolicyStore(policy_rules(EngineOptions().with_all(options)))


@pytest.mark.parametrize("code", ["FWP_E_INCOMPATIBLE_LAYER", "FWP_E_INVALID_PARAMETER", "FWP_E_CALLOUT_NOT_FOUND"])
def test_ch_03_the_code_for_a_callout_of_another_layer(code: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    callout = a_callout(layer=OUTBOUND_MAC_FRAME_ETHERNET, registered=False)
    bench.add(callout, calls(callout))

    with pytest.raises(PolicyError, match=code):
        bench.run(layer_mismatch_code=code)


def test_c8_not_equal_on_a_mac_address_can_be_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add(block("not the host", condition("MAC_LOCAL_ADDRESS", mac(HOST), MatchType.FWP_MATCH_NOT_EQUAL)))

    assert bench.run(received(), received(2, destination=BROADCAST)).outcomes == {1: "delivered", 2: "blocked"}
    with pytest.raises(PolicyError, match="FWP_E_MATCH_TYPE_MISMATCH"):
        bench.run(received(), not_equal_on_mac="refuse")


def test_c9_conditions_of_one_field_apart_can_be_accepted(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add(block("apart", ether_type(ARP), condition("NDIS_PORT", u32(0)), ether_type(ARP)))

    assert bench.run(received(ether_type=ARP), duplicate_conditions="and").outcomes == {1: "blocked"}
    with pytest.raises(PolicyError, match="FWP_E_DUPLICATE_CONDITION"):
        bench.run(received(ether_type=ARP))


@pytest.mark.parametrize(("choice", "disabled"), [("not_auto_start", ["stops"]), ("or_no_service", ["stops", "none"])])
def test_c11_whose_filters_are_not_enforced_after_bfe_has_started(choice: str, disabled: list[str]) -> None:
    engine = store(disabled_providers=choice)
    providers = [
        ProviderSpec(name="runs", service_name="runs", persistent=True),
        ProviderSpec(name="stops", service_name="stops", service_is_auto_start=False, persistent=True),
        ProviderSpec(name="none", persistent=True),
    ]
    policy = a_policy(*providers, store=engine)
    engine.restart()

    assert len(policy.providers) == len(engine.policy.providers)
    assert [one.name for one in engine.policy.providers.values()
            if one.disabled and one.name in ("runs", "stops", "none")] == disabled


def test_c12_continue_as_a_filters_own_action_can_be_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add(a_filter("goes on", action=ActionType.FWP_ACTION_CONTINUE))

    assert bench.run(received()).outcomes == {1: "delivered"}
    with pytest.raises(PolicyError, match="FWP_E_INVALID_ACTION_TYPE"):
        bench.run(received(), continue_action="refuse")


@pytest.mark.parametrize(("choice", "first"), [("specificity", "narrow"), ("condition_count", "two fields")])
def test_c13_what_an_automatic_weight_counts(choice: str, first: str, tmp_path: Path) -> None:
    """ETHER_TYPE stands before INTERFACE_INDEX and COMPARTMENT_ID, whose bits are the lower ones."""
    bench = Bench(tmp_path)
    auto = a_filter().weight.__class__()
    bench.add(
        permit("narrow", ether_type(ARP), weight=auto),
        block("two fields", condition("INTERFACE_INDEX", u32(1)), condition("COMPARTMENT_ID", u32(1)), weight=auto),
    )
    run = bench.run(received(ether_type=ARP), auto_weight=choice)

    assert run.filter_name(run.of(ev.ClassifyEnded)[-1].filter) == first


@pytest.mark.parametrize(("choice", "outcome"), [("older_first", "delivered"), ("newer_first", "blocked")])
def test_c14_which_of_two_equal_filters_is_tried_first(choice: str, outcome: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.add(permit("older", weight=5), block("newer", weight=5))

    assert bench.run(received(), weight_tie=choice).outcomes == {1: outcome}


@pytest.mark.parametrize(("choice", "weight"), [("move_down", 99), ("move_up", 101)])
def test_c15_where_a_sublayer_goes_whose_weight_is_taken(choice: str, weight: int) -> None:
    policy = a_policy(a_sublayer_spec("A"), a_sublayer_spec("B"), store=store(sublayer_weight_taken=choice))

    assert [one.weight for one in policy.sublayers.values() if one.name in "AB"] == [100, weight]


@pytest.mark.parametrize(
    ("choice", "code"), [("wrong_session", "FWP_E_WRONG_SESSION"), ("lifetime_mismatch", "FWP_E_LIFETIME_MISMATCH")])
def test_c16_naming_another_sessions_dynamic_object(choice: str, code: str) -> None:
    engine = store(foreign_dynamic_reference=choice)
    foreign = engine.open_session(is_dynamic=True).add_sublayer(a_sublayer_spec())

    with pytest.raises(WfpError, match=code):
        engine.open_session(is_dynamic=True).add_filter(permit(sublayer=foreign.key))


@pytest.mark.parametrize("choice", ["report", "refuse"])
def test_c17_deleting_another_providers_object(choice: str) -> None:
    engine = store(cross_provider_deletion=choice)
    owner, other = a_provider("owner"), a_provider("other")
    a_policy(owner, other, permit("theirs", provider=key_of(owner)), store=engine)
    session = engine.open_session(provider=key_of(other))

    if choice == "refuse":
        with pytest.raises(WfpError, match="ERROR_ACCESS_DENIED"):
            session.delete(ObjectKind.FILTER, key_of(permit("theirs")))
    else:
        session.delete(ObjectKind.FILTER, key_of(permit("theirs")))
    assert [one.rule for one in engine.violations] == ([] if choice == "refuse" else ["C17"])
    assert len(engine.policy.filters) == (1 if choice == "refuse" else 0)


def test_c4_and_c10_have_one_value_and_the_others_are_refused() -> None:
    defaults = EngineOptions()
    same = replace(defaults, fast_layers="read_only", validation_order="documented", layer_ids="windows_10")

    assert same.changed() == {}
    assert INBOUND_MAC_FRAME_ETHERNET.id, INBOUND_MAC_FRAME_NATIVE.id == (56, 58)
