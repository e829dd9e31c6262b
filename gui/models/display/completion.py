"""What may be typed next in a display filter: fields, then operators, then values that occur."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.display.fields import FIELDS, SAME_AS, Field, Kind, field_named
from engine.display.one import Value
from engine.display.parse import expected_at
from gui.models.display.field_text import one_value
from gui.models.display.terms import quoted

MOST = 60
_WORD = re.compile(r"[\w.:*/-]*$|\"[^\"]*$")

Seen = Callable[[Field], Sequence[Value]]
"""Values of a field that occur, the first ones met."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal."""

    text: str
    words: str = ""
    """What it is."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """What could replace the word that ends at the cursor."""

    start: int
    items: tuple[Completion, ...]


def _nothing(_: Field) -> Sequence[Value]:
    return ()


def proposals(text: str, cursor: int, seen: Seen = _nothing) -> Proposals:
    """What may stand where the cursor is, the nearest first."""
    before = text[:cursor]
    found = _WORD.search(before)
    word = found[0] if found is not None else ""
    start = cursor - len(word)
    expected = expected_at(before[:start])
    if "NOT" in expected and "COMPARE" not in expected:
        return Proposals(start, tuple(_fields(word)))
    if "COMPARE" in expected:
        return Proposals(start, tuple(_fitting(_operators(_field_before(before[:start])), word)))
    if "OCTETS" in expected or "RBRACE" in expected:
        field = _field_before(before[:start])
        return Proposals(start, () if field is None else tuple(_fitting(_values(field, seen), word)))
    if "AND" in expected:
        return Proposals(start, tuple(_fitting(_LINKS, word)))
    return Proposals(start, ())


_LINKS = (Completion("and", "both must hold"), Completion("or", "one must hold"), Completion("xor", "just one"))
_EQUAL = (Completion("==", "is"), Completion("!=", "is not"), Completion("in {", "is one of"))
_ORDERS = (Completion(">", "more than"), Completion("<", "less than"), Completion(">=", "at least"),
           Completion("<=", "at most"))
_TEXTS = (Completion("contains", "has this part"), Completion("matches", "fits a regular expression"))


def _field_before(text: str) -> Field | None:
    """The field whose operator or value is being typed."""
    found = None
    for match in re.finditer(r"[a-z_][\w.]*", re.sub(r'"[^"]*"', "", text), re.IGNORECASE):
        found = field_named(match[0]) or found
    return found


def _operators(field: Field | None) -> Sequence[Completion]:
    if field is None:
        return ()
    if field.kind is Kind.FLAG:
        return _LINKS
    if field.kind is Kind.TEXT:
        return (*_EQUAL, *(() if field.choices else _TEXTS), *_LINKS)
    bits = (Completion("&", "has one of these bits"),) if field.kind is Kind.NUMBER else ()
    more = _TEXTS if field.text_twin else _TEXTS[:1] if field.kind is Kind.ADDRESS else ()
    return (*_EQUAL, *(() if field.names else _ORDERS), *bits, *more, *_LINKS)


def _values(field: Field, seen: Seen) -> Sequence[Completion]:
    asked = field_named(field.text_twin) if field.text_twin else None
    occurring = [Completion(_written(one, value), "occurs") for one in (field, asked) if one is not None
                 for value in seen(one)]
    named = [Completion(name, one_value(field, value)) for name, value in field.names.items() if " " not in name]
    return (*occurring, *(Completion(one) for one in field.choices), *named)


def _written(field: Field, value: Value) -> str:
    text = one_value(field, value)
    return quoted(text) if field.kind is Kind.TEXT and not field.choices else text


def _fields(word: str) -> Sequence[Completion]:
    """Names that begin with the word, then those of which a part does, then those whose meaning has it."""
    folded = word.casefold()
    known = [(name, FIELDS[same], True) for name, same in SAME_AS.items()]
    known += [(name, field, False) for name, field in FIELDS.items()]

    def rank(name: str, field: Field) -> int:
        name = name.casefold()
        if name.startswith(folded):
            return 0
        if any(part.startswith(folded) for part in re.split(r"[._]", name)):
            return 1
        return 2 if len(folded) > 2 and folded in field.words.casefold() else 3

    ranked = sorted(((rank(name, field), place, name, field) for place, (name, field, _) in enumerate(known)),
                    key=lambda one: one[:2])
    return [Completion(name, field.words) for order, _, name, field in ranked if order < 3][:MOST]


def _fitting(items: Sequence[Completion], word: str) -> Sequence[Completion]:
    folded = word.casefold()
    first = [one for one in items if one.text.casefold().startswith(folded)]
    others = [one for one in items if folded and one not in first and folded in one.text.casefold()]
    return list(dict.fromkeys((*first, *others)))[:MOST]
