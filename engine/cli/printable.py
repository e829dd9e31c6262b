"""Text from outside, fit for a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with whatever a terminal would obey, or that would end the line, spelled out."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
