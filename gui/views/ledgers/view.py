"""Who has which NBL: what is pending, what is out of each pool, and what has happened to the NBL in focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from engine.ndis.snapshot import NblId
from engine.report.describe.line import count_text
from engine.report.ledgers.find_nbl import find_nbls
from engine.report.ledgers.left_over import KEEPS_LOG, KEEPS_PENDING
from engine.report.ledgers.nbl_log import lineage_log, nbl_log
from engine.report.ledgers.pending import pending
from engine.report.ledgers.pool_rows import pool_rows
from gui.models.ledgers.model import LedgerModel
from gui.models.ledgers.rows import LOG, PENDING, POOLS, balance_text, log_rows, pending_rows, pool_lines
from gui.theme import keep_icon
from gui.views.refresher import Refresher
from gui.views.thing_menu import Thing, add_thing_entries, make_menu
from gui.widgets.command_field import IconField
from gui.widgets.empty_state import EmptyState
from gui.widgets.rows import RowTable
from gui.widgets.segmented import SegmentedControl

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

_PENDING, _POOLS, _LOG, _EMPTY = range(4)
LINEAGE = 3
"""The choice that shows the log of the whole lineage, in the same table."""
WIDTHS: dict[int, tuple[int, ...]] = {
    _PENDING: (98, 84, 0, 58, 124, 46), _POOLS: (172, 66, 64, 38, 0, 118), _LOG: (48, 38, 112, 0, 66, 46, 122, 46)}
"""Of the columns, in pixels; 0 takes the rest."""
WORDS = {
    _PENDING: ("Nothing is pending", "Every NBL is back where it came from, or freed."),
    _POOLS: ("No pool so far", "Pools appear when something is allocated from them."),
    _LOG: ("No NBL in focus", "Choose a frame, or an NBL in any view: what happened to it is listed here."),
}
OFF = ("Not recorded", "The engine option recording_level is {level}; from {least} on this is kept.")


class LedgerView(QWidget):
    """A double click or Enter goes to the step; a click on a pending NBL puts it into focus."""

    title = "Ledger"
    icon = "history"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._subtitle = ""
        self._followed = (_PENDING, 0)
        """What was chosen, and the cursor, as a row was last made the current one."""
        self.choice = SegmentedControl(("Pending", "Pools", "NBL log", "Lineage log"), "Ledger")
        self.finder = IconField("find", "Address or bytes", mono=True)
        self.finder.setFixedWidth(190)
        self.finder.setToolTip("Which NBL has this address (ffff8000`00410000) or these bytes (de ad be ef)?")
        self.models = [LedgerModel(columns, self) for columns in (PENDING, POOLS, LOG)]
        self.tables = [self._make_table(number) for number in (_PENDING, _POOLS, _LOG)]
        self._empty = EmptyState("history", *WORDS[_PENDING])
        self._pages = QStackedLayout()
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 4)
        bar.setSpacing(8)
        bar.addWidget(self.choice)
        bar.addStretch(1)
        bar.addWidget(self.finder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addLayout(self._pages, 1)
        for page in (*self.tables, self._empty):
            self._pages.addWidget(page)
        self._refresher = Refresher(self, self._refresh)
        for changed in (bridge.session_changed, bridge.cursor_moved, bridge.focus_changed, bridge.trace_grown):
            changed.connect(self._refresher.ask)
        self.choice.chosen.connect(self._refresher.ask)
        self.finder.returnPressed.connect(self.look_up)
        self.finder.textChanged.connect(lambda _: self.finder.set_note(""))
        self._refresher.ask()

    def subtitle(self) -> str:
        return self._subtitle

    def _make_table(self, number: int) -> RowTable:
        table = RowTable(self)
        table.setModel(self.models[number])
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setAccessibleName(("Pending NBLs", "Pools", "Log of the NBL in focus")[number])
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = table.horizontalHeader()
        for column, width in enumerate(WIDTHS[number]):
            if width:
                header.resizeSection(column, width)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        table.activated.connect(self._go)
        table.clicked.connect(self._focus)
        table.customContextMenuRequested.connect(self._open_menu)
        return table

    # --- facts in --------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        session, kind = self._bridge.session, self._kind()
        level = 0 if session is None else int(session.options.recording_level)
        least = KEEPS_LOG if kind == _LOG else KEEPS_PENDING
        if session is not None and level < least:
            self._say(OFF[0], OFF[1].format(level=level, least=least), f"recording level {level}")
            return
        subtitle = self._fill(kind) if session is not None else ""
        if not self.models[kind].rowCount():
            self._say(*WORDS[kind], subtitle)
            return
        left_out = self.models[kind].left_out
        self._pages.setCurrentIndex(kind)
        self._follow(kind)
        self._tell(f"{subtitle} · {left_out} more" if left_out else subtitle)

    def _fill(self, kind: int) -> str:
        """Show what there is; return what to say beside the title."""
        bridge, session = self._bridge, self._bridge.session
        assert session is not None, "the caller has looked"
        world = bridge.world
        if kind == _PENDING:
            found = pending(world.nbls, world.since, world.pools.references, world.time_ns)
            self.models[kind].show(pending_rows(found, session.options))
            return f"{len(found)} pending"
        if kind == _POOLS:
            pools = pool_rows(world.pools, world.nbls)
            self.models[kind].show(pool_lines(pools))
            return f"{count_text(sum(pool.out for pool in pools), 'object')} out · {count_text(len(pools), 'pool')}"
        if self.choice.current() == LINEAGE:
            frame = bridge.focus.frame or world.frame
            log = lineage_log(session.trace, world, frame) if frame else []
            self.models[kind].show(log_rows(log))
            return f"frame {frame} · {count_text(len({row.nbl for row in log}), 'NBL')}" if log else ""
        nbl = self._nbl()
        log = [] if nbl is None else nbl_log(session.trace, world, nbl)
        self.models[kind].show(log_rows(log))
        return f"{nbl} · {balance_text(log)}" if log else ""

    def _kind(self) -> int:
        return min(self.choice.current(), _LOG)

    def _nbl(self) -> NblId | None:
        """The NBL in focus, else the one that the last step has changed, else the frame's own."""
        bridge = self._bridge
        world, focus = bridge.world, bridge.focus
        if focus.nbl is not None:
            return focus.nbl
        frame = focus.frame or world.frame
        if not frame:
            return None
        changed = [nbl for nbl in world.changed if nbl.startswith(f"{frame}.")]
        return changed[-1] if changed else NblId(f"{frame}.0")

    def _follow(self, kind: int) -> None:
        """The row of the NBL in focus, or of the step that is shown, is the current one."""
        model, table = self.models[kind], self.tables[kind]
        before, self._followed = self._followed, (self.choice.current(), self._bridge.cursor)
        if before == self._followed == (LINEAGE, self._bridge.cursor):
            return  # a click in it has chosen an NBL, and its row stays the current one
        if kind == _LOG:
            current = model.rowCount() - 1  # the log ends at the step
        else:
            found = model.row_of(self._bridge.focus.nbl)
            current = table.currentIndex().row() if found is None else found
        if current != table.currentIndex().row():
            table.selectRow(current)

    def _say(self, line: str, sentence: str, subtitle: str) -> None:
        self._empty.say(line, sentence)
        self._pages.setCurrentIndex(_EMPTY)
        self._tell(subtitle)

    def _tell(self, subtitle: str) -> None:
        if subtitle != self._subtitle:
            self._subtitle = subtitle
            self.subtitle_changed.emit(subtitle)

    # --- wishes out ------------------------------------------------------------------------------------------------

    @Slot()
    def look_up(self) -> None:
        """Put the NBL that has the address or the bytes into focus; the field says how many have them."""
        found = find_nbls(self._bridge.world, self.finder.text())
        if not found:
            self.finder.set_note("no such text" if found is None else "in none", "error")
            return
        first = found[0]
        self.finder.set_note(f"{first.nbl} +{first.offset}" + (f" of {len(found)}" if len(found) > 1 else ""))
        self._bridge.set_focus(frame=_frame(first.nbl), nbl=first.nbl)

    @Slot(QModelIndex)
    def _go(self, index: QModelIndex) -> None:
        row = self.models[self._kind()].row(index.row())
        if row is not None and row.seq is not None:
            self._bridge.go_to(row.seq)

    @Slot(QModelIndex)
    def _focus(self, index: QModelIndex) -> None:
        row = self.models[self._kind()].row(index.row())
        if row is not None and row.nbl is not None and row.nbl != self._bridge.focus.nbl:
            self._bridge.set_focus(frame=_frame(row.nbl), nbl=row.nbl)

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        kind = self._kind()
        table, model = self.tables[kind], self.models[kind]
        number = table.indexAt(place).row()
        row = model.row(number)
        if row is None:
            return
        menu = make_menu(self)
        if (nbl := row.nbl) is not None:
            log = menu.addAction(f"Show the log of {nbl}")
            keep_icon(log, "history")
            log.triggered.connect(lambda: self.show_log(nbl))
        add_thing_entries(menu, self._bridge, Thing(seq=row.seq, nbl=nbl, texts=(("Row", model.text(number)),)))
        menu.popup(table.viewport().mapToGlobal(place))

    def show_log(self, nbl: NblId) -> None:
        """Turn to the log of an NBL."""
        self._bridge.set_focus(frame=_frame(nbl), nbl=nbl)
        self.choice.set_current(_LOG)
        self._refresher.ask()


def _frame(nbl: NblId) -> int | None:
    """The frame of its lineage; None for what was made outside of every frame."""
    return int(nbl.partition(".")[0]) or None
