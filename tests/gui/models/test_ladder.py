"""The rows of the ladder at the steps of one story, compared whole."""

import pytest

from engine.trace import events as ev
from engine.trace.world import FilterCounts, World
from engine.wfp.types import ActionType, Guid
from gui.models.stack.ladder import Ladder, LadderPlan
from gui.models.stack.ladder_moment import Moment
from gui.models.stack.ladder_rows import Chip, FilterRow, RowState, Span, SublayerRow
from gui.widgets.token import FrameToken
from tests.builders.stack_story import (
    CONTOSO,
    CONTOSO_L2,
    FABRIKAM,
    IN_CALLOUT,
    LAN,
    NO_ARP,
    ORIGINAL,
    QUARANTINE,
    REWRITE,
    STORY,
    UNIVERSAL,
    a_condition,
    a_filter,
    a_policy,
    a_trace,
    a_world,
    the_policy,
)

TOKEN = FrameToken(id="12.0", badge="N", note="in classify", current=True)
BLOCK, PERMIT = Chip("BLOCK", "block", "BLOCK"), Chip("PERMIT", "permit", "PERMIT")
CALLOUT = Chip("CALLOUT · mac_rewrite", "neutral", "CALLOUT")
CALLOUT_NOW = Chip("CALLOUT · mac_rewrite", "inject", "CALLOUT")

NO_ARP_FAILED = FilterRow(
    filter=NO_ARP, key=Guid("{73505}"), name="no ARP announcements", chip=BLOCK, state=RowState.FAILED,
    line=(Span("ETHER_TYPE", "code"), Span(" wanted "), Span("0x0806", "code"), Span(" "), Span("saw 0x0800", "saw"),
          Span(" (IPv4)")))
QUARANTINE_FAILED = FilterRow(
    filter=QUARANTINE, key=Guid("{73506}"), name="VLAN 20 quarantine", chip=BLOCK, state=RowState.FAILED,
    line=(Span("VLAN_ID", "code"), Span(" wanted "), Span("0x0014", "code"), Span(" "), Span("saw 0x6014", "saw"),
          Span(" (PCP 3, VID 20)")))


def ladder_after(records: int, policy=None) -> Ladder:
    world, policy = a_world(records), policy or the_policy()
    event = STORY[records - 1] if records else None
    line = event.line if isinstance(event, ev.Call) else ""
    moment = Moment.of(world, 57, policy, 12, line, (TOKEN,))
    return Ladder.of(LadderPlan.of(policy, 57), world, moment)


def a_row(id_, name: str, chip: Chip, state: RowState, *line: Span, **more) -> FilterRow:
    return FilterRow(filter=id_, key=Guid(f"{{{id_}}}"), name=name, chip=chip, state=state, line=line, **more)


def test_inside_the_callout_the_current_row_shows_its_conditions_its_token_and_its_line():
    ladder = ladder_after(IN_CALLOUT)

    assert ladder.rows() == [
        SublayerRow(CONTOSO_L2, "Contoso L2", 40000, "rights: write"),
        NO_ARP_FAILED,
        QUARANTINE_FAILED,
        a_row(REWRITE, "gateway rewrite", CALLOUT_NOW, RowState.MATCHED, Span("ETHER_TYPE = 0x0800", "holds"),
              Span("  "), Span("MAC_REMOTE_ADDRESS_TYPE = 0", "holds"), is_current=True, at="mac_rewrite.py:41",
              tokens=(TOKEN,), held=(2, 2)),
        SublayerRow(UNIVERSAL, "UNIVERSAL", 32768, "evaluated next, even after a block"),
        a_row(LAN, "LAN permit", PERMIT, RowState.WAITING, Span("not tested yet")),
    ]
    assert ladder.current == 3


def test_a_filter_that_has_just_failed_is_current_and_says_why():
    ladder = ladder_after(7)

    row = ladder.row(2)

    assert isinstance(row, FilterRow)
    assert (ladder.current, row.is_current, row.state) == (2, True, RowState.FAILED)
    assert row.text == "✗ VLAN_ID wanted 0x0014 saw 0x6014 (PCP 3, VID 20)"
    assert row.words() == "filter VLAN 20 quarantine, current, did not match, 0 of 1 conditions"


def test_after_the_verdict_the_rows_say_who_decided_and_who_was_overridden():
    ladder = ladder_after(21)

    assert ladder.rows() == [
        SublayerRow(CONTOSO_L2, "Contoso L2", 40000, "Block, hard: first decision"),
        NO_ARP_FAILED,
        QUARANTINE_FAILED,
        a_row(REWRITE, "gateway rewrite", CALLOUT, RowState.DECIDED,
              Span("matched · Absorb, hard · decided the layer"), mark="absorb"),
        SublayerRow(UNIVERSAL, "UNIVERSAL", 32768, "Block, hard: a hard block is final"),
        a_row(LAN, "LAN permit", PERMIT, RowState.OVERRIDDEN, Span("Permit, soft", "struck"),
              Span(" · a hard block is final")),
    ]
    assert ladder.current is None


def test_without_a_classification_of_the_frame_the_rows_tell_their_hits():
    policy = a_policy(
        a_filter(1, "often", ActionType.FWP_ACTION_BLOCK, weight=3),
        a_filter(2, "seldom", ActionType.FWP_ACTION_PERMIT, weight=2, provider=FABRIKAM),
        a_filter(3, "never tried", ActionType.FWP_ACTION_CALLOUT_INSPECTION, weight=1, provider=CONTOSO),
    )
    world = World()
    for id_, matched, decided in ((1, 4, 3), (2, 1, 0)):
        counts = world.filters.setdefault(policy.filters[Guid(f"{{{id_}}}")].id, FilterCounts())
        counts.tested, counts.matched, counts.decided = 9, matched, decided

    ladder = Ladder.of(LadderPlan.of(policy, 57), world, None)

    assert ladder.rows() == [
        SublayerRow(CONTOSO_L2, "Contoso L2", 40000),
        a_row(1, "often", BLOCK, RowState.IDLE, Span("matched 4 · decided 3"), heat=1.0),
        a_row(2, "seldom", PERMIT, RowState.IDLE, Span("matched 1 · decided 0 · Fabrikam"), heat=0.25),
        a_row(3, "never tried", Chip("INSPECTION", "neutral", "INSPECTION"), RowState.IDLE,
              Span("matched 0 · decided 0"), heat=0.0),
    ]
    assert [row.name for row in ladder.hottest(2)] == ["often", "seldom"]


def test_filters_of_a_disabled_provider_stay_in_sight():
    policy = a_policy(
        a_filter(1, "old lab block", ActionType.FWP_ACTION_BLOCK, provider=FABRIKAM, weight=9),
        a_filter(2, "live", ActionType.FWP_ACTION_PERMIT),
        disabled=frozenset({FABRIKAM}),
    )

    ladder = Ladder.of(LadderPlan.of(policy, 57), World(), None)

    assert [row.words() for row in ladder.rows()] == [
        "sublayer Contoso L2, weight 40000",
        "filter live, not in the steps shown, matched 0 · decided 0",
        "filter old lab block, not enforced, its provider is disabled",
    ]


def test_a_filter_behind_the_decision_of_its_sublayer_says_who_decided():
    policy = a_policy(*the_policy().filters.values(),
                      a_filter(80000, "too late", ActionType.FWP_ACTION_PERMIT, weight=1))

    row = ladder_after(21, policy).row(4)

    assert isinstance(row, FilterRow)
    assert (row.state, row.text) == (RowState.WAITING, "not tested: gateway rewrite decided before")


def test_a_filter_without_conditions_matches_every_frame():
    row = ladder_after(17).row(5)

    assert isinstance(row, FilterRow)
    assert row.text == "✓ no condition: every frame"


def test_lost_rights_are_told_at_the_sublayer():
    row = ladder_after(16).row(4)

    assert isinstance(row, SublayerRow)
    assert row.note == "rights: none, only a veto counts"


def test_a_layer_where_nobody_decides_permits_by_default():
    events = (*STORY[:7], ev.SublayerDecided(CONTOSO_L2, "FWP_ACTION_CONTINUE", None),
              ev.SublayerEntered(UNIVERSAL, rights=True),
              ev.ClassifyEnded(57, (ORIGINAL,), "FWP_ACTION_PERMIT", False, None, absorb=False, veto=False))
    trace, plan = a_trace(events), LadderPlan.of(the_policy(), 57)

    def note_after(records: int) -> list[str]:
        world = a_world(records, trace)
        moment = Moment.of(world, 57, plan.policy, 12, "", ())
        return [row.note for row in Ladder.of(plan, world, moment).rows() if isinstance(row, SublayerRow)]

    assert note_after(len(events) - 1) == ["no filter decided", "rights: write"]
    assert note_after(len(events)) == ["no filter decided: Permit by default (C3)"] * 2


def test_built_in_sublayers_go_by_their_short_name():
    assert SublayerRow(UNIVERSAL, "FWPM_SUBLAYER_UNIVERSAL", 32768).words() == "sublayer UNIVERSAL, weight 32768"


def test_another_frame_under_the_cursor_brings_the_hits_back():
    assert Moment.of(a_world(21), 57, the_policy(), 13, "", ()) is None


def test_sublayers_stand_by_weight_and_filters_by_weight_within_them():
    policy = a_policy(
        a_filter(1, "a", ActionType.FWP_ACTION_PERMIT, sublayer=UNIVERSAL),
        a_filter(2, "b", ActionType.FWP_ACTION_PERMIT, a_condition(57, "VLAN_ID", 1), weight=1),
        a_filter(3, "c", ActionType.FWP_ACTION_PERMIT, weight=2),
        a_filter(4, "elsewhere", ActionType.FWP_ACTION_PERMIT, layer=56),
    )

    assert [entry.name for entry in LadderPlan.of(policy, 57).entries] == ["Contoso L2", "c", "b", "UNIVERSAL", "a"]


@pytest.mark.parametrize("records", range(len(STORY) + 1))
def test_every_step_of_the_story_has_as_many_rows_as_entries_and_at_most_one_current(records):
    rows = ladder_after(records).rows()

    assert len(rows) == 6
    assert sum(isinstance(row, FilterRow) and row.is_current for row in rows) <= 1
