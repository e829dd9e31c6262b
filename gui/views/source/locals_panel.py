"""Beside the source: which function runs, its locals, and watched expressions."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QHeaderView, QMenu, QSizePolicy, QVBoxLayout, QWidget

from engine.debugger.expressions import ExpressionError, Names, parse_expression
from engine.trace.script_state import ScriptState
from gui.models.scripts.locals import NAME, VALUE, LocalsModel
from gui.theme import keep_icon
from gui.widgets.controls import make_field, make_label, set_field_state
from gui.widgets.rows import RowTable

NAME_WIDTH = 132
NOTHING = "No line of a script runs here."


class LocalsPanel(QWidget):
    """What has changed is lit. Delete takes a watched expression away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = LocalsModel(self)
        self.where = make_label(NOTHING, "small", "secondary")
        self.where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.where.setContentsMargins(8, 4, 8, 4)
        self.table = RowTable(self)
        self.table.setModel(self.model)
        self.table.setAccessibleName("Locals and watched expressions")
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(NAME, NAME_WIDTH)
        header.setSectionResizeMode(VALUE, QHeaderView.ResizeMode.Stretch)
        self.watch = make_field("watch an expression", mono=True)
        self.watch.setAccessibleName("Watch an expression")
        self.problem = make_label("", "small", "error")
        self.problem.setWordWrap(True)
        self.problem.setContentsMargins(8, 0, 8, 2)
        self.problem.hide()
        self._remove = QAction("Do not watch it any more", self)
        self._remove.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        self._remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        keep_icon(self._remove, "delete", size=14)
        self.table.addAction(self._remove)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.where, self.table, self.watch, self.problem):
            column.addWidget(part)
        self.watch.returnPressed.connect(self._add)
        self.watch.textEdited.connect(self._forget_problem)
        self._remove.triggered.connect(self._take_away)
        self.table.customContextMenuRequested.connect(self._open_menu)

    def show_state(self, state: ScriptState | None, names: Names, callers: list[str]) -> None:
        """Show a moment; `callers` are the functions of the script above the one that runs, innermost first."""
        self.model.show(state, names)
        text = NOTHING if state is None else " ← ".join([state.function, *callers])
        self.where.setText(text)
        self.where.setToolTip("" if state is None else text)

    @Slot()
    def _add(self) -> None:
        try:
            self.model.add_watch(parse_expression(self.watch.text()))
        except ExpressionError as error:
            self.problem.setText(str(error))
            self.problem.show()
            set_field_state(self.watch, "error")
            return
        self.watch.clear()
        self._forget_problem()

    @Slot()
    def _forget_problem(self) -> None:
        self.problem.hide()
        set_field_state(self.watch, "plain")

    @Slot()
    def _take_away(self) -> None:
        self.model.remove_watch(self.table.currentIndex().row())

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        if not index.isValid():
            return
        name, text = (index.siblingAtColumn(column).data() for column in (NAME, VALUE))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if index.row() < len(self.model.watches):
            menu.addAction(self._remove)
        else:
            menu.addAction("Watch it", lambda: self.model.add_watch(parse_expression(name)))
        menu.addAction("Copy", lambda: QGuiApplication.clipboard().setText(f"{name} = {text}"))
        menu.popup(self.table.viewport().mapToGlobal(place))
