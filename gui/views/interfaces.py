"""The page of interfaces: what can be captured on, and whether the rights are there."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QVBoxLayout, QWidget

from engine.frames.devices import Device, devices, missing_rights
from gui.models.interfaces import InterfacesModel
from gui.session_bridge import SessionBridge
from gui.widgets.controls import make_button, make_label, set_label_tone
from gui.widgets.labels import MarkLabel
from gui.widgets.rows import RowTable


class InterfacesView(QWidget):
    """Choose an interface; its frames then flow through the engine. They are only observed."""

    title = "Interfaces"
    icon = "interface"

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.model = InterfacesModel(parent=self)
        self.table = RowTable(self)
        self.table.setModel(self.model)
        self.table.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        self.table.setAccessibleName("Interfaces")
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.activated.connect(self._listen)
        self._rights = MarkLabel("info", "looking for interfaces…")
        self._remedy = make_label("", "table", "secondary")
        self._remedy.setWordWrap(True)
        self._remedy.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.start = make_button("Capture", "primary", "live")
        self.start.clicked.connect(self._listen)
        again = make_button("Look again", "normal", "restart")
        again.clicked.connect(self.look)
        self._lay_out(again)
        self.table.selectionModel().currentRowChanged.connect(self._show_choice)
        bridge.live_changed.connect(self._show_choice)
        self.setFocusProxy(self.table)

    def subtitle(self) -> str:
        return "frames are only observed: the wire is not touched"

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()

    @Slot()
    def look(self) -> None:
        """Ask the system again, in the other thread: the first time takes a second."""
        self._bridge.worker.start(self._look())

    async def _look(self) -> None:
        worker = self._bridge.worker
        found = await worker.call(devices)
        missing = await worker.call(missing_rights)
        self._show(found, missing)

    def _show(self, found: list[Device], missing: tuple[str, str] | None) -> None:
        chosen = self.model.thing(self.table.currentIndex().row())
        self.model.show_things(found)
        names = [device.name for device in found]
        if found:
            self.table.selectRow(names.index(chosen.name) if chosen is not None and chosen.name in names else 0)
        told = missing[0] if missing else "the rights to capture are there"
        self._rights.set_mark("warn" if missing else "permit", told)
        self._remedy.setText(missing[1] if missing else "")
        set_label_tone(self._remedy, "primary" if missing else "secondary")
        self._remedy.setVisible(bool(missing))
        self.start.setProperty("missing", bool(missing))
        self._show_choice()

    @Slot()
    def _show_choice(self) -> None:
        device = self.model.thing(self.table.currentIndex().row())
        missing = bool(self.start.property("missing"))
        self.start.setEnabled(device is not None and not missing)
        self.start.setText(f"Capture on {device.name}" if device is not None else "Capture")
        self.start.setToolTip(self._remedy.text() if missing else "")

    @Slot()
    def _listen(self, _: QModelIndex | None = None) -> None:
        device = self.model.thing(self.table.currentIndex().row())
        if device is not None and self.start.isEnabled():
            self._bridge.live(device.name)

    def _lay_out(self, again: QWidget) -> None:
        head = QWidget()
        top = QVBoxLayout(head)
        top.setContentsMargins(16, 12, 16, 12)
        top.setSpacing(4)
        top.addWidget(make_label("Capture live", "title"))
        top.addWidget(self._rights)
        top.addWidget(self._remedy)
        foot = QWidget()
        below = QHBoxLayout(foot)
        below.setContentsMargins(16, 10, 16, 10)
        below.setSpacing(8)
        below.addWidget(self.start)
        below.addWidget(again)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.table, 1)
        column.addWidget(foot)
