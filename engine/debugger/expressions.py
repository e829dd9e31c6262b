"""Conditions, watches and log texts of line breakpoints: a small language over what the trace has recorded.

Names are the recorded locals, `self.attribute` among them, and facts of the moment: `frame`, `frame.direction`,
`frame.length`, `frame.interface`, `time_ns`, `irql`, `driver`, `function`, `line`. Values are what their texts say: a
number, `'text'`, True, False, None, or the text itself, such as `NBL 12.1` or `Action.BLOCK`, which compares with a
string. There are comparisons, `and`, `or`, `not`, `in`, `&`.
Nothing is run: the recorded moment answers, so it holds backwards as well as forwards.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError

LONGEST = 400

Value = int | float | str | bool | None | tuple[Any, ...]
Names = Mapping[str, str | int]
"""Texts as recorded, or numbers."""

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda a, b: bool(a == b),
    ast.NotEq: lambda a, b: bool(a != b),
    ast.Lt: lambda a, b: bool(a < b),
    ast.LtE: lambda a, b: bool(a <= b),
    ast.Gt: lambda a, b: bool(a > b),
    ast.GtE: lambda a, b: bool(a >= b),
    ast.Is: lambda a, b: bool(a is b or a == b),
    ast.IsNot: lambda a, b: not (a is b or a == b),
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


class ExpressionError(EngineError):
    """A condition, watch or log text cannot be understood."""

    def __init__(self, text: str, reason: str, remedy: str) -> None:
        self.text = text
        super().__init__(f"`{text[:80]}`: {reason}; {remedy}")


class UnknownNameError(Exception):
    """The moment has no such name."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One that has been understood."""

    text: str
    node: ast.expr

    def value(self, names: Names) -> Value:
        """Its value at a moment. Raises UnknownNameError, with the name."""
        return _value(self.node, names)

    def holds(self, names: Names) -> bool:
        """Whether it is true there; a name that is not there makes it false."""
        try:
            return bool(self.value(names))
        except UnknownNameError:
            return False

    def shown(self, names: Names) -> str:
        """Its value as text: a recorded text as it is; `?` for what is not there."""
        try:
            name = _dotted(self.node)
            return str(_known(name, names)) if name else _text(self.value(names))
        except UnknownNameError:
            return "?"


def parse_expression(text: str) -> Expression:
    """Understand a condition or a watch. Raises ExpressionError with one line."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise ExpressionError(text, "it is empty" if not text else f"it is longer than {LONGEST} characters",
                              "write a comparison such as `status != 0`")
    try:
        node = ast.parse(text, mode="eval").body
        _check(node, text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(text, "not understood", "write a comparison such as `status != 0`") from None
    return Expression(text, node)


def parse_log(text: str) -> Callable[[Names], str]:
    """Understand a log text: `clone {clone} has {status}`. `{{` is a brace. Raises ExpressionError."""
    parts: list[str | Expression] = []
    left = text
    while left:
        before, brace, behind = _cut(left)
        parts.append(before)
        if brace != "{":
            break
        inner, close, left = behind.partition("}")
        if not close:
            raise ExpressionError(text, "a `{` is not closed", "write `{name}`, or `{{` for the brace itself")
        parts.append(parse_expression(inner))
    return lambda names: "".join(part if isinstance(part, str) else part.shown(names) for part in parts)


def _cut(text: str) -> tuple[str, str, str]:
    """The text before the next hole, with doubled braces made single; the brace; what is behind it."""
    before = ""
    while True:
        plain, brace, behind = text.partition("{")
        before += plain.replace("}}", "}")
        if not brace or not behind.startswith("{"):
            return before, brace, behind
        before, text = before + "{", behind[1:]


def _check(node: ast.expr, text: str) -> None:
    """Only what the language has."""
    match node:
        case ast.BoolOp(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
            inner = list(parts)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            inner = [operand]
        case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
            inner = [left, right]
        case ast.Compare(left=left, comparators=others):
            inner = [left, *others]
        case ast.Constant(value=int() | float() | str() | None):
            inner = []
        case _ if _dotted(node):
            inner = []
        case _:
            raise ExpressionError(
                text, f"`{ast.unparse(node)[:40]}` is not part of the language",
                "use names, numbers, 'texts', comparisons, `in`, `and`, `or`, `not`, `&`")
    for one in inner:
        _check(one, text)


def _dotted(node: ast.expr) -> str:
    """`self.lost` for a name with attributes; empty for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=attribute):
            before = _dotted(inner)
            return f"{before}.{attribute}" if before else ""
    return ""


def _value(node: ast.expr, names: Names) -> Value:
    match node:
        case ast.Constant(value=value):
            return value  # type: ignore[return-value]  # _check has seen which
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_value(part, names) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_value(part, names) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, names)
        case ast.UnaryOp(operand=operand):
            number = _value(operand, names)
            return -number if isinstance(number, int | float) else None
        case ast.BinOp(left=left, right=right):
            bits, mask = _value(left, names), _value(right, names)
            return bits & mask if isinstance(bits, int) and isinstance(mask, int) else None
        case ast.Compare():
            return _compare(node, names)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(_value(part, names) for part in parts)
        case _:
            return as_value(_known(_dotted(node), names))


def _known(name: str, names: Names) -> str | int:
    if name not in names:
        raise UnknownNameError(name)
    return names[name]


def _compare(node: ast.Compare, names: Names) -> bool:
    left = _value(node.left, names)
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        right = _value(right_node, names)
        try:
            if not _COMPARE[type(operator)](left, right):
                return False
        except TypeError:  # a text is neither less nor more than a number
            return False
        left = right
    return True


def as_value(text: str | int) -> Value:
    """What a recorded text stands for: the number or the text that it writes, else itself."""
    if not isinstance(text, str):
        return text
    known = {"None": None, "True": True, "False": False}
    if text in known:
        return known[text]
    if text[:1] in "-0123456789'\"":
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return text
        return value if isinstance(value, int | float | str) else text
    return text


def _text(value: Value) -> str:
    return value if isinstance(value, str) else repr(value)
