"""The tree of a dissected frame, and the worker that takes frames apart."""

import pytest
from PySide6.QtTest import QAbstractItemModelTester

from gui.models.packet.dissection import Dissection, Part
from gui.models.packet.dissector import Dissector, Wish
from gui.models.packet.tree import Column, PacketModel
from tests.gui.table_builders import ARP

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
IP = Part(name="IP", value="a > b", span=(14, 34), is_layer=True, parts=(
    Part(name="version", value="4", span=(14, 15), bits=4),
    Part(name="options", value="1 item", span=(30, 34), parts=(Part(name="NOP", span=(30, 31), is_layer=True),)),
))  # fmt: skip
FRAME = Dissection((Part(name="Ethernet", value="x", span=(0, 14), is_layer=True), IP), 34)


@pytest.fixture
def model(qapp):
    model = PacketModel()
    QAbstractItemModelTester(model, Fatal, model)
    return model


def test_layers_hold_fields_and_fields_hold_items(model):
    model.show(FRAME)

    options = model.index_at((1, 1))
    row = [options.siblingAtColumn(column).data() for column in Column]
    assert (model.rowCount(), row, model.rowCount(options)) == (2, ["options", "1 item", "30–33"], 1)
    assert model.parent(model.index_at((1, 1, 0))) == options


def test_a_field_is_found_again_in_another_frame(model):
    model.show(FRAME)
    path = model.path_of(model.index_at((1, 0)))

    model.show(Dissection((Part(name="Ethernet"), Part(name="IP", parts=(Part(name="version", value="6"),))), 34))

    assert (path, model.find_path(path).siblingAtColumn(1).data()) == (("1 IP", "0 version"), "6")


def test_a_field_that_is_not_there_any_more_is_not_found(model):
    model.show(FRAME)
    path = model.path_of(model.index_at((1, 1, 0)))

    model.show(Dissection((Part(name="Ethernet"), Part(name="ARP", parts=())), 34))

    assert not model.find_path(path).isValid()


def test_an_empty_dissection_has_no_rows(model):
    model.show(FRAME)

    model.show(Dissection((), 0))

    assert (model.rowCount(), model.index_at(()).isValid()) == (0, False)


def test_the_latest_wish_is_answered_and_those_between_are_not(qtbot):
    dissector = Dissector()
    answers = []
    dissector.done.connect(lambda wish, dissection: answers.append((wish, dissection.length_bytes)))
    wishes = [Wish(ARP[:length], 1) for length in (20, 30, 40)]

    for wish in wishes:
        dissector.ask(wish)
    qtbot.waitUntil(lambda: len(answers) == 2 and not dissector.is_busy)

    assert answers == [(wishes[0], 20), (wishes[2], 40)]


def test_an_answer_that_is_known_comes_at_once(qtbot):
    dissector = Dissector()
    wish = Wish(ARP, 1)
    with qtbot.waitSignal(dissector.done):
        dissector.ask(wish)

    answers = []
    dissector.done.connect(lambda wish, _: answers.append(wish))
    dissector.ask(wish)

    assert answers == [wish]
