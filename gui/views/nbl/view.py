"""NBL chain: every NBL around the frame in focus, with its members, arrows, NET_BUFFER and MDLs to scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QMenu, QStackedLayout, QVBoxLayout, QWidget

from engine.ndis.snapshot import NblId
from gui.models.nbl.chain import ChainReader, Picture, made_at
from gui.models.nbl.members import changed_members, made_nbls
from gui.models.nbl.side import side_of
from gui.models.nbl.tree import NblTreeModel
from gui.theme import keep_icon
from gui.views.nbl.canvas import NblCanvas
from gui.views.nbl.legend import NblLegend
from gui.views.nbl.side_panel import LEAST_VIEW, SidePanel
from gui.views.refresher import Refresher
from gui.views.thing_menu import Thing, add_thing_entries
from gui.views.tree_page import TreePage
from gui.widgets.controls import make_label
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import Chip

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

OPENED_NBLS = 8
"""So many are shown with their members open."""
_EMPTY, _DRAWING, _TREE = range(3)


class NblChainView(QWidget):
    """A click on a box puts it in focus; "As a tree" shows the same in rows."""

    title = "NBL chain"
    icon = "nbl_chain"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._reader: ChainReader | None = None
        self._picture = Picture()
        self._subtitle = ""
        self.canvas = NblCanvas()
        self.legend = NblLegend()
        self.side = SidePanel()
        self.side.hide()
        self.model = NblTreeModel(self)
        self.tree = self._make_tree()
        self._chip = Chip("", "accent")
        self._when = make_label("", "small", "secondary")
        self.title_widgets: list[QWidget] = [self._chip, self._when]
        self.title_actions = self._make_actions()
        self._refresher = Refresher(self, self._refresh)
        self._lay_out()
        self._connect(bridge)
        self._on_session_changed()

    # --- building ------------------------------------------------------------------------------------------------

    def _make_tree(self) -> TreePage:
        tree = TreePage(self.model, "NBL chain as a tree", self)
        header = tree.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, 220)
        return tree

    def _make_actions(self) -> list[QAction]:
        self.tree_action = self.tree.wanted
        self.tree_action.toggled.connect(self._refresher_ask)
        zooms = (("Zoom in (+)", "add", self.canvas.zoom_in), ("Zoom out (-)", "minus", self.canvas.zoom_out),
                 ("Fit (0)", "run_to_here", self.canvas.fit))
        self.zoom_actions = []
        for text, icon_name, do in zooms:
            action = QAction(text, self)
            keep_icon(action, icon_name)
            action.triggered.connect(do)
            self.zoom_actions.append(action)
        self.stay_action = QAction("Stay here while stepping (F)", self)
        self.stay_action.setCheckable(True)
        keep_icon(self.stay_action, "pin")
        self.canvas.stay_wanted.connect(self.stay_action.toggle)
        return [*self.zoom_actions, self.stay_action, self.tree_action]

    def _lay_out(self) -> None:
        drawing = QWidget()
        column = QVBoxLayout(drawing)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        beside = QHBoxLayout()
        beside.setSpacing(0)
        beside.addWidget(self.canvas, 1)
        beside.addWidget(self.side)
        column.addLayout(beside, 1)
        column.addWidget(self.legend)
        empty = EmptyState(
            "nbl_chain", "No NBLs yet", "Step into a frame: its NET_BUFFER_LIST and every clone of it are drawn here.")
        self._pages = QStackedLayout(self)
        for page in (empty, drawing, self.tree):
            self._pages.addWidget(page)
        self._chip.hide()
        self._when.hide()

    def _connect(self, bridge: SessionBridge) -> None:
        bridge.session_changed.connect(self._on_session_changed)
        bridge.cursor_moved.connect(self._refresher.ask)
        bridge.focus_changed.connect(self._refresher.ask)
        self.canvas.scale_changed.connect(self.legend.show_scale)
        self.canvas.nbl_chosen.connect(self._choose)
        self.canvas.menu_wanted.connect(self._open_menu)
        self.side.step_wanted.connect(self._go_to_making)
        self.model.modelReset.connect(self._open_rows)
        self.tree.chosen.connect(self._on_row_chosen)
        self.tree.customContextMenuRequested.connect(self._open_row_menu)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        has_room = event.size().width() >= LEAST_VIEW
        if has_room == self.side.isHidden():
            self.side.setVisible(has_room)
            self._refresher.ask()

    # --- facts in ------------------------------------------------------------------------------------------------

    @Slot()
    def _refresher_ask(self) -> None:
        self._refresher.ask()

    @Slot()
    def _on_session_changed(self) -> None:
        session = self._bridge.session
        self._reader = None if session is None else ChainReader(session.trace)
        self._refresher.ask()

    @property
    def picture(self) -> Picture:
        return self._picture

    def subtitle(self) -> str:
        """`frame 12 · 2 NBLs`, for the dock's title."""
        return self._subtitle

    def _refresh(self) -> None:
        world, focus = self._bridge.world, self._bridge.focus
        frame = focus.frame or world.frame
        self._picture = self._reader.picture(world, frame) if self._reader is not None and frame else Picture()
        is_tree = self.tree_action.isChecked()
        if not self._picture.sights:
            self._pages.setCurrentIndex(_EMPTY)
        elif is_tree:
            self.model.show(self._picture)
            self._pages.setCurrentIndex(_TREE)
            self._show_row(focus.nbl)
        else:
            self._pages.setCurrentIndex(_DRAWING)
            if not self.side.isHidden():
                self.side.show_side(side_of(self._picture, world, focus.nbl))
            self.canvas.show_picture(self._picture, focus.nbl, self._payload(frame))
            if not self.stay_action.isChecked():
                self.canvas.follow(world.changed)
        for action in self.zoom_actions:
            action.setEnabled(not is_tree and bool(self._picture.sights))
        self._tell(frame)

    @Slot()
    def _open_rows(self) -> None:
        if self.model.rowCount() <= OPENED_NBLS:
            self.tree.expandToDepth(0)

    def _payload(self, frame: int) -> str:
        """`IPv4`: what follows the frame's MAC header."""
        session = self._bridge.session
        return session.rows[frame - 1].type_name if session is not None and 0 < frame <= len(session.rows) else ""

    def _show_row(self, nbl: NblId | None) -> None:
        if nbl is None or self.model.nbl(self.tree.currentIndex()) == nbl:
            return
        index = self.model.index_of(nbl)
        if index.isValid():
            self.tree.setCurrentIndex(index)
            self.tree.scrollTo(index)

    def _tell(self, frame: int) -> None:
        world, session = self._bridge.world, self._bridge.session
        changed, made = changed_members(world), made_nbls(world)
        is_near = session is not None and any(id_ in self._picture.sights for id_ in world.changed)
        parts = [_count(changed, "member") if changed else "", _count(made, "new NBL") if made else ""]
        text = " · ".join(part for part in parts if part)
        shown = bool(text) and is_near
        if session is not None and shown:
            step, _ = session.trace.place_in_frame(world.length - 1)
            self._chip.set_text(text)
            self._when.setText(f"changed by step {step}" if changed else f"by step {step}")
        self._chip.setVisible(shown)
        self._when.setVisible(shown)
        left = self._picture.family.left_out
        more = f" · {left} more are not drawn" if left else ""
        count = len(self._picture.sights)
        self._subtitle = f"frame {frame} · {_count(count, 'NBL')}{more}" if count else ""
        self.subtitle_changed.emit(self._subtitle)

    # --- wishes out ----------------------------------------------------------------------------------------------

    @Slot(str)
    def _choose(self, nbl: str) -> None:
        id_ = NblId(nbl)
        self._bridge.set_focus(frame=int(nbl.partition(".")[0]), nbl=id_)
        self._refresher.refresh_now()
        self.canvas.show_nbl(id_)

    @Slot(QModelIndex)
    def _on_row_chosen(self, index: QModelIndex) -> None:
        nbl = self.model.nbl(index)
        if nbl is not None:
            self._bridge.set_focus(frame=int(nbl.partition(".")[0]), nbl=nbl)

    @Slot(str)
    def _go_to_making(self, nbl: str) -> None:
        made = made_at(self._bridge.session.trace, NblId(nbl)) if self._bridge.session is not None else None
        if made is not None:
            self._bridge.go_to(made)

    @Slot(str, QPoint)
    def _open_menu(self, nbl: str, place: QPoint) -> None:
        self._menu(NblId(nbl), f"{nbl}").popup(place)

    @Slot(QPoint)
    def _open_row_menu(self, point: QPoint) -> None:
        index = self.tree.indexAt(point)
        nbl = self.model.nbl(index)
        if nbl is not None:
            self._menu(nbl, self.model.text(index)).popup(self.tree.viewport().mapToGlobal(point))

    def _menu(self, nbl: NblId, text: str) -> QMenu:
        """Entries for an NBL; `text` is what Copy takes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        session, sight = self._bridge.session, self._picture.sights.get(nbl)
        made = made_at(session.trace, nbl) if session is not None else None
        if made is not None:
            menu.addAction(f"Go to the step that made {nbl}", lambda: self._bridge.go_to(made))
        if sight is not None and sight.snapshot.parent is not None:
            parent = sight.snapshot.parent
            menu.addAction(f"Look at its parent {parent}", lambda: self._choose(parent))
        menu.addSeparator()
        members = "" if sight is None else "\n".join(f"{one.name}: {one.text()}" for one in sight.members)
        add_thing_entries(menu, self._bridge, Thing(
            nbl=nbl, texts=(("NBL", text), ("With members", f"{nbl}\n{members}"))))
        return menu


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
