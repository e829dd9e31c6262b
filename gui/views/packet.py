"""Packet and bytes: the focused NBL taken apart, beside its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.ndis.snapshot import NblId
from gui.models.packet.bytes_shown import ShownBytes, captured_bytes, nbl_bytes
from gui.models.packet.dissection import Dissection
from gui.models.packet.dissector import Dissector, Wish
from gui.models.packet.origins import origin_line
from gui.models.packet.tree import Column, PacketModel
from gui.views.origin_strip import OriginStrip
from gui.views.refresher import Refresher
from gui.views.thing_menu import Thing, add_thing_entries, make_menu
from gui.widgets.controls import make_label
from gui.widgets.empty_state import EmptyState
from gui.widgets.hex_view import HexView
from gui.widgets.rows import RowTree
from gui.widgets.text import thousands

if TYPE_CHECKING:
    from engine.debugger.session import DebugSession
    from gui.session_bridge.bridge import SessionBridge

NARROW = 760
"""Below this width, in logical pixels, the bytes stand under the fields."""
ROOMY = 900
"""From this width on, there is room for the fields' places beside their values."""
INDENTATION = 13


class PacketView(QWidget):
    """A field selected lights its bytes; bytes selected select the innermost field that holds them."""

    title = "Packet and bytes"
    icon = "bytes"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._shown: ShownBytes | None = None
        self._dissection: Dissection | None = None
        self._path: tuple[str, ...] = ()
        self._is_telling = False
        self._told: tuple[int, int] | None = None
        self.model = PacketModel(self)
        self.dissector = Dissector(self)
        self.tree = self._make_tree()
        self.hex = HexView()
        self.origin = OriginStrip()
        self._waiting = make_label("reading dissectors…", "small", "muted")
        self._refresher = Refresher(self, self._refresh)
        self._lay_out()
        for changed in (bridge.session_changed, bridge.cursor_moved, bridge.focus_changed):
            changed.connect(self._refresher.ask)
        self.dissector.done.connect(self._on_dissected)
        self.tree.selectionModel().currentChanged.connect(self._on_field_chosen)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        self.hex.range_selected.connect(self._on_bytes_chosen)
        self.hex.hovered.connect(self._show_origin)
        self.origin.wanted.connect(bridge.go_to)
        self._refresher.ask()

    def _make_tree(self) -> RowTree:
        tree = RowTree(self)
        tree.setModel(self.model)
        tree.setIndentation(INDENTATION)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.setAccessibleName("Fields of the packet")
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(Column.VALUE, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(Column.NAME, 100)
        header.resizeSection(Column.BYTES, 58)
        return tree

    def _lay_out(self) -> None:
        fields = QWidget()
        beside = QVBoxLayout(fields)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self._waiting, 0, Qt.AlignmentFlag.AlignHCenter)
        beside.addWidget(self.tree)
        self._waiting.setContentsMargins(0, 8, 0, 8)
        self._waiting.hide()
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.addWidget(fields)
        bytes_ = QWidget()
        below = QVBoxLayout(bytes_)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self.hex, 1)
        below.addWidget(self.origin)
        self._split.addWidget(bytes_)
        self._split.setChildrenCollapsible(False)
        self._split.setStretchFactor(0, 1)
        empty = EmptyState("bytes", "No frame chosen", "Choose a frame or an NBL: its fields and bytes are shown here.")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(empty)
        self._pages.addWidget(self._split)
        self.setFocusProxy(self.tree)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW
        self.tree.setColumnHidden(Column.BYTES, NARROW <= event.size().width() < ROOMY)
        self._split.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)
        if not narrow and not self._split.property("placed"):
            # Once: later the place of the handle is the user's.
            self._split.setProperty("placed", True)
            bytes_width = self.hex.sizeHint().width()
            self._split.setSizes([event.size().width() - bytes_width, bytes_width])

    # --- facts in ------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Show what the focus is on, as the cursor sees it."""
        shown = self._find_bytes()
        if shown != self._shown:
            is_other = shown is not None and (self._shown is None or shown.title != self._shown.title)
            self._shown = shown
            self._show_bytes()
            if shown is not None and is_other:
                self.hex.show_from(shown.base)  # not from the backfill, of which there may be much
        self._pages.setCurrentIndex(0 if shown is None else 1)
        self._follow_bytes()
        self._show_origin()
        self.subtitle_changed.emit(self.subtitle())

    def _find_bytes(self) -> ShownBytes | None:
        session, focus, world = self._bridge.session, self._bridge.focus, self._bridge.world
        if session is None or focus.frame is None:
            return None
        nbl = focus.nbl or NblId(f"{focus.frame}.0")
        if nbl in world.nbls:
            link_type, ether_type = _types(session, focus.frame)
            shown = nbl_bytes(world, session.trace, nbl, link_type=link_type, ether_type=ether_type)
            if shown is not None:
                return shown
        try:
            return captured_bytes(session.frame(focus.frame))
        except (IndexError, EngineError):
            # Not indexed yet, no longer held (live), or the file has changed: there are no bytes to show.
            return None

    def _show_bytes(self) -> None:
        shown = self._shown
        if shown is None:
            self.hex.set_bytes(b"")
            self.model.show(Dissection((), 0))
            return
        self.hex.set_bytes(shown.data, 0, shown.used)
        self.hex.highlight(list(shown.own), "own")
        self.hex.highlight(list(shown.changed), "changed")
        self.dissector.ask(shown.wish)
        self._waiting.setVisible(self.dissector.is_busy and self._dissection is None)

    @Slot(object, object)
    def _on_dissected(self, wish: Wish, dissection: Dissection) -> None:
        if self._shown is None or wish != self._shown.wish:
            return
        self._waiting.hide()
        self._dissection = dissection
        self._is_telling = True
        self.model.show(dissection)
        for row in range(self.model.rowCount()):
            self.tree.setFirstColumnSpanned(row, QModelIndex(), True)
            self.tree.expand(self.model.index(row, 0))
        kept = self.model.find_path(self._path)
        if kept.isValid():
            self.tree.setCurrentIndex(kept)
            self._light_field(kept)
        self._is_telling = False
        self._follow_bytes()

    def subtitle(self) -> str:
        """What the dock's title says: whose bytes, how many."""
        if self._shown is None:
            return ""
        start, end = self._shown.used
        changed = sum(b - a for a, b in self._shown.changed)
        told = f" · {changed} changed by this step" if changed else ""
        return f"{self._shown.title} · {thousands(end - start)} bytes{told}"

    # --- fields and bytes ----------------------------------------------------------------------------------------

    @Slot(QModelIndex)
    def _on_field_chosen(self, index: QModelIndex) -> None:
        if not index.isValid() or self._is_telling:
            return
        self._path = self.model.path_of(index.siblingAtColumn(0))
        self._light_field(index)
        span = self.model.part(index).span
        self._tell(span)

    def _light_field(self, index: QModelIndex) -> None:
        span = self.model.part(index).span
        base = self._shown.base if self._shown is not None else 0
        self.hex.select(0, 0)
        self.hex.highlight([(base + span[0], base + span[1])] if span is not None else [], "field")

    @Slot(int, int)
    def _on_bytes_chosen(self, start: int, end: int) -> None:
        base = self._shown.base if self._shown is not None else 0
        self._choose_field(start - base, end - base)
        self._tell((start - base, end - base) if start >= base else None)
        self._show_origin()

    @Slot(int)
    def _show_origin(self, hovered: int = -1) -> None:
        """Say where the byte under the mouse comes from, else those that are selected."""
        session, shown = self._bridge.session, self._shown
        start, end = (hovered, hovered + 1) if hovered >= 0 else self.hex.selection()
        if start == end and shown is not None and (wanted := self._bridge.focus.bytes) is not None:
            start, end = wanted[0] + shown.base, wanted[1] + shown.base
        self.origin.show_origin(
            None if session is None or shown is None
            else origin_line(session.trace, self._bridge.world, shown, start, end))

    def _choose_field(self, start: int, end: int) -> None:
        """Select the innermost field that holds the bytes, without lighting more than them."""
        if self._dissection is None:
            return
        found = self.model.index_at(self._dissection.path_to(start, end))
        if not found.isValid():
            return
        self._is_telling = True
        self._path = self.model.path_of(found)
        self.tree.setCurrentIndex(found)
        self.tree.scrollTo(found)
        self._is_telling = False

    def _follow_bytes(self) -> None:
        """Another view, or the history, points at bytes of the frame."""
        wanted = self._bridge.focus.bytes
        if self._shown is None or wanted is None or wanted == self._told:
            return
        base = self._shown.base
        self.hex.highlight([(base + wanted[0], base + wanted[1])], "field")
        self._choose_field(*wanted)

    def _tell(self, span: tuple[int, int] | None) -> None:
        # The focus comes back; it must not move what the user has just chosen.
        self._told = span
        self._bridge.set_focus(bytes=span)

    @Slot(QPoint)
    def _open_menu(self, point: QPoint) -> None:
        index = self.tree.indexAt(point)
        if not index.isValid() or self._shown is None:
            return
        part = self.model.part(index)
        octets = ""
        if part.span is not None:
            start, end = (self._shown.base + place for place in part.span)
            octets = self._shown.data[start:end].hex(" ")
        focus = self._bridge.focus
        menu = make_menu(self)
        add_thing_entries(menu, self._bridge, Thing(
            frame=focus.frame, nbl=focus.nbl, span=part.span, texts=(
                ("Value", part.value), ("Field", f"{part.name}: {part.value}".removesuffix(": ")), ("Bytes", octets))))
        menu.popup(self.tree.viewport().mapToGlobal(point))


def _types(session: DebugSession, number: int) -> tuple[int, int | None]:
    """Link type and EtherType of a frame; Ethernet and nothing known while its row has not been read."""
    place = number - session.rows[0].number if session.rows else 0
    if not 0 <= place < len(session.rows):
        return 1, None
    row = session.rows[place]
    return session.interfaces[row.interface].link_type, row.ether_type
