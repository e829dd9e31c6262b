"""Every CHOICE of both reference pages is an option with its default, and its other values are tried beside this."""

from __future__ import annotations

import re
from dataclasses import Field, fields
from pathlib import Path

import pytest

from engine.classify.options import EngineOptions, option_lines
from engine.errors import OptionError
from tests.corpus import REPOSITORY

CHOICES = {f"CH-{number:02}" for number in range(1, 37)} | {f"C{number}" for number in range(1, 25)}
_ID = re.compile(r"CH-\d\d|C\d+(?:\.\d)?")


def choices_of(name: str) -> set[str]:
    (one,) = (one for one in fields(EngineOptions) if one.name == name)
    return set(_ID.findall(one.metadata["choice"]))


def test_every_choice_of_both_indexes_is_an_option() -> None:
    listed = {found.partition(".")[0] for one in fields(EngineOptions) for found in choices_of(one.name)}

    assert CHOICES - listed == set()


def test_an_option_says_what_it_means_and_an_only_value_why_there_is_no_other() -> None:
    for one in fields(EngineOptions):
        assert len(one.metadata["help"]) > 12, one.name
        if len(one.metadata["values"]) == 1:
            assert re.search(r"so there is nothing to choose|no public sample|go by GUID|same mistakes|gets one",
                             one.metadata["help"]), one.name
        if one.metadata["values"]:
            assert one.default in one.metadata["values"], one.name


def test_the_help_shows_each_option_once_under_the_heading_of_its_group() -> None:
    lines = option_lines()
    names = [line.partition("=")[0] for line in lines if "=" in line and not line.startswith(" ")]
    groups = [line.removesuffix(":") for line in lines if line.endswith(":") and "=" not in line]

    assert sorted(names) == sorted(one.name for one in fields(EngineOptions))
    assert groups == list(dict.fromkeys(one.metadata["group"] for one in fields(EngineOptions)))
    assert max(len(line) for line in lines if line.startswith(" ")) <= 100


@pytest.mark.parametrize("one", fields(EngineOptions), ids=lambda one: one.name)
def test_every_value_can_be_set_as_text_and_shows_among_what_was_changed(one: Field[object]) -> None:
    values = one.metadata["values"] or (str(max(one.metadata["low"], 7)), "0x00000999")

    for text in values:
        options = EngineOptions().with_text(one.name, text)
        value = getattr(options, one.name)
        assert value == (text if one.metadata["values"] else int(text, 0))
        assert options.changed() == ({} if value == one.default else {one.name: str(value)})
    with pytest.raises(OptionError):
        EngineOptions().with_text(one.name, "nonsense")


@pytest.mark.parametrize(("name", "example"), [("oversize_status", "0xC0000206"), ("mtu", "1500")])
def test_a_number_that_is_none_is_told_with_one_written_as_the_help_writes_it(name: str, example: str) -> None:
    with pytest.raises(OptionError, match=f"give a whole number such as {example}$"):
        EngineOptions().with_text(name, "x")


def other_values() -> list[str]:
    """Names of the options that have another value than the default."""
    return [one.name for one in fields(EngineOptions) if len(one.metadata["values"]) != 1]


@pytest.mark.parametrize("name", other_values())
def test_some_test_sets_each_option(name: str) -> None:
    here = Path(__file__)
    used = [path for path in (REPOSITORY / "tests").rglob("test_*.py")
            if path != here and re.search(rf"\b{name}\b", path.read_text(encoding="utf-8"))]

    assert used, f"no test sets {name}"
