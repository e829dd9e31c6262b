"""Completions as a tree, for those who read rather than look: injection, NBL, what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Qt

from engine.ndis.snapshot import NblId
from engine.ndis.status import status_class, status_text
from gui.models.completions.lanes import Lane, Lanes
from gui.models.node_tree import Index, NodeTreeModel
from gui.widgets.cell import Cell
from gui.widgets.marks import MarkKind
from gui.widgets.roles import Role, Tone

COLUMNS = ("Injection and NBL", "State", "Step")
MARKS: dict[str, MarkKind] = {
    "success": "permit", "informational": "info", "warning": "warn", "error": "error", "pending": "pending",
    "lost": "fatal",
}  # fmt: skip


@dataclass(slots=True)
class Node:
    """One row: an injection, an NBL of it, or a step of that NBL's way."""

    lanes: Lanes
    lane: Lane | None
    seq: int
    text: str
    state: str = ""
    mark: MarkKind | None = None
    parent: Node | None = None
    row: int = 0
    children: list[Node] = field(default_factory=list)

    def add(self, node: Node) -> None:
        node.parent, node.row = self, len(self.children)
        self.children.append(node)


class CompletionsModel(NodeTreeModel[Node]):
    """The injections of the frame in focus. Rows behind the cursor are dim; only the story's growth makes new ones."""

    COLUMNS = COLUMNS

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shape: tuple[tuple[int, ...], ...] = ()
        self._cursor = 0

    def show(self, shown: Sequence[Lanes], cursor: int) -> None:
        """Show injections as they are after `cursor` records."""
        shape = tuple(_shape(lanes) for lanes in shown)
        moved, self._cursor = cursor != self._cursor, cursor
        if shape != self._shape:
            self.beginResetModel()
            self._shape = shape
            self._tops = [_top(lanes, row) for row, lanes in enumerate(shown)]
            self.endResetModel()
        elif moved and self._tops:
            # Every visible row may have another tone; Qt repaints what is in sight.
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._tops) - 1, len(COLUMNS) - 1))

    def seq(self, index: Index) -> int:
        """The step to which a row belongs."""
        return self._node(index).seq

    def nbl(self, index: Index) -> NblId | None:
        lane = self._node(index).lane if index.isValid() else None
        return lane.nbl if lane is not None else None

    def text(self, index: Index) -> str:
        node = self._node(index)
        return " · ".join(part for part in (node.text, self._state(node)) if part)

    # --- Qt ------------------------------------------------------------------------------------------------------

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self._node(index)
        match role:
            case Role.CELL:
                return self._cell(node, index.column())
            case Qt.ItemDataRole.DisplayRole:
                return (node.text, self._state(node), str(node.seq))[index.column()]
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self.text(index)
        return None

    def _state(self, node: Node) -> str:
        if node.parent is None:
            return node.lanes.words_at(self._cursor)
        if node.lane is not None and node.parent.parent is None:
            return node.lane.words_at(self._cursor) or "not yet"
        return node.state

    def _cell(self, node: Node, column: int) -> Cell:
        tone = Tone.DIM if node.seq >= self._cursor else Tone.NORMAL
        is_current = node.seq == self._cursor - 1 and bool(node.parent and node.parent.parent)
        if column == 2:
            return Cell(text=f"#{node.seq}", mono=True, number=True, tone=Tone.DIM, current=is_current)
        if column == 1:
            return Cell(text=self._state(node), tone=tone, current=is_current)
        if node.parent is None:
            mark = MARKS[node.lanes.worst_at(self._cursor)]
            return Cell(text=node.text, mark=mark, tone=Tone.STRONG, secondary=node.lanes.what())
        if node.lane is not None and node.parent.parent is None:
            return Cell(text=node.text, badge=node.lane.badge, tone=tone, secondary=node.lane.kind)
        return Cell(text=node.text, mark=node.mark, tone=tone, current=is_current)



def _shape(lanes: Lanes) -> tuple[int, ...]:
    """Changes when rows come."""
    return (lanes.id, *(len(lane.stages) + (lane.completed is not None) for lane in lanes.lanes.values()))


def _top(lanes: Lanes, row: int) -> Node:
    top = Node(lanes, None, lanes.accepted.seq, f"Injection {lanes.id}", row=row)
    for lane in lanes.lanes.values():
        node = Node(lanes, lane, lane.stages[0].began.seq, lane.nbl)
        top.add(node)
        for stage in lane.stages:
            node.add(Node(lanes, lane, stage.began.seq, stage.words()))
        if lane.completed is not None:
            done = lane.completed
            text, mark = f"completed in segment {done.segment}", MARKS[status_class(done.status)]
            node.add(Node(lanes, lane, done.at.seq, text, status_text(done.status), mark))
    return top
