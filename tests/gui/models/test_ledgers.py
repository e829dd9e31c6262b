"""The rows of the ledgers: what they say, where they lead, and that a refresh leaves in place what has not changed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.classify.options import EngineOptions
from engine.ndis.snapshot import NblId
from engine.report.ledgers.nbl_log import nbl_log
from engine.report.ledgers.pending import pending
from engine.report.ledgers.pool_rows import pool_rows
from engine.trace import events as ev
from engine.trace.folding import apply
from engine.trace.world import World
from gui.models.ledgers.model import MOST_ROWS, LedgerModel, LedgerRow
from gui.models.ledgers.rows import LOG, PENDING, POOLS, balance_text, log_rows, pending_rows, pool_lines
from gui.widgets.cell import Cell
from gui.widgets.roles import Role
from tests.builders.engines import Run
from tests.builders.frames import sent
from tests.builders.injections import injecting

KEEPS = """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        self.made = self.copy(fwps, b"x" * 60)
        out.absorb()
"""


def a_model(columns: tuple[str, ...]) -> LedgerModel:
    model = LedgerModel(columns)
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return model


def texts(model: LedgerModel) -> list[list[str]]:
    return [[model.index(row, column).data() for column in range(model.columnCount())]
            for row in range(model.rowCount())]


def kept(folder: Path) -> tuple[Run, World]:
    """A driver that keeps a frame and a copy of it; the world as the run's last frame comes in."""
    run = injecting(folder, KEEPS, anchors=False).run(sent(1), sent(2, time_ns=2_000_000_000))
    world = World()
    for record in run.records:
        apply(world, record)
        if isinstance(record.event, ev.FrameEntered) and record.event.number == 2:
            break
    return run, world


def test_pending_rows_say_who_why_how_long_and_where(qapp, tmp_path):
    run, world = kept(tmp_path)
    model = a_model(PENDING)
    found = pending(world.nbls, world.since, world.pools.references, world.time_ns)
    model.show(pending_rows(found, EngineOptions()))
    line, made = run.of(ev.NblAllocated)[0].line, run.of(ev.NblAllocated)[0].nbl

    told = {row[0]: row[1:4] for row in texts(model)}
    assert told == {made: ["driver", "allocated, not injected or freed", "1\u00a0s"],
                    "1.0": ["driver", "absorbed, waits for 1 reference", "1\u00a0s"],
                    "2.0": ["protocol", "on its way", "0\u00a0ns"]}
    place = model.row_of(NblId(made))
    assert texts(model)[place][4] == line
    assert model.index(place, 2).data(Role.CELL).mark == "warn"  # older than a second (CH-36)
    assert model.row(place).seq == next(r.seq for r in run.records if isinstance(r.event, ev.NblAllocated))


def test_what_is_stuck_is_marked_from_level_2_on(qapp, tmp_path):
    _, world = kept(tmp_path)
    found = pending(world.nbls, world.since, world.pools.references, world.time_ns)

    marks = {level: {row.cells[2].mark for row in pending_rows(found, EngineOptions(recording_level=level))}
             for level in "123"}
    assert marks == {"1": {None}, "2": {None, "warn"}, "3": {None, "warn"}}


def test_a_pool_stands_above_the_lines_that_allocate_from_it(qapp, tmp_path):
    run, world = kept(tmp_path)
    model = a_model(POOLS)
    model.show(pool_lines(pool_rows(world.pools, world.nbls)))
    line, made = run.of(ev.NblAllocated)[0].line, run.of(ev.NblAllocated)[0].nbl

    rows = texts(model)
    place = next(number for number, row in enumerate(rows) if row[0] == "pool1")
    assert rows[place][1:5] == ["driver", "1", "1", "in use"]
    assert rows[place + 1][0].strip() == line
    assert (model.row(place + 1).nbl, rows[place + 1][4]) == (made, made)


def test_the_log_counts_what_is_taken_and_given_back(qapp, tmp_path):
    run, world = kept(tmp_path)
    model = a_model(LOG)
    found = nbl_log(run.trace, world, NblId("1.0"))
    model.show(log_rows(found))

    taken = next(row for row in texts(model) if row[2] == "Referenced")
    assert taken[:6] == ["1.0", "DPC", "Referenced", "to modify it", "driver", "1"]
    assert balance_text(found) == "driver holds 1"
    assert balance_text([]) == "nobody holds it"


def line(nbl: str, text: str = "", seq: int = 1) -> LedgerRow:
    return LedgerRow(cells=(Cell(text=nbl), Cell(text=text)), seq=seq, nbl=NblId(nbl))


def test_a_refresh_keeps_what_is_the_same_and_never_resets(qapp):
    model = a_model(("NBL", "Text"))
    changes: list[tuple[str, int, int]] = []
    model.rowsInserted.connect(lambda _, first, last: changes.append(("in", first, last)))
    model.rowsRemoved.connect(lambda _, first, last: changes.append(("out", first, last)))
    model.dataChanged.connect(lambda first, last: changes.append(("changed", first.row(), last.row())))
    model.modelReset.connect(lambda: changes.append(("reset", 0, 0)))

    model.show([line("1.0"), line("2.0")])
    model.show([line("1.0", "older"), line("2.0"), line("3.0")])
    model.show([line("1.0", "older"), line("3.0")])

    assert changes == [("in", 0, 1), ("changed", 0, 0), ("in", 2, 2), ("out", 1, 2), ("in", 1, 1)]
    assert [model.row(number).nbl for number in range(model.rowCount())] == ["1.0", "3.0"]


def test_as_many_rows_are_shown_as_the_kernel_debugger_shows_and_the_rest_is_counted(qapp):
    model = a_model(("NBL", "Text"))
    model.show([line(f"{number}.0") for number in range(MOST_ROWS + 5)])

    assert (model.rowCount(), model.left_out) == (MOST_ROWS, 5)
    assert model.headerData(0, Qt.Orientation.Horizontal) == "NBL"
    assert (model.row(-1), model.row(MOST_ROWS), model.row_of(None)) == (None, None, None)
    assert model.text(3) == "3.0\t"
