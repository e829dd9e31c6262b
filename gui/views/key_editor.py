"""The table of commands and their keys, and the line above it that changes them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QKeySequenceEdit, QVBoxLayout, QWidget

from gui.actions import Actions, Command
from gui.models.key_rows import KeyRow, KeyRows, native
from gui.widgets.command_field import IconField
from gui.widgets.controls import make_button, make_label, set_label_tone
from gui.widgets.rows import RowTable

SHOWN_ROWS = 14


class KeyEditor(QWidget):
    """Enter on a command asks for its keys; what has them already is told before it loses them."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._commands = {command.id: command for command, _ in actions.items()}
        self._command: Command | None = None
        self.model = KeyRows()
        self.model.setParent(self)
        self.search = IconField("find", "Find a command or a key: step, Ctrl+F10")
        self.table = self._make_table()
        self.label = make_label("", "label")
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.setClearButtonEnabled(True)
        self.told = make_label("", "small", "secondary")
        self.told.setWordWrap(True)
        self.keep = make_button("Keep", "primary")
        self.add = make_button("Keep as well", "normal")
        self.none = make_button("No key", "quiet")
        self.default = make_button("As it came", "quiet")
        self.forget = make_button("All keys as they came", "link")
        self._lay_out()
        self._connect()
        self._fill()

    def _make_table(self) -> RowTable:
        table = RowTable(self)
        table.setModel(self.model)
        table.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        table.setAccessibleName("Commands and their keys")
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return table

    def _lay_out(self) -> None:
        self._line = QWidget()
        line = QHBoxLayout(self._line)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.label)
        line.addWidget(self.edit, 1)
        for button in (self.keep, self.add, self.none, self.default):
            line.addWidget(button)
        above = QHBoxLayout()
        above.addWidget(self.search, 1)
        above.addWidget(self.forget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(above)
        column.addWidget(self._line)
        column.addWidget(self.told)
        column.addWidget(self.table)
        rows = SHOWN_ROWS + 1
        self.table.setFixedHeight(rows * self.table.verticalHeader().defaultSectionSize() + 4)
        self._line.hide()

    def _connect(self) -> None:
        self.search.textChanged.connect(self._fill)
        self.table.activated.connect(self._begin)
        self.table.doubleClicked.connect(self._begin)
        self.edit.keySequenceChanged.connect(self._judge)
        self.keep.clicked.connect(lambda: self._give(is_more=False))
        self.add.clicked.connect(lambda: self._give(is_more=True))
        self.none.clicked.connect(lambda: self._set(()))
        self.default.clicked.connect(lambda: self._set(None))
        self.forget.clicked.connect(self._actions.forget_keys)
        self._actions.keys_changed.connect(self._fill)

    @Slot()
    def _fill(self) -> None:
        words = self.search.text().casefold().split()
        rows = [self._row(command) for command in self._commands.values()]
        self.model.show_things([row for row in rows if row.fits(words)])
        own = sum(row.is_own for row in rows)
        self.forget.setEnabled(own > 0)
        self.search.set_note(f"{self.model.rowCount()}")
        if self._line.isHidden():
            self.told.setText("Enter on a command changes its keys." + (f" {own} are your own." if own else ""))
            set_label_tone(self.told, "secondary")

    def _row(self, command: Command) -> KeyRow:
        known = self._actions.key_map
        return KeyRow(id=command.id, text=command.text.rstrip("…"), menu=command.menu, keys=known.keys_of(command),
                      is_own=known.is_own(command))

    @Slot(QModelIndex)
    def _begin(self, index: QModelIndex) -> None:
        row = self.model.thing(index.row())
        if row is None:
            return
        self._command = self._commands[row.id]
        self.label.setText(row.text)
        self.edit.setAccessibleName(f"Keys of {row.text}")
        self._line.show()
        self.edit.setKeySequence(QKeySequence(row.keys[0] if row.keys else ""))
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self._judge()

    @Slot()
    def _judge(self) -> None:
        """Say what the typed keys do now."""
        key, command = self._typed(), self._command
        if command is None:
            return
        owner = self._actions.owner_of(key) if key else None
        taken = owner is not None and owner.id != command.id
        self.keep.setEnabled(bool(key))
        self.add.setEnabled(bool(key) and not (owner is not None and owner.id == command.id))
        text = "Press the keys that it shall have."
        if taken and owner is not None:
            text = f"{native(key)} is “{owner.text.rstrip('…')}” now: keep it here, and that loses it."
        elif key and is_letter(key):
            text = f"{native(key)} alone is a letter that fields need: it works outside of them only."
        self.keep.setText(f"Take it from “{owner.text.rstrip('…')}”" if taken and owner is not None else "Keep")
        self.told.setText(text)
        set_label_tone(self.told, "error" if taken else "secondary")

    def _typed(self) -> str:
        return self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def _give(self, *, is_more: bool) -> None:
        key, command = self._typed(), self._command
        if command is not None and key:
            before = self._actions.key_map.keys_of(command)
            self._set((*before, key) if is_more else (key, *(one for one in before[1:] if one != key)))

    def _set(self, keys: tuple[str, ...] | None) -> None:
        command, self._command = self._command, None
        self._line.hide()
        if command is not None:
            self._actions.set_keys(command, keys)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)


def is_letter(key: str) -> bool:
    """A key that types something by itself."""
    return len(key) == 1 and key.isprintable()
