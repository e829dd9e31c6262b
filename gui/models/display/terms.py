"""Display filters put together from what cells and packet fields show: one grammar for the right click everywhere."""

from __future__ import annotations

from engine.display.fields import Field, Kind, field_named
from engine.display.one import Value, Values
from gui.models.display.field_text import one_value

HOW = {
    "selected": "Selected", "not": "Not selected", "and": "… and selected", "or": "… or selected",
    "and_not": "… and not selected", "or_not": "… or not selected",
}  # fmt: skip
"""Ways to join a term with the filter that is there, and how a menu names them."""


def term(name: str, value: Value) -> str:
    """`eth.src == 02:00:00:00:00:01`, `outcome == "blocked"`, `frame.marked`. Raises KeyError for an unknown field."""
    field = field_named(name)
    if field is None:
        raise KeyError(name)
    if field.kind is Kind.FLAG:
        return field.name if value else f"not {field.name}"
    if field.kind is Kind.TIME:
        return f'{field.name} == "{one_value(field, value)}"'
    text = one_value(field, value)
    return f"{field.name} == {quoted(text) if field.kind is Kind.TEXT else text}"


def term_of(field: Field, values: Values) -> str:
    """All values of one frame; for none, that there is none."""
    if not values:
        return f"not {field.name}"
    if len(values) == 1:
        return term(field.name, values[0])
    return " and ".join(term(field.name, value) for value in dict.fromkeys(values))


def combined(now: str, wanted: str, how: str) -> str:
    """The filter that is there and a term, joined in one of the ways of `HOW`."""
    now, wanted = now.strip(), _closed(wanted) if how != "selected" else wanted
    if how.endswith("not"):
        wanted = f"not {wanted}"
    link = how.partition("_")[0]
    return f"{_closed(now)} {link} {wanted}" if now and link in ("and", "or") else wanted


def quoted(text: str) -> str:
    r"""In quotes, with \ and " escaped."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{text}"'


def _closed(text: str) -> str:
    """In brackets where it has several parts."""
    words = text.split('"')[::2]
    is_joined = any(link in f" {part} " for part in words for link in (" and ", " or ", " xor ", "&&", "||", "^^"))
    return f"({text})" if is_joined and not _is_bracketed(text) else text


def _is_bracketed(text: str) -> bool:
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and place < len(text) - 1:
            return False
    return True
