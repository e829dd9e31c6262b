"""What the inspector says about filters and frames."""

import dataclasses

import msgspec
import pytest
from PySide6.QtTest import QAbstractItemModelTester

from engine.debugger.frames.row import FrameRow, FrameState
from engine.frames.frame import Direction
from engine.wfp.types import FilterId
from gui.models.inspected import (
    ConditionLine,
    ConditionsModel,
    Fact,
    condition_lines,
    facts_text,
    filter_facts,
    filter_in_sight,
    frame_facts,
)
from gui.widgets.roles import Role
from tests.builders.policies import u16
from tests.gui.views.policy_bridge import PolicyBridge, a_document, a_story

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def bridge(qapp):
    document = a_document()
    return PolicyBridge(document, *a_story(document))


def named(bridge, name):
    return next(one for one in bridge.session.policy.filters.values() if one.name == name)


def test_the_focus_wins_over_the_filter_under_test(bridge):
    policy = bridge.session.policy

    rewrite, permit = named(bridge, "gateway rewrite"), named(bridge, "LAN permit")

    assert filter_in_sight(bridge.world, policy, None) == (rewrite, "under test")
    assert filter_in_sight(bridge.world, policy, permit.id) == (permit, "in focus")
    assert filter_in_sight(bridge.world, policy, FilterId(1)) == (rewrite, "under test")
    bridge.move(1)
    assert filter_in_sight(bridge.world, policy, None) == (None, "")


def test_between_two_tests_the_last_filter_of_the_frame_stays_in_sight(bridge):
    world, policy = bridge.world, bridge.session.policy
    (id_,) = [id_ for id_, one in world.classifications.items() if one.current is not None]
    world.classifications[id_] = dataclasses.replace(world.classifications[id_], current=None)
    world.layer = None

    assert filter_in_sight(world, policy, None) == (
        named(bridge, "gateway rewrite"), f"tested last in frame {world.frame}, at {id_}")


def test_facts_of_a_filter(bridge):
    found = named(bridge, "gateway rewrite")

    assert filter_facts(found, bridge.session.policy) == [
        Fact("Name", "gateway rewrite", strong=True),
        Fact("Filter id", str(found.id), f"0x{found.id:X}", mono=True),
        Fact("Provider", "Contoso › Contoso L2", "40000"),
        Fact("Layer", "OUTBOUND_MAC_FRAME_ETHERNET", "57", mono=True),
        Fact("Weight", "UINT8 8", f"→ {found.effective_weight}", mono=True),
        Fact("Action", "CALLOUT_TERMINATING", mono=True),
        Fact("Callout", "mac_rewrite", "registered · no batch flag", strong=True),
    ]


def test_each_condition_stands_beside_what_the_frame_has(bridge):
    assert condition_lines(named(bridge, "gateway rewrite"), bridge.world) == [
        ConditionLine("ETHER_TYPE", "= 0x0800", "0x0800", "IPv4", True),
        ConditionLine("MAC_REMOTE_ADDRESS_TYPE", "= 0", "0", "unicast", True),
    ]
    assert condition_lines(named(bridge, "VLAN 20 quarantine"), bridge.world) == [
        ConditionLine("VLAN_ID", "= 0x0014", "0x6014", "PCP 3, VID 20", False)]


def test_an_alternative_that_was_not_needed_is_no_failure(bridge):
    rewrite = named(bridge, "gateway rewrite")
    either = msgspec.structs.replace(rewrite, conditions=(
        rewrite.conditions[0], msgspec.structs.replace(rewrite.conditions[0], value=u16(0x86DD))))

    assert [(line.wanted, line.holds) for line in condition_lines(either, bridge.world)] == [
        ("= 0x0800", True), ("= 0x86dd", None)]


def test_a_filter_that_was_not_tried_has_no_tick(bridge):
    bridge.move(4)

    assert condition_lines(named(bridge, "VLAN 20 quarantine"), bridge.world) == [
        ConditionLine("VLAN_ID", "= 0x0014", "0x6014", "PCP 3, VID 20", None)]
    assert condition_lines(named(bridge, "no ARP from guests"), bridge.world) == [
        ConditionLine("ETHER_TYPE", "= 0x0806", "", "", None)]


def test_the_conditions_are_a_table(bridge):
    model = ConditionsModel()
    QAbstractItemModelTester(model, Fatal, model)

    model.show(condition_lines(named(bridge, "VLAN 20 quarantine"), bridge.world))

    assert [model.index(0, column).data() for column in range(4)] == ["VLAN_ID", "= 0x0014", "0x6014", ""]
    assert model.index(0, 3).data(Role.CELL).mark == "block"


def test_facts_of_a_frame_say_what_became_of_it_and_who_decided(bridge):
    row = FrameRow(12, 12_650_000, Direction.OUTBOUND, "02:00:00:00:00:aa", "02:00:00:00:00:01", "IPv4", 0x0800, (20,),
                   98, 0, ("a comment",), None)
    state = FrameState("blocked", named(bridge, "VLAN 20 quarantine").id, 57, ("M07",))

    facts = frame_facts(row, state, bridge.session.policy)

    assert facts_text(facts).splitlines() == [
        "Frame: 12 outbound", "Time: 0.012650 s since the first frame", "Source: 02:00:00:00:00:aa",
        "Destination: 02:00:00:00:00:01", "Type: IPv4 0x0800", "VLAN: 20", "Length: 98 bytes", "Comment: a comment",
        "Outcome: blocked by VLAN 20 quarantine at 57", "Findings: M07",
    ]  # fmt: skip
    assert facts_text(frame_facts(row, None, bridge.session.policy)).splitlines()[-1] == "Outcome: not run yet"
