"""The steps tree's model."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.report.names import Names
from engine.resources import resource
from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.wfp.types import FilterId
from gui.models.steps.kinds import ICONS, icon_of, phase_of, tick_of
from gui.models.steps.model import Column, StepsModel, StepTexts
from gui.theme import theme
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone
from tests.gui.table_builders import a_story

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def model(qapp):
    model = StepsModel()
    QAbstractItemModelTester(model, Fatal, model)
    return model


def outline(model, parent=None, indent=0):
    parent = parent if parent is not None else model.index(-1, -1)
    lines = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        lines.append(f"{'  ' * indent}{index.siblingAtColumn(Column.NUMBER).data()} {index.data()}")
        lines += outline(model, index, indent + 1)
    return lines


def test_a_story_is_a_tree_of_frame_module_layer_sublayer_filter(model):
    trace = Trace()
    a_story(trace, 1)
    a_story(trace, 2)

    model.show(trace, 2, Names())

    sublayer = "sublayer {00000000-0000-0000-0000-0000000000a1}"
    assert outline(model) == [
        "1 Frame 2 · inbound · 60 bytes",
        "  2 2.0 enters module 802.3",
        "    3 56 INBOUND_MAC_FRAME_ETHERNET · 2.0",
        f"      4 {sublayer}",
        "        5 filter 1 (0x1)",
        "        6 filter 2 (0x2)",
        "        7 filter 2 (0x2) says block, hard",
        f"      8 {sublayer} says block",
        "    9 verdict at 56: block, hard",
        "  10 module 802.3 hands on nothing",
        "  11 frame 2 is done",
    ]


def test_what_the_cursor_has_not_reached_is_dim(model):
    trace = Trace()
    a_story(trace, 1)
    model.show(trace, 1, Names())

    model.set_cursor(5)

    cells = [model.index_of(seq).data(Role.CELL) for seq in (3, 4, 5)]
    assert cells == [
        Cell(text="sublayer {00000000-0000-0000-0000-0000000000a1}", secondary="rights: write", icon="stack"),
        Cell(text="filter 1 (0x1)", secondary="no match", mark="skipped", current=True),
        Cell(text="filter 2 (0x2)", secondary="all conditions true", icon="check", tone=Tone.DIM),
    ]


def test_the_current_step_is_where_the_cursor_stands(model):
    trace = Trace()
    a_story(trace, 1)
    model.show(trace, 1, Names())

    model.set_cursor(5)

    assert (model.seq(model.current()), model.current().parent() == model.index_of(3)) == (4, True)


def test_a_story_grows_step_by_step_as_if_it_had_been_whole(model):
    whole, growing = Trace(), Trace()
    a_story(whole, 1)
    model.show(growing, 1, Names())

    for seq in range(len(whole)):
        record = whole[seq]
        growing.append(record.event, record.frame, record.time_ns, record.irql)
        model.grow()

    seen = outline(model)
    model.show(whole, 1, Names())
    assert seen == outline(model)


def test_records_of_other_frames_are_not_in_the_tree(model):
    trace = Trace()
    a_story(trace, 1)
    a_story(trace, 2)

    model.show(trace, 1, Names())

    assert (model.count, model.index_of(11).isValid(), model.index_of(-1).isValid()) == (11, False, False)


def test_a_tooltip_names_span_time_and_kind(model):
    trace = Trace()
    a_story(trace, 1)
    model.show(trace, 1, Names())

    tip = model.index_of(2).data(Qt.ItemDataRole.ToolTipRole)

    assert tip.splitlines() == [
        "56 INBOUND_MAC_FRAME_ETHERNET · 1.0",
        "0 fields",
        "events 3–8 · 0.001 ms · PASSIVE_LEVEL · ClassifyBegan",
    ]


def test_the_scrubber_gets_tall_ticks_for_verdicts_and_names_for_phases(model):
    trace = Trace()
    a_story(trace, 1)
    model.show(trace, 1, Names())

    assert [tick for tick in model.ticks(0, 11) if tick[2]] == [(8, "block", True), (10, "block", True)]
    assert model.phases(0, 11) == [(2, "1.0 at 56"), (10, "done")]
    assert (len(StepTexts(model)), StepTexts(model)[9]) == (11, "module 802.3 hands on nothing")


@pytest.mark.parametrize(
    ("event", "tick"),
    [
        (ev.ClassifyEnded(56, (), "FWP_ACTION_PERMIT", False, None, False, False), ("permit", True)),
        (ev.ClassifyEnded(56, (), "FWP_ACTION_BLOCK", True, FilterId(1), True, False), ("absorb", True)),
        (ev.InjectCompleted(1, 1, (), (0,), 0, True, "f", "d"), ("permit", True)),
        (ev.InjectCompleted(1, 1, (), (0, 0xC0000001), 0, True, "f", "d"), ("error", True)),
        (ev.FrameReentered(1, 57, ()), ("inject", True)),
        (ev.RuleBroken("M48", "W", "x"), ("warn", True)),
        (ev.RuleBroken("M06", "E", "x"), ("error", True)),
        (ev.HandleClosed("H"), ("plain", False)),
    ],
)
def test_a_tick_is_tall_where_something_was_decided(event, tick):
    assert tick_of(event) == tick


def test_a_reentry_is_a_phase():
    assert phase_of(ev.FrameReentered(7, 57, ("12.1",))) == "12.1 re-enters 57"


def test_every_icon_is_there(qapp):
    names = {*ICONS.values(), icon_of(ev.FilterTested(FilterId(1))), icon_of(ev.HandleClosed("H1"))}

    files = {name: resource("icons", f"{theme().look.icons.get(name, name)}.svg") for name in names}

    assert [name for name, path in files.items() if not path.is_file()] == []
