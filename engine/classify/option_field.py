"""How one engine option stands in the table: its CHOICE, what it may be, and what it means."""

from __future__ import annotations

from dataclasses import field
from typing import Any


def option(default: Any, choice: str, help_: str, values: tuple[str, ...] = (), low: int = 0, *, group: str) -> Any:
    """A field of the table. Without `values` it is a whole number from `low` on."""
    return field(
        default=default, metadata={"choice": choice, "help": help_, "values": values, "low": low, "group": group})
