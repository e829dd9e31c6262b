"""Every rule of the catalogue is either reported somewhere in the engine, or says why it cannot be."""

from __future__ import annotations

import re

import pytest

from engine.resources import resource_root
from engine.trace.rules import rules
from tests.corpus import REPOSITORY

NOT_MODELLED = {
    "M03", "M04", "M05", "M20b", "M27", "M59", "M62", "M63", "M67", "M68", "M70", "M72", "M73",
}  # fmt: skip
"""Nothing is claimed that is not there: a rule leaves this list with the code and the tests that report it."""

_ID = re.compile(r'"([MX]\d\d[a-d]?)"')


def reported() -> set[str]:
    """Ids that stand as texts in the engine's code."""
    folders = ("classify", "ndis", "callouts")
    files = [path for folder in folders for path in (REPOSITORY / "engine" / folder).rglob("*.py")]
    return {found for path in files for found in _ID.findall(path.read_text(encoding="utf-8"))}


def test_the_catalogue_has_every_entry_of_the_reference() -> None:
    numbered = {f"M{number:02}" for number in range(1, 74)}
    lettered = {"M20a", "M20b", "M20c", "M20d", "M36a", "M36b", "M36c", "M36d", "M39a", "M56a"}

    assert set(rules()) == numbered | lettered | {"X01"}


@pytest.mark.parametrize("rule", list(rules()))
def test_a_rule_is_reported_or_says_why_not(rule: str) -> None:
    if rule in NOT_MODELLED:
        assert rules()[rule].not_modelled.endswith(".")
        assert rule not in reported()
    else:
        assert rules()[rule].not_modelled == ""
        assert rule in reported()


def test_the_reasons_stand_in_the_resources() -> None:
    assert (resource_root() / "rules.json").read_text(encoding="utf-8").count('"not_modelled"') == len(NOT_MODELLED)
