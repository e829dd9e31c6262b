"""The values of a display filter, each of the kind that its field has."""

from __future__ import annotations

import difflib
from typing import Any

from lark import Token, Tree

from engine.display import literals
from engine.display.failure import DisplayFilterError
from engine.display.fields import FIELDS, Field, Kind
from engine.display.literals import LiteralError
from engine.display.tree import Change, Item, Operand, Span

Node = Tree[Token]
_SIGNED = frozenset({Kind.TIME, Kind.SECONDS})


class ValueChecker:
    """Reads the values of one filter. Every method raises DisplayFilterError at the place that is wrong."""

    def for_text(self, operand: Operand, value: Any) -> Operand:
        """The field itself, or its twin where a text is compared: `filter == "no ARP"`."""
        twin = operand.field.text_twin
        is_text = isinstance(value, Tree) and value.data in {"text", "text_word", "word"}
        if twin and is_text and operand.mask is None:
            return Operand(FIELDS[twin], operand.change)
        return operand

    def item(self, operand: Operand, node: Any) -> Item:
        assert isinstance(node, Tree)
        if node.data == "span":
            low, high = self.item(operand, node.children[0]), self.item(operand, node.children[-1])
            if not isinstance(low, Span) or not isinstance(high, Span):
                raise self.wrong(node, "a range goes from a number to a number", "write it as 1..10")
            if low.low > high.low:
                raise self.wrong(node, "the range ends before it begins", "write the smaller number first")
            return Span(low.low, high.low)
        token = node.children[0]
        assert isinstance(token, Token)
        if operand.is_text:
            return self._choice(operand.field, node, token)
        if operand.change in (Change.LENGTH, Change.COUNT):
            return self._span(self._plain_number(token))
        if operand.field.kind is Kind.ADDRESS:
            return self._address(operand, token)
        return self._span(self.number(operand.field, token))

    @staticmethod
    def _span(number: int) -> Span:
        return Span(number, number)

    def text_of(self, node: Node, token: Token) -> str:
        return literals.unquoted(str(token)) if node.data == "text" else str(token)

    def _choice(self, field: Field, node: Node, token: Token) -> str:
        text = self.text_of(node, token)
        if field.choices and text not in field.choices:
            near = difflib.get_close_matches(text.lower(), [one.lower() for one in field.choices], 1, 0.5)
            found = next((one for one in field.choices if near and one.lower() == near[0]), "")
            remedy = f"did you mean `{found}`?" if found else f"it is one of {', '.join(field.choices)}"
            raise self.wrong(token, f"{field.name} is never `{text[:40]}`", remedy, found)
        return text

    def _address(self, operand: Operand, token: Token) -> Item:
        bits = operand.field.bits if operand.mask is None else operand.mask.bit_length()
        try:
            if token.type == "NUMBER" and bits == 8:
                return self._span(self._fitting(token, int(str(token), 16), bits))
            if token.type == "NAME" and str(token).lower() == "broadcast" and bits == 48:
                return self._span((1 << 48) - 1)
            if token.type != "OCTETS":
                raise LiteralError("an address is wanted")
            return literals.octets(str(token), bits)
        except (LiteralError, ValueError) as error:
            reason = str(error) if isinstance(error, LiteralError) else "an octet is wanted"
            raise self.wrong(token, reason, "write it as 02:00:00:00:00:01, its beginning as 02:00:*") from None

    def number(self, field: Field, token: Token) -> int:
        text = str(token)
        try:
            if token.type in ("NAME", "TEXT"):
                name = literals.unquoted(text) if token.type == "TEXT" else text
                if field.kind is Kind.TIME and token.type == "TEXT":
                    return literals.moment_ns(name)
                return self._by_name(field, token, name)
            if field.kind is Kind.TIME:
                return literals.moment_ns(text) if token.type == "MOMENT" else literals.seconds_ns(text)
            if token.type != "NUMBER":
                raise LiteralError("a number is wanted")
            number = literals.seconds_ns(text) if field.kind is Kind.SECONDS else literals.integer(text)
        except LiteralError as error:
            raise self.wrong(token, str(error), f"{field.name} is a {field.kind}") from None
        return self._fitting(token, number, field.bits, is_signed=field.kind in _SIGNED)

    def _plain_number(self, token: Token) -> int:
        try:
            return self._fitting(token, literals.integer(str(token)), 32)
        except LiteralError as error:
            raise self.wrong(token, str(error), "write it as 100 or 0x64") from None

    def _by_name(self, field: Field, token: Token, name: str) -> int:
        if name.lower() in field.names:
            return field.names[name.lower()]
        near = difflib.get_close_matches(name.lower(), field.names, 1, 0.5)
        remedy = f"did you mean `{near[0]}`?" if near else "write a number"
        raise self.wrong(token, f"{field.name} has no value named `{name[:40]}`", remedy, near[0] if near else "")

    def _fitting(self, token: Token, number: int, bits: int, *, is_signed: bool = False) -> int:
        low, high = (-(1 << 63), (1 << 63) - 1) if is_signed else (0, (1 << bits) - 1)
        if not low <= number <= high:
            raise self.wrong(token, f"{token} does not fit into {bits} bits", f"it goes up to {high}")
        return number

    def wrong(self, where: Any, reason: str, remedy: str, instead: str = "") -> DisplayFilterError:
        start, end = (where.start_pos, where.end_pos) if isinstance(where, Token) else (
            where.meta.start_pos, where.meta.end_pos)
        return DisplayFilterError(start or 0, end or 0, reason, remedy, instead)
