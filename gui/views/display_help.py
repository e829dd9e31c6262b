"""What the help says of display filters: examples, operators, and every field."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.display.fields import FIELDS, SAME_AS, Field
from gui.views.catalogue_help import LongText
from gui.widgets.controls import make_label

LANGUAGE = (
    "The grammar is Wireshark's, and so are the names of what a capture says; the fields of the layers have their WFP "
    "names. A frame that does not have a field passes no comparison with it. Where a frame has several values "
    "(<code>eth.addr</code>, <code>vlan.id</code>), one of them is enough; <code>!=</code> and <code>all</code> ask "
    "for every one. Texts know capitals from small letters, <code>matches</code> does not."
)
EXAMPLES: tuple[tuple[str, str], ...] = (
    ("eth.type == 0x0806", "by number, or by name: eth.type == ARP"),
    ("arp and not vlan", "&& || ! ^^ as well as and, or, not, xor"),
    ("eth.addr == 02:00:*", "an address by its beginning; 02:00:00:00:00:00/24 by its bits"),
    ("eth.src[0:3] == 00:06:5b", "octets from 0, three of them; [0-2] and [3] too"),
    ("vlan.id in {1..10, 20}", "one of a set; ranges have both ends"),
    ("frame.len > 1000", "== != < <= > >=, or eq ne lt le gt ge"),
    ("l2_flags & IS_WIFI", "one of these bits is set"),
    ('comment contains "why"', "a part of a text; of an address: eth.addr contains 06:5b"),
    ('filter.name matches "^no "', "a regular expression (RE2: no look-around, no back-references)"),
    ("outcome == blocked", "what became of the frame"),
    ("filter == 0x11F23", 'the deciding filter by id, hexadecimal or decimal, or by name: filter == "no ARP"'),
    ("finding == M06 and tag == S", "broken rules, and the strongest injection state"),
    ("count(vlan.id) > 1", "functions: count, len, lower, upper"),
    ("frame.time >= 2024-05-01 12:30:00", "UTC; frame.time_relative and frame.time_delta are in seconds"),
)


class DisplayHelp(QWidget):
    """It is long: make it when somebody wants to read it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(make_label("Display filters", "heading"))
        column.addWidget(LongText(LANGUAGE))
        column.addWidget(LongText(_table(EXAMPLES)))
        column.addWidget(make_label("Fields of a frame", "label"))
        column.addWidget(LongText(_table(field_lines(one for one in FIELDS.values() if not one.layer_field))))
        column.addWidget(make_label("Fields of the layers", "label"))
        column.addWidget(LongText(_table(field_lines(one for one in FIELDS.values() if one.layer_field))))


def field_lines(fields: Iterable[Field]) -> list[tuple[str, str]]:
    """Name, and what it is with its kind and its short name."""
    short = {same: name for name, same in SAME_AS.items()}
    lines = []
    for field in fields:
        also = f"; also {short[field.name]}" if field.name in short else ""
        choices = f": {', '.join(field.choices)}" if field.choices else ""
        lines.append((field.name, f"{field.words} ({field.kind}{choices}{also})"))
    return lines


def _table(lines: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><td><code>{escape(code)}</code>&nbsp;&nbsp;</td><td>{escape(words)}</td></tr>"
                   for code, words in lines)
    return f"<table>{rows}</table>"
