"""The NBL chain as a tree, for those who read rather than look: NBLs, their members, NET_BUFFERs and MDLs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QModelIndex, Qt

from engine.ndis.snapshot import NblId, NetBufferSnapshot
from gui.models.nbl.chain import Picture, Sight
from gui.models.nbl.members import NULL, explain_member
from gui.models.node_tree import ROOT, Index, NodeTreeModel
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone

COLUMNS = ("NBL and member", "Value")


@dataclass(slots=True)
class Node:
    """One row."""

    name: str
    value: str
    nbl: NblId
    sight: Sight | None = None
    """Set for the row of an NBL itself."""
    is_changed: bool = False
    tooltip: str = ""
    parent: Node | None = None
    row: int = 0
    children: list[Node] = field(default_factory=list)

    def add(self, name: str, value: str, *, is_changed: bool = False, tooltip: str = "") -> Node:
        node = Node(name, value, self.nbl, None, is_changed, tooltip, self, len(self.children))
        self.children.append(node)
        return node

    def shape(self) -> tuple[Any, ...]:
        """What must be the same for rows to stay where they are."""
        return self.name, tuple(child.shape() for child in self.children)


class NblTreeModel(NodeTreeModel[Node]):
    """Shows a picture. While the rows stay the same, only values change, so that what is open stays open."""

    COLUMNS = COLUMNS

    def show(self, picture: Picture) -> None:
        tops = [_top(sight, row) for row, sight in enumerate(picture.sights.values())]
        if [one.shape() for one in tops] != [one.shape() for one in self._tops]:
            self.beginResetModel()
            self._tops = tops
            self.endResetModel()
            return
        for known, new in zip(self._tops, tops, strict=True):
            if self._take_over(known, new):
                index = self._index(known)
                self.dataChanged.emit(index, index.siblingAtColumn(1))

    def nbl(self, index: Index) -> NblId | None:
        """The NBL to which a row belongs."""
        return self._node(index).nbl if index.isValid() else None

    def index_of(self, nbl: NblId) -> QModelIndex:
        return next((self._index(node) for node in self._tops if node.nbl == nbl), ROOT)

    def text(self, index: Index) -> str:
        """A row as one line, for copying."""
        node = self._node(index)
        return f"{node.name}: {node.value}" if node.value else node.name

    # --- Qt ------------------------------------------------------------------------------------------------------

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self._node(index)
        match role:
            case Role.CELL:
                return _cell(node, index.column())
            case Qt.ItemDataRole.DisplayRole:
                return node.value if index.column() else node.name
            case Qt.ItemDataRole.ToolTipRole:
                return node.tooltip or None
            case Qt.ItemDataRole.AccessibleTextRole:
                return node.sight.words() if node.sight is not None else self.text(index)
        return None

    # --- inside --------------------------------------------------------------------------------------------------

    def _take_over(self, known: Node, new: Node) -> bool:
        """Take the values of a tree of the same shape; say whether the row itself is to be painted again."""
        differs = (known.value, known.is_changed, known.tooltip) != (new.value, new.is_changed, new.tooltip)
        is_other = known.sight is not None and new.sight is not None and known.sight != new.sight
        known.value, known.is_changed, known.tooltip, known.sight = new.value, new.is_changed, new.tooltip, new.sight
        changed = [child for child, other in zip(known.children, new.children, strict=True)
                   if self._take_over(child, other)]
        if changed:
            first, last = self._index(changed[0]), self._index(changed[-1])
            self.dataChanged.emit(first, last.siblingAtColumn(1))
        return differs or is_other



def _top(sight: Sight, row: int) -> Node:
    snapshot = sight.snapshot
    top = Node(str(snapshot.id), snapshot.state.value, snapshot.id, sight, sight.is_changed, sight.words(), None, row)
    for member in sight.members:
        top.add(member.name, member.text(), is_changed=member.is_changed,
                tooltip=explain_member(snapshot, member.name))
    for number, buffer in enumerate(snapshot.net_buffers, 1):
        _add_buffer(top, number, buffer, sight if number == 1 else None)
    if snapshot.origin:
        top.add("Allocated at", snapshot.origin)
    return top


def _add_buffer(top: Node, number: int, buffer: NetBufferSnapshot, sight: Sight | None) -> None:
    title = f"DataOffset {buffer.data_offset} · DataLength {buffer.data_length}"
    node = top.add(f"NET_BUFFER {number}", title)
    current = f"MDL {buffer.current_mdl + 1}, offset {buffer.current_mdl_offset}"
    node.add("CurrentMdl", current if buffer.mdls else NULL)
    bars = sight.buffer.mdls if sight is not None and sight.buffer is not None else ()
    for place, mdl in enumerate(buffer.mdls):
        shares = bars[place].shares if place < len(bars) else ""
        owner = "" if mdl.owner == "engine" else f"memory of {mdl.owner}"
        parts = [f"ByteCount {mdl.byte_count}", owner, shares]
        if place < len(bars):
            parts += [f"{part.count} {part.kind}" for part in bars[place].parts if part.kind != "own"]
        node.add(f"MDL {place + 1}", " · ".join(part for part in parts if part))
    if sight is not None and sight.buffer is not None:
        octets = b"".join(run.data for group in sight.buffer.runs for run in group)
        node.add("First bytes", octets.hex(" "), tooltip=sight.buffer.note)


def _cell(node: Node, column: int) -> Cell:
    if node.sight is not None:
        snapshot = node.sight.snapshot
        tone = Tone.DIM if node.sight.is_freed else Tone.STRONG
        if column == 0:
            kind = snapshot.kind.value.lower()
            return Cell(text=node.name, badge=node.sight.badge, tone=tone, secondary=kind)
        return Cell(text=node.value, mono=True, tone=Tone.ACCENT if node.is_changed else tone)
    tone = Tone.ACCENT if node.is_changed else Tone.NORMAL
    return Cell(text=node.value, mono=True, tone=tone) if column else Cell(text=node.name, tone=Tone.SECONDARY)
