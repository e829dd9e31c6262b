"""A message that can be answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warn", "error"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A message with one remedy, or two: the text of the button, and what the button does."""

    severity: Severity
    text: str
    button: str
    act: Callable[[], None]
    other: str = ""
    other_act: Callable[[], None] | None = None
