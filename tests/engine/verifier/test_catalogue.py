"""Every rule of the catalogue is either reported, with line and evidence, or says why it cannot be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.trace.rules import rules
from tests.builders.engines import Run
from tests.builders.findings import found, marks
from tests.builders.misuses import CASES
from tests.corpus import REPOSITORY

MODELLED = [rule.id for rule in rules().values() if not rule.not_modelled]
_ID = re.compile(r'"([MX]\d\d[a-d]?)"')


def reported() -> set[str]:
    """Ids that stand as texts in the engine's code."""
    folders = ("classify", "ndis", "callouts")
    files = [path for folder in folders for path in (REPOSITORY / "engine" / folder).rglob("*.py")
             if not path.name.startswith("options")]
    return {found for path in files for found in _ID.findall(path.read_text(encoding="utf-8"))}


def test_the_catalogue_has_every_entry_of_the_reference() -> None:
    numbered = {f"M{number:02}" for number in range(1, 74)}
    lettered = {"M20a", "M20b", "M20c", "M20d", "M36a", "M36b", "M36c", "M36d", "M39a", "M56a"}

    assert set(rules()) == numbered | lettered | {"X01", "X02", "X03", "X04", "X05"}


def test_what_the_engine_reports_is_what_the_catalogue_calls_modelled() -> None:
    assert reported() == set(MODELLED)
    assert all(rule.not_modelled == "" or rule.not_modelled.endswith(".") for rule in rules().values())


def test_every_entry_has_whole_sentences() -> None:
    texts = [text for rule in rules().values() for text in (rule.rule, rule.detect, rule.remedy)]

    assert [text for text in texts if len(text) < 9 or not text.endswith(".") or text[0].islower()] == []
    assert [rule.id for rule in rules().values() if not rule.source] == []


def test_every_modelled_rule_has_a_callout_that_breaks_it_and_one_that_nearly_does() -> None:
    assert sorted(CASES) == sorted(MODELLED)


@pytest.mark.parametrize("rule", CASES)
def test_a_trigger_is_found_at_its_line(rule: str, tmp_path: Path) -> None:
    case = CASES[rule]
    run = case.trigger(tmp_path)

    places = {(one.driver, one.line) for one in found(run, rule)}
    wanted = {(None, None)} if case.script is None else {
        (case.script.removesuffix(".py"), line) for line in marks(tmp_path, rule, case.script)}
    assert places == wanted
    assert_explained(run, rule, has_evidence=case.has_evidence)


def assert_explained(run: Run, rule: str, *, has_evidence: bool) -> None:
    """Each finding names earlier events, in their order, as they stand in the trace."""
    for record in (one for one in run.records if one.event in found(run, rule)):
        clues = record.event.evidence
        seqs = [clue.seq for clue in clues]
        assert seqs == sorted(set(seqs))
        assert all(seq < record.seq for seq in seqs)
        assert [clue.frame for clue in clues] == [run.trace[seq].frame for seq in seqs]
        assert [clue.line for clue in clues] == [getattr(run.trace[seq].event, "line", None) or None for seq in seqs]
        assert bool(clues) == has_evidence


@pytest.mark.parametrize("rule", CASES)
def test_a_near_miss_is_not_found(rule: str, tmp_path: Path) -> None:
    assert set(CASES[rule].near(tmp_path).rules) <= CASES[rule].near_breaks
