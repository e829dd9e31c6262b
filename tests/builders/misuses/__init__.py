"""The misuse catalogue as callouts: for each modelled rule one that breaks it, and one that nearly does."""

from __future__ import annotations

from tests.builders.misuses import batches, buffers, coming_and_going, completions, coordination, life_cycle, verdicts
from tests.builders.misuses.case import Case

CASES: dict[str, Case] = {
    rule: case
    for group in (coordination, completions, batches, verdicts, buffers, coming_and_going, life_cycle)
    for rule, case in group.CASES.items()
}
