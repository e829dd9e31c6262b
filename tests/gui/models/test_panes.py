"""Which pane is current and where each token stands, step by step."""

import pytest

from engine.ndis.snapshot import HistoryEntry, NblId, NblKind
from engine.trace import events as ev
from engine.trace.folding import apply
from engine.trace.trace import Record
from engine.trace.world import LayerCounts, Place, World
from engine.wfp.layers import LAYERS
from gui.models.stack.ladder import LadderPlan
from gui.models.stack.ladder_rows import FilterRow, RowState
from gui.models.stack.panes import ModuleState, Pane, Strip, panes_of
from gui.widgets.token import FrameToken
from tests.builders.stack_story import IN_CALLOUT, STORY, a_trace, a_world, an_nbl, the_policy

POLICY = the_policy()
PLANS = {layer.id: LadderPlan.of(POLICY, layer.id) for layer in LAYERS}


def panes_after(records: int) -> dict[int, Pane]:
    return panes_of(a_world(records), STORY[records - 1] if records else None, PLANS, 12)


def strips_of(panes: dict[int, Pane]) -> dict[int, list[tuple[str, list[str]]]]:
    return {
        id_: [(strip.label, [f"{token.id} {token.badge} {token.note}" for token in strip.tokens])
              for strip in pane.strips]
        for id_, pane in panes.items() if pane.strips
    }


def test_before_the_first_record_nothing_is_current_and_every_module_is_detached():
    panes = panes_after(0)

    assert [(pane.layer.id, pane.is_current, pane.module.word, pane.is_empty) for pane in panes.values()] == [
        (56, False, "Detached", True), (57, False, "Detached", True), (58, False, "Detached", True),
        (59, False, "Detached", True)]


def test_inside_the_callout_the_original_stands_in_the_row_and_the_clone_waits():
    pane = panes_after(IN_CALLOUT)[57]

    assert pane.is_current
    assert not pane.is_empty
    assert pane.strips == (
        Strip("enters next", (FrameToken(id="12.1", badge="S", note="queued to re-enter"),), "injection 7"),)
    row = pane.ladder.row(3)
    assert isinstance(row, FilterRow)
    assert row.tokens == (FrameToken(id="12.0", badge="N", note="in classify", current=True),)


@pytest.mark.parametrize(
    ("records", "current", "strips"),
    [
        (2, None, {57: [("enters next", ["12.0 N from the protocols"])]}),
        (3, 57, {57: [("enters next", ["12.0 N enters"])]}),
        (4, 57, {57: [("in classify", ["12.0 N in classify"])]}),
        (8, 57, {}),
        (10, 57, {57: [("with the driver", ["12.1 S of contoso"])]}),
        (16, 57, {57: [("enters next", ["12.1 S queued to re-enter"]), ("in classify", ["12.0 N in classify"])]}),
        (21, 57, {57: [("enters next", ["12.1 S queued to re-enter"]), ("ended here", ["12.0 N absorbed"])]}),
        (23, 57, {57: [("enters next", ["12.1 S queued to re-enter"]), ("held", ["12.0 N absorbed, held by 1"])]}),
        (24, 57, {57: [("enters next", ["12.1 S re-enters"]), ("held", ["12.0 N absorbed, held by 1"])]}),
    ],
)
def test_each_token_is_in_one_place_where_the_frame_is(records, current, strips):
    panes = panes_after(records)

    assert strips_of(panes) == strips
    assert [id_ for id_, pane in panes.items() if pane.is_current] == ([] if current is None else [current])


@pytest.mark.parametrize(
    ("place", "layer", "label"),
    [
        (Place("wire", None, "from the miniport"), 58, "enters next"),
        (Place("wire", None, "on the wire"), 59, "leaving"),
        (Place("protocols", None, "from the protocols"), 57, "enters next"),
        (Place("protocols", None, "to protocols"), 56, "leaving"),
        (Place("between", 58, "has passed"), 58, "leaving"),
        (Place("layer", 56, "permitted"), 56, "passing"),
        (Place("driver", None, "completed to contoso"), 59, "with the driver"),
        (Place("gone", None, "returned"), None, None),
    ],
)
def test_every_place_of_an_nbl_has_its_strip(place, layer, label):
    world = World()
    world.nbls[NblId("3.1")] = an_nbl("3.1", NblKind.CLONE, history=(HistoryEntry("H", "contoso", None, 59, 1),))
    world.places[NblId("3.1")] = place

    found = {id_: [name for name, _ in strips] for id_, strips in strips_of(panes_of(world, None, PLANS, 12)).items()}

    assert found == ({} if layer is None else {layer: [label]})


def test_badges_are_what_the_running_driver_would_be_told():
    world = a_world(IN_CALLOUT)
    for id_, drivers in (("9.1", ["fabrikam"]), ("9.2", ["contoso", "fabrikam"])):
        history = tuple(HistoryEntry("H", driver, None, 57, 1) for driver in drivers)
        world.nbls[NblId(id_)] = an_nbl(id_, history=history)
        world.places[NblId(id_)] = Place("wire", None, "on the wire")

    leaving = panes_of(world, STORY[IN_CALLOUT - 1], PLANS, 12)[59].strips

    assert [(token.id, token.badge) for token in leaving[0].tokens] == [("9.1", "O"), ("9.2", "P")]


def test_rates_take_the_ladders_out_of_their_moment_and_no_pane_is_current():
    panes = panes_of(a_world(IN_CALLOUT), STORY[IN_CALLOUT - 1], PLANS, 12, as_rates=True)

    assert [pane.is_current for pane in panes.values()] == [False] * 4
    row = panes[57].ladder.row(3)
    assert isinstance(row, FilterRow)
    assert (row.state, row.text) == (RowState.IDLE, "matched 1 · decided 0")


@pytest.mark.parametrize(("event", "word"), [
    (ev.ModulePausing("802.3", 1, 1, "why"), "Pausing"),
    (ev.ModuleStateChanged("802.3", 1, "Paused", tx_handlers=True, rx_handlers=False), "Paused"),
    (ev.ModuleStateChanged("802.3", 1, "Running", tx_handlers=False, rx_handlers=True), "Bypassed"),
])  # fmt: skip
def test_a_module_that_restarts_says_how_far_it_is(event, word):
    world = a_world(1)
    apply(world, Record(1, 0, 0, 0, 0, event))

    panes = panes_of(world, event, PLANS, 12)

    assert (panes[57].module.word, panes[57].module.is_running) == (word, False)
    assert panes[59].module.word == "Detached"


def test_a_module_runs_for_the_direction_that_it_has_handlers_for():
    panes = panes_after(1)

    assert panes[57].module == ModuleState("802.3", "tx", "Running", "tx")
    assert panes[57].module.text == "module 802.3 · tx ✓"
    assert panes[56].module == ModuleState("802.3", "rx", "Bypassed", "tx")
    assert panes[56].module.words == "module 802.3 Bypassed, handlers: tx"
    assert panes[58].module.words == "module native Detached, handlers: none"
    assert panes[58].module.text == "module native · rx –"


def test_counts_are_a_copy_that_later_steps_leave_alone():
    trace = a_trace()
    panes = panes_of(a_world(IN_CALLOUT, trace), None, PLANS, 12)
    before = LayerCounts(inject=1)
    assert panes[57].counts == before

    a_world(21, trace)

    assert panes[57].counts == before


def test_a_frame_that_goes_past_a_layer_makes_it_current():
    event = ev.ModuleBypassed("native", 59, (NblId("12.0"),))

    assert [id_ for id_, pane in panes_of(World(), event, PLANS, 12).items() if pane.is_current] == [59]


def test_a_module_that_restarts_is_named_where_its_layer_has_no_filter():
    states = [ModuleState("802.3", "tx", word, "") for word in ("Running", "Bypassed", "Detached", "Restarting")]

    assert [state.without_filters for state in states] == [
        "no filter at this layer: frames go past it"] * 3 + ["no filter at this layer; its module is Restarting"]
