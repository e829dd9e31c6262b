"""Colour rules: a display filter and the ground of the rows that pass it. The first that fits wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.debugger.frames.row import FrameState
from engine.debugger.frames.values import FrameMoment
from engine.display.failure import DisplayFilterError
from engine.display.one import holds
from engine.display.parse import parse_filter
from engine.display.tree import DisplayFilter
from gui.settings import Store
from gui.theme.row_colours import ROW_COLOURS

KEPT = "colour_rules"
BLOCK = "block"
COLOURS = (BLOCK, *ROW_COLOURS)
"""What a rule may choose: the ground of a block, and ten of the user's own."""
MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourRule:
    """One rule."""

    name: str
    text: str
    """Its display filter."""
    colour: str
    enabled: bool = True


DEFAULTS = (ColourRule(name="Blocked", text="outcome == blocked", colour=BLOCK),)
"""Only a block tints its row until the user says otherwise (look.md, principle 4)."""


class ColourRules:
    """The rules of all sessions, ready to be asked; a rule whose filter cannot be used stands aside."""

    def __init__(self, rules: Sequence[ColourRule] = DEFAULTS) -> None:
        self.rules = tuple(rules)
        self._ready: list[tuple[DisplayFilter, str]] = []
        for rule in self.rules:
            if rule.enabled:
                try:
                    self._ready.append((parse_filter(rule.text), rule.colour))
                except DisplayFilterError:
                    continue

    def colour_of(self, moment: FrameMoment, state: FrameState | None) -> str | None:
        """The colour of a frame's row; None: none."""
        for wanted, colour in self._ready:
            if holds(wanted.test, moment):
                return colour
        return None


def load_rules(store: Store) -> tuple[ColourRule, ...]:
    """As they were kept; what does not fit (edited by hand, from another version) is left out."""
    found = store.plain(KEPT)
    if not isinstance(found, list):
        return DEFAULTS
    return tuple(rule for rule in map(_rule, found[:MOST]) if rule is not None)


def keep_rules(store: Store, rules: Sequence[ColourRule]) -> None:
    store.set_plain(KEPT, [{"name": one.name, "text": one.text, "colour": one.colour, "enabled": one.enabled}
                           for one in rules])


def _rule(value: Any) -> ColourRule | None:
    if not isinstance(value, dict):
        return None
    name, text, colour = (value.get(key) for key in ("name", "text", "colour"))
    if not isinstance(name, str) or not isinstance(text, str) or colour not in COLOURS:
        return None
    return ColourRule(name=name, text=text, colour=str(colour), enabled=value.get("enabled") is not False)
