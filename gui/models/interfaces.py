"""The machine's interfaces as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.frames.devices import Device
from gui.widgets.roles import Role, Tone

ROOT = QModelIndex()
COLUMNS = ("Interface", "Description", "MAC address", "Addresses", "State")
Index = QModelIndex | QPersistentModelIndex


class InterfacesModel(QAbstractTableModel):
    """A row for each interface."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._devices: list[Device] = []

    def show_devices(self, devices: list[Device]) -> None:
        self.beginResetModel()
        self._devices = devices
        self.endResetModel()

    def device(self, row: int) -> Device | None:
        return self._devices[row] if 0 <= row < len(self._devices) else None

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._devices)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return COLUMNS[section] if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        device = self.device(index.row())
        if device is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return _texts(device)[index.column()]
            case Role.MONO:
                return index.column() in (2, 3)
            case Role.ICON:
                return "interface" if index.column() == 0 else None
            case Role.TONE:
                return Tone.NORMAL if device.is_up else Tone.DIM
        return None


def _texts(device: Device) -> tuple[str, ...]:
    mac = device.mac.hex(":") if device.mac is not None else "–"
    state = "up" if device.is_up else "down"
    return device.name, device.description, mac, ", ".join(device.addresses) or "–", state
