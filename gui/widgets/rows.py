"""Tables and trees dressed in our rows."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyleOptionViewItem,
    QTableView,
    QTreeView,
    QWidget,
)

from gui.theme import icon_pixmap, theme, theme_manager
from gui.widgets.cell import cell_of
from gui.widgets.row_delegate import RowDelegate
from gui.widgets.row_hover import RowHover

CHEVRON = 12


def dress_rows(view: QTableView | QTreeView) -> RowDelegate:
    """Give `view` the row delegate, hover by row, selection by row and the header of the look; return the delegate."""
    delegate = RowDelegate(view, RowHover(view))
    view.setItemDelegate(delegate)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    header = view.horizontalHeader() if isinstance(view, QTableView) else view.header()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setFixedHeight(theme().size.header_row)
    header.setHighlightSections(False)
    if isinstance(view, QTableView):
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setCornerButtonEnabled(False)
        view.verticalHeader().hide()
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.verticalHeader().setMinimumSectionSize(theme().size.row_compact)
        view.verticalHeader().setDefaultSectionSize(theme_manager().row_height)
    else:
        view.setUniformRowHeights(True)
    return delegate


class RowTable(QTableView):
    """A table of our rows; its row height follows the density."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dress_rows(self)
        # Tab leaves the table: cells are no fields.
        self.setTabKeyNavigation(False)
        theme_manager().changed.connect(self._on_look_changed)

    @Slot()
    def _on_look_changed(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme_manager().row_height)


class RowTree(QTreeView):
    """A tree of our rows: the ground runs under the branches, and the chevrons are Lucide's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = dress_rows(self)
        self.setIndentation(16)
        theme_manager().changed.connect(self.doItemsLayout)

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        look = theme()
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        option.rect = rect
        if self.selectionModel().isSelected(index):
            option.state |= QStyle.StateFlag.State_Selected
        self._rows.paint_ground(painter, option, index, cell_of(index), look)
        if self.model().hasChildren(index):
            name = "chevron-down" if self.isExpanded(index) else "chevron-right"
            scale = painter.deviceTransform().m11()
            chevron = icon_pixmap(look, name, look.text.secondary, CHEVRON, scale)
            box = QRectF(rect.right() - self.indentation() + 3, rect.center().y() - CHEVRON / 2 + 1, CHEVRON, CHEVRON)
            painter.drawPixmap(box.topLeft(), chevron)
