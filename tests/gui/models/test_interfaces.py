"""The rows of the interfaces."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.frames.devices import Device
from engine.frames.frame import MacAddress
from gui.models.interfaces import InterfacesModel

ETH0 = Device(
    name="eth0", description="a card", mac=MacAddress(bytes.fromhex("020000000001")), index=2,
    addresses=("192.0.2.1", "fe80::1"), is_up=True,
)  # fmt: skip
TUN0 = Device(name="tun0", description="tun0", mac=None, index=3, addresses=(), is_up=False)


def texts(model: InterfacesModel) -> list[list[str]]:
    rows, columns = range(model.rowCount()), range(model.columnCount())
    return [[model.data(model.index(row, column)) for column in columns] for row in rows]


def test_a_row_says_what_an_interface_is():
    model = InterfacesModel()
    model.show_things([ETH0, TUN0])

    assert texts(model) == [
        ["eth0", "a card", "02:00:00:00:00:01", "192.0.2.1, fe80::1", "up"],
        ["tun0", "tun0", "–", "–", "down"],
    ]
    head = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(5)]
    assert head == ["Interface", "Description", "MAC address", "Addresses", "State"]


def test_the_model_keeps_qts_rules_while_its_rows_change():
    model = InterfacesModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for devices in ([], [ETH0, TUN0], [TUN0]):
        model.show_things(devices)

    assert [model.thing(row) for row in (-1, 0, 1)] == [None, TUN0, None]
