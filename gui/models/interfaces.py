"""The machine's interfaces as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from engine.frames.devices import Device
from gui.models.plain_table import PlainTable
from gui.widgets.roles import Role, Tone


class InterfacesModel(PlainTable[Device]):
    """A row for each interface."""

    columns = ("Interface", "Description", "MAC address", "Addresses", "State")

    def value(self, thing: Device, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return _texts(thing)[column]
            case Role.MONO:
                return column in (2, 3)
            case Role.ICON:
                return "interface" if column == 0 else None
            case Role.TONE:
                return Tone.NORMAL if thing.is_up else Tone.DIM
        return None


def _texts(device: Device) -> tuple[str, ...]:
    mac = device.mac.hex(":") if device.mac is not None else "–"
    state = "up" if device.is_up else "down"
    return device.name, device.description, mac, ", ".join(device.addresses) or "–", state
