"""A reader sees no tag of the reference."""

from __future__ import annotations

import re

import pytest

from engine.report.explain.explanation import Evidence
from engine.report.explain.machine import rule_source
from engine.report.source_words import source_words
from engine.trace.rules import rules

TAG = re.compile(r"\b(seed|ddi|drv|w32|sdk-api|hdr|smp|gh|fort-old|windivert-eth|contracts)\b")


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
def test_every_rule_of_the_catalogue_names_its_source_in_words(rule):
    assert not TAG.search(re.sub(r"\S+\.md|windows-driver-docs-ddi", "", source_words(rule.source)))


def test_a_source_of_several_parts_keeps_them_all():
    assert source_words("seed; section 4, CH-32") == (
        "Microsoft, “Using Layer 2 Filtering”; section 4 of the reference; choice CH-32")
    assert source_words("ddi: classify_fn2, inject pages, drv: types-of-callouts.md") == (
        "driver API reference, classify_fn2, inject pages; driver documentation, types-of-callouts.md")


def test_the_chip_says_how_sure_a_rule_is():
    of = {id_: rule_source(rules()[id_]).evidence for id_ in ("M06", "M04", "M20a", "M16", "X01")}

    assert of == {"M06": Evidence.DOCUMENTED, "M04": Evidence.OBSERVED, "M20a": Evidence.OBSERVED,
                  "M16": Evidence.CHOSEN, "X01": Evidence.CHOSEN}
