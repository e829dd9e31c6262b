"""The help on rules and choices."""

from dataclasses import fields

import msgspec
from PySide6.QtWidgets import QLabel

from engine.classify.options import EngineOptions
from engine.trace.rules import rules
from gui.views.catalogue_help import CatalogueHelp, rule_html


def test_every_rule_and_every_option_is_told(qtbot):
    view = CatalogueHelp()
    qtbot.addWidget(view)
    text = "".join(label.text() for label in view.findChildren(QLabel))
    assert [rule.id for rule in rules().values() if f"<b>{rule.id} " not in text] == []
    assert [one.name for one in fields(EngineOptions) if f"{one.name}</b>" not in text] == []
    assert "<b>callout_step_limit</b>" in text


def test_what_is_not_modelled_says_why_and_nothing_smuggles_markup():
    rule = msgspec.structs.replace(rules()["M16"], title="a < b", not_modelled="No card tells.")

    assert rule_html(rule).startswith("<p><b>M16 a &lt; b</b> · fatal<br>Every NBL is freed once")
    assert "<br><i>Not modelled: No card tells.</i></p>" in rule_html(rule)
