"""The rows of the palette."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from gui.models.palette import Entry, PaletteModel, best
from gui.widgets.roles import Role


def an_entry(text: str, words: str = "") -> Entry:
    return Entry(text=text, act=lambda: None, note="F10", icon="over", words=words)


def test_the_model_keeps_qts_rules_while_its_rows_change(qapp):
    model = PaletteModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for entries in ([], [an_entry("Step over")], [an_entry(str(n)) for n in range(50)], []):
        model.show_entries(entries)

    assert model.rowCount() == 0


def test_a_row_has_text_key_and_icon():
    model = PaletteModel()
    model.show_entries([an_entry("Step over")])
    index = model.index(0, 0)

    told = [model.data(index, role) for role in (Qt.ItemDataRole.DisplayRole, Role.SECONDARY_TEXT, Role.ICON)]
    assert told == ["Step over", "F10", "over"]
    assert model.rowCount(index) == 0
    assert model.data(QModelIndex()) is None


def test_the_best_fit_comes_first_and_words_count_too():
    rewrite = an_entry("gateway rewrite", "73507 0x11F23")
    entries = [an_entry("Stop"), an_entry("Back one step"), rewrite, an_entry("Step")]

    assert [each.text for each in best("step", entries)] == ["Step", "Back one step"]
    assert [each.text for each in best("0x11f", entries)] == ["gateway rewrite"]
    assert best("", entries) == entries
