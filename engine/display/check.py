"""Gives the words of a display filter their meaning: fields, values of the right kind, operators that fit."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from engine.display import literals
from engine.display.check_values import Node, ValueChecker
from engine.display.failure import DisplayFilterError
from engine.display.fields import Field, Kind, field_named, nearest_field
from engine.display.literals import LiteralError
from engine.display.pattern import Pattern, PatternError
from engine.display.tree import (
    And,
    Change,
    Compare,
    Contains,
    Exists,
    Masked,
    Matches,
    Not,
    Operand,
    Operator,
    Or,
    Relates,
    Span,
    Test,
    Within,
    Xor,
)

DEEPEST = 60
"""Brackets and `not` inside each other."""

_OPERATORS = {
    "==": Operator.EQ, "=": Operator.EQ, "eq": Operator.EQ, "any_eq": Operator.EQ, "===": Operator.ALL_EQ,
    "all_eq": Operator.ALL_EQ, "!=": Operator.NE, "ne": Operator.NE, "all_ne": Operator.NE, "!==": Operator.ANY_NE,
    "~=": Operator.ANY_NE, "any_ne": Operator.ANY_NE, "<": Operator.LT, "lt": Operator.LT, "<=": Operator.LE,
    "le": Operator.LE, ">": Operator.GT, "gt": Operator.GT, ">=": Operator.GE, "ge": Operator.GE,
}  # fmt: skip
_ORDERS = frozenset({Operator.LT, Operator.LE, Operator.GT, Operator.GE})
_JOINED: dict[str, type[And | Or | Xor]] = {"both": And, "either": Or, "xor": Xor}


class Checker(ValueChecker):
    """Walks one parse tree."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.warnings: list[str] = []

    def test(self, node: Any, depth: int = 0) -> Test:
        """Understand a test. Raises DisplayFilterError."""
        if depth > DEEPEST:
            raise DisplayFilterError(0, len(self._text), "it is nested too deep", f"use at most {DEEPEST} levels")
        assert isinstance(node, Tree)
        if node.data in _JOINED:
            parts = [one for one in node.children if isinstance(one, Tree)]
            return _JOINED[node.data](tuple(self.test(part, depth + 1) for part in parts))
        match node.data:
            case "negation":
                return Not(self.test(node.children[1], depth + 1))
            case "compare":
                return self._compare(node)
            case "within" | "not_within":
                within = self._within(node)
                return within if node.data == "within" else Not(within)
            case "contains":
                return self._contains(node)
            case "matches":
                return self._matches(node)
            case _:
                operand, _ = self._operand(node.children[0])
                return Exists(operand)

    # --- operands ------------------------------------------------------------------------------------------------

    def _operand(self, node: Any) -> tuple[Operand, bool | None]:
        """A field with what is done to it; whether `all` (True) or `any` (False) stands before it."""
        words: list[Token] = list(node.children)
        change, every = Change.NOTHING, None
        if node.data == "called":
            function = words.pop(0)
            known = {one.value: one for one in Change if one}
            if function.lower() not in known:
                raise self.wrong(function, f"there is no function `{function}`", f"there are {', '.join(known)}")
            change = known[function.lower()]
        elif node.data == "quantified":
            every = words.pop(0).lower() == "all"
        field = self._field(words.pop(0))
        operand = Operand(field, change)
        if change in (Change.LOWER, Change.UPPER, Change.LENGTH) and field.is_numeric:
            raise self.wrong(node, f"{field.name} is no text", f"use it without `{change}`")
        if words and words[0].type == "SLICE":
            operand = self._sliced(operand, words.pop(0))
        if words:
            operand = self._masked(operand, words[1])
        return operand, every

    def _field(self, token: Token) -> Field:
        found = field_named(str(token))
        if found is not None:
            return found
        near = nearest_field(str(token))
        remedy = f"did you mean `{near}`?" if near else "press Ctrl+Space for the names that there are"
        raise self.wrong(token, f"there is no field `{token}`", remedy, near)

    def _sliced(self, operand: Operand, token: Token) -> Operand:
        if operand.field.kind is not Kind.ADDRESS:
            raise self.wrong(token, f"{operand.field.name} has no octets", "only addresses have parts")
        try:
            shift, width = literals.slice_bits(str(token), operand.field.bits)
        except LiteralError as error:
            raise self.wrong(token, str(error), "octets are counted from 0") from None
        return Operand(operand.field, operand.change, shift, (1 << width) - 1)

    def _masked(self, operand: Operand, token: Token) -> Operand:
        field = operand.field
        if field.kind is not Kind.NUMBER:
            raise self.wrong(token, f"{field.name} has no bits", "`&` is for numbers")
        return Operand(field, operand.change, 0, self.number(field, token))

    # --- tests ---------------------------------------------------------------------------------------------------

    def _compare(self, node: Node) -> Test:
        left, sign, right = node.children
        assert isinstance(sign, Token)
        operand, every = self._operand(left)
        operator = _OPERATORS[sign.lower()]
        if sign == "=":
            self.warnings.append("`=` is understood as `==`.")
        if every is not None:
            operator = self._quantified(operator, every, sign)
        if isinstance(right, Tree) and right.data in {"plain", "called", "quantified"}:
            name = right.children[0]
            assert isinstance(name, Token)
            if right.data != "plain" or field_named(str(name)) is not None or "." in name or len(right.children) > 1:
                other, _ = self._operand(right)
                return self._relates(operand, operator, other, node)
            right = Tree("word", [name], right.meta)
        operand = self.for_text(operand, right)
        item = self.item(operand, right)
        if operator in _ORDERS and operand.is_text:
            raise self.wrong(sign, f"{operand.field.name} is a text", "compare it with `==`, `contains` or `matches`")
        if isinstance(item, Masked) and operator in _ORDERS:
            raise self.wrong(right, "a masked address has no order", "compare it with `==` or `!=`")
        return Compare(operand, operator, item.low if isinstance(item, Span) else item)

    def _quantified(self, operator: Operator, every: bool, sign: Token) -> Operator:
        wanted = {(Operator.EQ, True): Operator.ALL_EQ, (Operator.EQ, False): Operator.EQ,
                  (Operator.NE, True): Operator.NE, (Operator.NE, False): Operator.ANY_NE}
        if (operator, every) in wanted:
            return wanted[operator, every]
        if every:
            raise self.wrong(sign, "`all` goes with `==` and `!=`", "turn the test around: `not …`")
        return operator

    def _relates(self, left: Operand, operator: Operator, right: Operand, node: Node) -> Test:
        if left.is_text is not right.is_text:
            raise self.wrong(node, f"{left.field.name} and {right.field.name} are not of one kind",
                              "compare numbers with numbers and texts with texts")
        if left.is_text or Change.COUNT in (left.change, right.change):
            raise self.wrong(node, "texts of two fields cannot be compared", "compare each with a text in quotes")
        return Relates(left, operator, right)

    def _within(self, node: Node) -> Within:
        operand, _ = self._operand(node.children[0])
        values = node.children[-1]
        assert isinstance(values, Tree)
        inner = self._text[values.meta.start_pos : values.meta.end_pos]
        if len(values.children) > 1 and "," not in inner:
            self.warnings.append("Values of a set are separated by commas: {1, 2}.")
        operand = self.for_text(operand, values.children[0])
        return Within(operand, tuple(self.item(operand, one) for one in values.children))

    def _contains(self, node: Node) -> Contains:
        operand, _ = self._operand(node.children[0])
        value = node.children[2]
        if isinstance(value, Token):
            value = Tree("text_word", [value])
        assert isinstance(value, Tree)
        operand = self.for_text(operand, value)
        token = value.children[0]
        assert isinstance(token, Token)
        if operand.is_text:
            return Contains(operand, self.text_of(value, token))
        if operand.field.kind is not Kind.ADDRESS or operand.mask is not None or value.data != "octets":
            raise self.wrong(token, f"{operand.field.name} contains nothing", "`contains` is for texts, and for "
                              "octets of an address such as 06:5b")
        try:
            return Contains(operand, literals.part_of_octets(str(token)))
        except LiteralError as error:
            raise self.wrong(token, str(error), "at most six of them") from None

    def _matches(self, node: Node) -> Matches:
        operand, _ = self._operand(node.children[0])
        token = node.children[2]
        assert isinstance(token, Token)
        operand = self.for_text(operand, Tree("text", [token]))
        if not operand.is_text:
            raise self.wrong(token, f"{operand.field.name} is no text", "compare it with `==` or `in {…}`")
        try:
            return Matches(operand, Pattern(literals.unquoted(str(token))))
        except PatternError as error:
            raise self.wrong(token, f"the pattern cannot be used: {error}",
                              "RE2 has no look-around and no back-references") from None
