"""The larger widgets: rows, hex view, scrubber, minimap, dock title, empty state."""

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gui.theme import OutcomeKind, keep_icon
from gui.widgets.cell import Cell
from gui.widgets.dock_title import DockTitle
from gui.widgets.empty_state import EmptyState
from gui.widgets.gallery.painted import Sections
from gui.widgets.hex_view import HexView
from gui.widgets.labels import Chip
from gui.widgets.marks import MARK_WORDS, MarkKind
from gui.widgets.minimap import Minimap, codes_of
from gui.widgets.roles import Role, Tone
from gui.widgets.rows import RowTable, RowTree
from gui.widgets.scrub_scale import TickKind
from gui.widgets.scrubber import Scrubber

OUTCOMES: tuple[MarkKind, ...] = ("block", "permit", "permit", "absorb", "permit", "permit", "absorb", "inject")


def sections() -> Sections:
    return [
        ("Dock title, rows, minimap", [_frames()]),
        ("Tree, empty state", [_side_by_side(_tree(), _empty())]),
        ("Hex view", [_hex()]),
        ("Scrubber", [_scrubber()]),
    ]


def _frames() -> QWidget:
    dock = QFrame()
    layout = QVBoxLayout(dock)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    title = DockTitle("frames", "Frames")
    title.set_subtitle("shown 40 031 of 40 031")
    title.add_widget(Chip("simulated time 12.731 ms"))
    mark = QAction("Mark", dock)
    keep_icon(mark, "mark", size=14)
    title.add_action(mark)
    layout.addWidget(title)
    table = RowTable()
    table.setModel(_frame_model(table))
    table.resizeColumnsToContents()
    table.horizontalHeader().setStretchLastSection(True)
    table.selectRow(4)
    table.setFixedHeight(26 + 24 * 9)
    minimap = Minimap(table)
    minimap.set_codes(codes_of([OUTCOMES[i * 5 % 8] for i in range(40)]))
    layout.addWidget(_side_by_side(table, minimap, spacing=0))
    return dock


def _frame_model(parent: QWidget) -> QStandardItemModel:
    model = QStandardItemModel(0, 7, parent)
    model.setHorizontalHeaderLabels(["No.", "Time s", "Remote", "Type", "VLAN", "Len", "Outcome"])
    for column in (0, 1, 4, 5):
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        model.setHeaderData(column, Qt.Orientation.Horizontal, right, Qt.ItemDataRole.TextAlignmentRole)
    for i in range(40):
        kind = OUTCOMES[i % 8]
        done = i < 7
        tone = Tone.NORMAL if done else Tone.DIM
        tint: OutcomeKind | None = "block" if kind == "block" and done else None
        outcome = Cell(text=MARK_WORDS[kind], mark=kind, tone=Tone.MARK, tint=tint)
        cells = (
            Cell(text=str(i + 1), number=True, mono=True, tone=tone, tint=tint),
            Cell(text=f"{i * 0.000418:.6f}", number=True, mono=True, tone=tone, tint=tint),
            Cell(text="02:00:00:00:0b:31", mono=True, icon="inbound", tone=tone, tint=tint),
            Cell(text=("ARP", "IPv4", "LLDP")[i % 3], tone=tone, tint=tint),
            Cell(text="20" if i % 4 == 0 else "", number=True, tone=tone, tint=tint),
            Cell(text=str(60 + i * 37 % 1400), number=True, tone=tone, tint=tint),
            outcome if done else Cell(text="not run yet", tone=Tone.DIM),
        )
        model.appendRow([_item(cell) for cell in cells])
    return model


def _item(cell: Cell) -> QStandardItem:
    item = QStandardItem(cell.text)
    item.setData(cell, Role.CELL)
    item.setEditable(False)
    return item


def _tree() -> QWidget:
    tree = RowTree()
    model = QStandardItemModel(tree)
    provider = _item(Cell(text="Contoso", icon="policy"))
    sublayer = _item(Cell(text="Contoso L2", icon="stack", secondary="40000"))
    filters = (
        Cell(text="no ARP announcements", mark="block", secondary="10·auto", heat=0.1),
        Cell(text="VLAN 20 quarantine", mark="block", chips=(("BLOCK", "block"),)),
        Cell(text="gateway rewrite", mark="inject", secondary="8·auto", current=True),
        Cell(text="old lab block", mark="skipped", tone=Tone.DIM, strike=True),
    )
    for cell in filters:
        sublayer.appendRow(_item(cell))
    provider.appendRow(sublayer)
    model.appendRow(provider)
    tree.setModel(model)
    tree.setHeaderHidden(True)
    tree.expandAll()
    first: QModelIndex = sublayer.child(1).index()
    tree.setCurrentIndex(first)
    tree.setFixedHeight(190)
    return tree


def _empty() -> QWidget:
    sentence = "Every frame of a capture is one row here, coloured by its outcome."
    return EmptyState("frames", "No frames yet", sentence, "Open a capture", "open")


def _hex() -> QWidget:
    view = HexView()
    frame = bytes.fromhex("0200000000fe02000000000c0781000014080045000054") + bytes(range(0x20, 0x70))
    view.set_bytes(bytes(18) + frame + bytes(9), used=(18, 18 + len(frame)))
    view.highlight([(18, 24)], "changed")
    view.highlight([(30, 34)], "field")
    view.highlight([(40, 60)], "own")
    view.setFixedHeight(160)
    return view


def _scrubber() -> QWidget:
    kinds: dict[int, TickKind] = {9: "inject", 11: "inject", 12: "inject", 18: "absorb", 22: "inject", 35: "permit"}
    scrubber = Scrubber()
    scrubber.set_events([(i, kinds.get(i, "plain"), i in kinds) for i in range(55)])
    scrubber.set_phases([(0, "12.0 classified"), (22, "12.1 re-enters 57"), (39, "59"), (54, "done")])
    scrubber.set_now(12)
    return scrubber


def _side_by_side(*widgets: QWidget, spacing: int = 16) -> QWidget:
    line = QWidget()
    layout = QHBoxLayout(line)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget)
    return line
