"""Regular expressions that answer in a time that grows only with the text: RE2 has no backtracking."""

from __future__ import annotations

from typing import Any

import re2  # type: ignore[import-untyped]

LONGEST = 400
MEMORY_BYTES = 1 << 20
"""What a compiled pattern may take."""


class PatternError(Exception):
    """The pattern cannot be used; str() of it says why."""


class Pattern:
    """A pattern of `matches`: found anywhere in a text, capitals or not, as Wireshark has it."""

    __slots__ = ("_found", "text")

    def __init__(self, text: str) -> None:
        """Raises PatternError."""
        if len(text) > LONGEST:
            raise PatternError(f"it is longer than {LONGEST} characters")
        options: Any = re2.Options()
        options.case_sensitive = False
        options.log_errors = False
        options.max_mem = MEMORY_BYTES
        try:
            self._found = re2.compile(text, options).search
        except (re2.error, UnicodeEncodeError) as error:
            raise PatternError(_reason(error)) from None
        self.text = text

    def found_in(self, text: str) -> bool:
        return self._found(text) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return text or "it is no regular expression"
