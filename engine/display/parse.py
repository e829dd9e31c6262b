"""From the text of a display filter to a filter that has been understood."""

from __future__ import annotations

from lark import Token, Tree, UnexpectedInput, UnexpectedToken
from lark.exceptions import LarkError

from engine.display.check import Checker
from engine.display.failure import DisplayFilterError
from engine.display.grammar import WORDS, parser
from engine.display.tree import DisplayFilter

LONGEST = 4000
_FIRST = ("COMPARE", "AND", "OR", "IN", "CONTAINS", "MATCHES", "NAME", "NUMBER", "TEXT", "OCTETS", "RPAR", "RBRACE")
"""What may stand at a place, in the order in which it is told."""


def parse_filter(text: str) -> DisplayFilter:
    """Understand a display filter. Raises DisplayFilterError with one line."""
    if len(text) > LONGEST:
        raise DisplayFilterError(LONGEST, len(text), f"it is longer than {LONGEST} characters", "make it shorter")
    if not text.strip():
        raise DisplayFilterError(0, 0, "it is empty", "write a test such as `eth.type == 0x0806`")
    try:
        tree = parser().parse(text)
    except UnexpectedInput as error:
        raise _unexpected(text, error) from None
    except LarkError:
        raise DisplayFilterError(0, len(text), "not understood", "write a test such as `eth.type == 0x0806`") from None
    assert isinstance(tree, Tree)
    checker = Checker(text)
    return DisplayFilter(text, checker.test(tree.children[0]), tuple(checker.warnings))


def expected_at(text: str) -> frozenset[str]:
    """Names of the parser's words that may stand behind `text`; empty where the text is wrong before its end."""
    try:
        interactive = parser().parse_interactive(text)
        for _ in interactive.iter_parse():
            pass
        return frozenset(interactive.accepts())  # type: ignore[no-untyped-call]
    except UnexpectedInput:
        return frozenset()


def _unexpected(text: str, error: UnexpectedInput) -> DisplayFilterError:
    start = min(error.pos_in_stream or 0, len(text))
    if not isinstance(error, UnexpectedToken):
        what = "this is not part of the language"
        if text[start] in "\"'":
            what = "the text is not closed"
        return DisplayFilterError(start, start + 1, what, "write a test such as `eth.type == 0x0806`")
    token = error.token
    assert isinstance(token, Token)
    if token.type == "RPAR":
        return DisplayFilterError(start, start + 1, "`)` closes nothing", "take it away")
    wanted = [WORDS[name] for name in _FIRST if name in error.accepts] or [WORDS.get(one, one) for one in error.accepts]
    wanted = wanted[:3]
    remedy = f"{' or '.join([', '.join(wanted[:-1]), wanted[-1]] if len(wanted) > 1 else wanted)} is wanted here"
    if token.type == "$END":
        return DisplayFilterError(len(text), len(text), "it ends too soon", remedy)
    return DisplayFilterError(start, start + len(token), f"`{str(token)[:40]}` is not understood here", remedy)
