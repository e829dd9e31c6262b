"""The help on display filters is true."""

import pytest
from PySide6.QtWidgets import QLabel

from engine.display.fields import FIELDS
from engine.display.parse import parse_filter
from gui.views.display_help import EXAMPLES, DisplayHelp


@pytest.mark.parametrize("text", [text for text, _ in EXAMPLES])
def test_every_example_can_be_used(text):
    assert parse_filter(text).warnings == ()


def test_every_field_is_named(qtbot):
    help_ = DisplayHelp()
    qtbot.addWidget(help_)
    text = "".join(label.text() for label in help_.findChildren(QLabel))

    assert [name for name in FIELDS if f"<code>{name}</code>" not in text] == []
