"""The tree of the policy with its search field; it shows and selects, and edits nothing."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedLayout, QVBoxLayout, QWidget

from engine.wfp.types import FilterId, Guid
from gui.models.policy.cells import HITS, NAME, WEIGHT
from gui.models.policy.rows import CalloutRow, FilterRow, ProviderRow, Row, SublayerRow
from gui.models.policy.tree import PolicyTreeModel
from gui.theme import theme
from gui.widgets.command_field import IconField
from gui.widgets.empty_state import EmptyState
from gui.widgets.rows import RowTree
from gui.widgets.text import text_width

INDENTATION = 13
LOW = 300
"""Below this height the search field gives its room to two more rows; Find brings it."""


class PolicyTree(QWidget):
    """Provider › sublayer › filter, everything open until the user closes it."""

    searched = Signal(str)
    chosen = Signal(object)
    """The row the user went to: FilterRow, SublayerRow or ProviderRow."""
    activated = Signal(object)
    """Double click or Enter on a row."""
    toggled = Signal(object)
    """Space on a filter or a callout."""
    removed = Signal(object)
    """Delete."""
    menu_wanted = Signal(object, object)
    """A row (or None), and the global position."""

    def __init__(self, model: PolicyTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._closed: set[tuple[str, Guid | None]] = set()
        self._is_quiet = False
        self.search = IconField("find", "name, id, field, GUID")
        self.search.setToolTip("Name, id in decimal or hexadecimal, field, callout or GUID")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.searched)
        self.tree = _Tree(self)
        self._dress_tree()
        self.nothing = EmptyState("policy", "No filter here", "A frame that meets no filter is permitted (C3).")
        self.missed = EmptyState("find", "Nothing found", "No filter has these letters or this id.")
        self._pages = QStackedLayout()
        for page in (self.tree, self.nothing, self.missed):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.setSpacing(0)
        self._field = QWidget()
        field = QVBoxLayout(self._field)
        field.setContentsMargins(8, 0, 8, 6)
        field.addWidget(self.search)
        layout.addWidget(self._field)
        layout.addLayout(self._pages, 1)
        self.search.editingFinished.connect(self._show_field)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        self._kept: Guid | None = None

    def open_search(self) -> None:
        """Put the cursor into the search field, which a low tree does not show by itself."""
        self._field.show()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _show_field(self) -> None:
        self._field.setVisible(self.height() >= LOW or bool(self.search.text()) or self.search.hasFocus())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_field()

    def current_row(self) -> Row | None:
        return self.model.row_at(self.tree.currentIndex())

    def select(self, key: Guid) -> None:
        """Go to a filter without telling anybody."""
        self._go(self.model.index_of(key))

    def select_id(self, id_: FilterId) -> None:
        self._go(self.model.index_of_id(id_))

    def keep_in_sight(self, id_: FilterId) -> None:
        """Scroll to the filter under test, whatever is selected."""
        index = self.model.index_of_id(id_)
        if index.isValid():
            self.tree.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def show_page(self) -> None:
        """Tree, or why there is none."""
        found = self.model.rowCount() > 0
        self._pages.setCurrentWidget(self.tree if found else self.missed if self.search.text() else self.nothing)

    def _dress_tree(self) -> None:
        tree = self.tree
        tree.setModel(self.model)
        tree.setIndentation(INDENTATION)
        tree.setAccessibleName("Policy")
        tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.setExpandsOnDoubleClick(False)
        tree.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        tree.setDropIndicatorShown(True)
        tree.setAutoExpandDelay(600)
        header = tree.header()
        # As in look/step-dark.png: three columns that explain themselves.
        header.hide()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(30)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, widest in ((WEIGHT, "15 · auto"), (HITS, "40 031")):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, round(text_width(theme().fonts["table"], widest)) + 16)
        tree.customContextMenuRequested.connect(self._open_menu)
        tree.doubleClicked.connect(self._on_double_click)
        tree.selectionModel().currentChanged.connect(self._on_current)
        tree.keyed.connect(self._on_key)

    def _go(self, index: QModelIndex) -> None:
        if index.isValid() and index != self.tree.currentIndex():
            self._is_quiet = True
            self.tree.setCurrentIndex(index)
            self._is_quiet = False
            self.tree.scrollTo(index)

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, current: QModelIndex, _: QModelIndex) -> None:
        row = self.model.row_at(current)
        if row is not None and not self._is_quiet:
            self.chosen.emit(row)

    @Slot(QModelIndex)
    def _on_double_click(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        is_weight = isinstance(row, SublayerRow) and index.column() == WEIGHT
        if is_weight and self.model.flags(index) & Qt.ItemFlag.ItemIsEditable:
            self.tree.edit(index)
        elif row is not None:
            self.activated.emit(row)

    @Slot(int)
    def _on_key(self, key: int) -> None:
        row = self.current_row()
        if row is None:
            return
        if key == Qt.Key.Key_Delete:
            self.removed.emit(row)
        elif key != Qt.Key.Key_Space:
            self.activated.emit(row)
        elif isinstance(row, FilterRow | CalloutRow):
            self.toggled.emit(row)

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        index = self.tree.indexAt(place)
        where = self.tree.viewport().mapToGlobal(place)
        self.menu_wanted.emit(self.model.row_at(index), where)

    @Slot()
    def _remember(self) -> None:
        row = self.current_row()
        self._kept = row.key if isinstance(row, FilterRow) else None
        self._closed = set()
        for index in self._branches():
            value = self.model.row_at(index)
            if value is not None and not self.tree.isExpanded(index):
                self._closed.add((type(value).__name__, _place_of(self.model, index)))

    @Slot()
    def _restore(self) -> None:
        for index in self._branches():
            value = self.model.row_at(index)
            closed = (type(value).__name__, _place_of(self.model, index)) in self._closed
            self.tree.setExpanded(index, not closed)
        if self._kept is not None:
            self.select(self._kept)
        self.show_page()

    def _branches(self) -> list[QModelIndex]:
        """Providers and sublayers."""
        roots = [self.model.index(row, 0) for row in range(self.model.rowCount())]
        return [*roots, *(self.model.index(row, 0, root) for root in roots for row in range(self.model.rowCount(root)))]


def _place_of(model: PolicyTreeModel, index: QModelIndex) -> Guid | None:
    """What tells a branch from the others: its own key, with its provider's for a sublayer."""
    value = model.row_at(index)
    if isinstance(value, ProviderRow) or value is None:
        return None if value is None else value.key
    above = model.row_at(index.parent())
    return Guid(f"{None if above is None else above.key}/{value.key}")


class _Tree(RowTree):
    """Hands on the keys that mean something for a row."""

    keyed = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if plain and key in (Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keyed.emit(key)
            return
        super().keyPressEvent(event)
