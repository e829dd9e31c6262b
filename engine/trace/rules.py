"""The misuse catalogue: what each rule of the verifier says. Source: callouts-nbl-injection 7."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

import msgspec

from engine.resources import read_text


class Severity(StrEnum):
    """Worst first. F and E count as error for `--fail-on`, W as warning, I below both (contracts 3)."""

    FATAL = "F"
    ERROR = "E"
    WARNING = "W"
    INFO = "I"


class Rule(msgspec.Struct, frozen=True):
    """One entry of the catalogue."""

    id: str
    title: str
    severity: Severity
    group: str
    rule: str
    detect: str
    remedy: str
    source: str
    not_modelled: str = ""
    """Why the engine cannot notice it; empty for a rule that it reports."""


@cache
def rules() -> dict[str, Rule]:
    """All rules by id, in the catalogue's order."""
    return {rule.id: rule for rule in msgspec.json.decode(read_text("rules.json"), type=list[Rule])}
