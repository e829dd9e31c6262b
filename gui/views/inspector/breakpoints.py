"""The breakpoints: switched on and off, added by kind, removed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QStackedLayout,
    QStyle,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from engine.debugger.breakpoints import KINDS, VERDICTS, Breakpoint
from engine.wfp.layers import LAYERS
from gui.models.breakpoints import ENABLED, TEXT, BreakpointsModel
from gui.models.scripts.callout_source import parse_line
from gui.theme import keep_icon, theme
from gui.views.policy.form_parts import fill_combo, make_combo
from gui.views.refresher import Refresher
from gui.widgets.cell import cell_of
from gui.widgets.controls import make_button, make_field, make_tool, set_field_state
from gui.widgets.empty_state import EmptyState
from gui.widgets.row_delegate import RowDelegate
from gui.widgets.rows import RowTable

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge

Offer = tuple[str, object]
"""A text and the value it stands for."""

FRAME, FILTER, CALLOUT, VERDICT, LINE, VALUE = KINDS
TYPED = {FRAME: "frame number", LINE: "script.py:41"}


class BreakpointsPanel(QWidget):
    """The list, and below it a line that adds one."""

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.model = BreakpointsModel(self)
        self.table = self._make_table()
        self.kind = make_combo("Kind of breakpoint")
        fill_combo(self.kind, [(one.capitalize(), one) for one in KINDS if one != VALUE], FRAME)
        self.number = make_field(TYPED[FRAME], mono=True)
        self.target = make_combo("Where to stop")
        self.action = make_combo("Verdict")
        fill_combo(self.action, [(one, one) for one in VERDICTS], VERDICTS[0])
        self.add = make_button("Add", "normal", "add")
        self.remove = QAction("Remove the breakpoint", self)
        self.remove.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        self.remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.table.addAction(self.remove)
        keep_icon(self.remove, "delete", size=14)
        self._pages = QStackedLayout()
        self._pages.addWidget(EmptyState(
            "breakpoint", "No breakpoint", "Continue then runs to the end. F9 sets one on what is in focus."))
        self._pages.addWidget(self.table)
        self._lay_out()
        self._connect()
        self._refresh()

    def _make_table(self) -> RowTable:
        table = RowTable(self)
        table.setModel(self.model)
        table.setAccessibleName("Breakpoints")
        table.setItemDelegateForColumn(ENABLED, CheckDelegate(table))
        header = table.horizontalHeader()
        header.setMinimumSectionSize(28)
        for column in range(self.model.columnCount()):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(ENABLED, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(ENABLED, 30)
        header.setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
        return table

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.kind)
        for part in (self.number, self.target, self.action):
            line.addWidget(part, 1)
        line.addWidget(self.add)
        line.addWidget(make_tool(self.remove))
        bottom = QVBoxLayout()
        bottom.setContentsMargins(8, 6, 8, 8)
        bottom.addLayout(line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._pages, 1)
        layout.addLayout(bottom)
        self._offer()

    def _connect(self) -> None:
        bridge = self._bridge
        refresher = Refresher(self, self._refresh)
        for signal in (bridge.session_changed, bridge.breakpoints_changed, bridge.running_changed):
            signal.connect(refresher.ask)
        self.model.switched.connect(self._switch)
        self.kind.activated.connect(self._offer)
        self.add.clicked.connect(self._add)
        self.number.returnPressed.connect(self._add)
        self.number.textEdited.connect(self._show_state)
        self.remove.triggered.connect(self._remove)
        self.table.doubleClicked.connect(self._go)
        self.table.selectionModel().currentChanged.connect(self._show_state)

    # --- facts -----------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        session = self._bridge.session
        self.model.show(None if session is None else session.breakpoints, None if session is None else session.policy)
        self._pages.setCurrentIndex(int(self.model.rowCount() > 0))
        self._offer()

    @Slot()
    def _offer(self) -> None:
        """Offer what the kind can stop at."""
        kind, session = self.kind.currentData(), self._bridge.session
        self.number.setVisible(kind in TYPED)
        self.number.setPlaceholderText(TYPED.get(kind, ""))
        self.number.setAccessibleName("Frame number" if kind == FRAME else "Script and line")
        self.target.setVisible(kind not in TYPED)
        self.action.setVisible(kind == VERDICT)
        if kind == VERDICT:
            layers: list[Offer] = [("any layer", None), *((f"{one.id} {one.short_name}", one.id) for one in LAYERS)]
            fill_combo(self.target, layers, self._kept(layers))
        elif kind not in TYPED:
            offered: list[Offer] = []
            if session is not None and kind == FILTER:
                offered += [(one.name, key) for key, one in session.policy.filters.items()]
            elif session is not None:
                offered += [(one.name, key) for key, one in session.policy.callouts.items()]
            offered = offered or [("none in this policy", None)]
            fill_combo(self.target, offered, self._kept(offered))
        self._show_state()

    def _kept(self, offered: list[Offer]) -> object:
        """What is chosen, if it is offered still; else the first."""
        now = self.target.currentData()
        return now if any(value == now for _, value in offered) else offered[0][1]

    @Slot()
    def _show_state(self) -> None:
        self.add.setEnabled(self._wanted() is not None and self._bridge.session is not None)
        self.remove.setEnabled(self.table.currentIndex().isValid())
        typed = self.number.text().strip() if self.kind.currentData() in TYPED else ""
        set_field_state(self.number, "error" if typed and self._wanted() is None else "plain")

    # --- wishes ----------------------------------------------------------------------------------------------------

    def _wanted(self) -> Breakpoint | None:
        """The breakpoint that the line describes."""
        kind, target = self.kind.currentData(), self.target.currentData()
        match kind:
            case "frame":
                typed = self.number.text().strip()
                return Breakpoint(kind=FRAME, number=int(typed)) if _is_number(typed) else None
            case "line":
                place = parse_line(self.number.text().strip())
                return None if place is None else Breakpoint(kind=LINE, script=place.file, line=place.line)
            case "filter":
                return None if target is None else Breakpoint(kind=FILTER, filter=target)
            case "callout":
                return None if target is None else Breakpoint(kind=CALLOUT, callout=target)
            case _:
                return Breakpoint(kind=VERDICT, layer=target, action=self.action.currentData())

    @Slot()
    def _add(self) -> None:
        session, wanted = self._bridge.session, self._wanted()
        if session is not None and wanted is not None and wanted not in session.breakpoints:
            self._bridge.toggle_breakpoint(wanted)
            self.number.clear()
            self._show_state()

    @Slot()
    def _remove(self) -> None:
        row = self.table.currentIndex().row()
        if row >= 0:
            self._bridge.toggle_breakpoint(self.model.point(row))

    @Slot(object, bool)
    def _switch(self, point: Breakpoint, enabled: bool) -> None:
        self._bridge.set_breakpoint(replace(point, enabled=enabled))

    @Slot(QModelIndex)
    def _go(self, index: QModelIndex) -> None:
        """Look at what the breakpoint names."""
        point, session = self.model.point(index.row()), self._bridge.session
        if point.number is not None:
            self._bridge.select_frame(point.number)
        elif point.filter is not None and session is not None and point.filter in session.policy.filters:
            self._bridge.set_focus(filter=session.policy.filters[point.filter].id)


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and 0 < int(text) < 2**63


class CheckDelegate(RowDelegate):
    """A check box on the ground of our rows."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.paint_ground(painter, option, index, cell_of(index), theme())
        box = QStyleOptionViewItem(option)
        self.initStyleOption(box, index)
        widget = self.parent()
        if isinstance(widget, QWidget):
            style = widget.style()
            box.rect = style.subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, box, widget)
            box.state &= ~QStyle.StateFlag.State_HasFocus
            is_on = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
            box.state |= QStyle.StateFlag.State_On if is_on else QStyle.StateFlag.State_Off
            style.drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck, box, painter, widget)
