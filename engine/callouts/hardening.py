"""Rewrites a script where single operations of Python have no bound, before the steps are counted.

`a * b` becomes a call that looks at the sizes first; attributes by which much or ever can be made, or the engine be
reached, go through a check. Names that would lead around the guards are refused as the script is loaded. Lines stay.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from engine.callouts.api import ClassifyOut, IncomingMetadata, IncomingValues
from engine.callouts.filter_view import FilterView
from engine.callouts.fwps import Fwps
from engine.callouts.views import (
    MdlView,
    NetBufferListContextView,
    NetBufferListInfo,
    NetBufferListView,
    NetBufferView,
)

PREFIX = "__l2scope_"
OPERATORS: dict[type[ast.operator], str] = {
    ast.Mult: "mul", ast.Pow: "pow", ast.LShift: "lshift", ast.Mod: "mod", ast.Add: "add",
}
"""Operators whose result may be much larger than what they are given."""
BOUNDED_CALLS = frozenset({"range", "bytes", "bytearray", "map", "filter"})
"""Types of the builtins that are bounded where they are called; elsewhere they stay types."""
SMALL = 4096

METHODS = frozenset({
    "join", "replace", "extend", "ljust", "rjust", "center", "zfill", "expandtabs", "format", "format_map", "to_bytes",
    "__mul__", "__rmul__", "__imul__", "__pow__", "__rpow__", "__lshift__", "__rlshift__", "__mod__", "__format__",
})
"""Methods of builtin types whose result may be much larger than what they are given."""
CLOCKS = frozenset({"now", "utcnow", "today"})
REACHING = frozenset({"__setattr__", "__delattr__", "__getattribute__", "__dict__"})
_HANDED_OUT = (Fwps, IncomingValues, IncomingMetadata, FilterView, ClassifyOut, NetBufferListInfo,
               NetBufferListContextView, NetBufferListView, NetBufferView, MdlView)
ENGINE_PRIVATE = frozenset(
    name for kind in _HANDED_OUT for base in kind.__mro__ for name in vars(base)
    if name.startswith("_") and not name.startswith("__"))
"""Members of what a callout is handed; a script's own objects may have some of that name."""
MODULES = frozenset({
    "os", "_os", "sys", "_sys", "time", "_time", "random", "_random", "itertools", "_itertools", "operator",
    "_operator", "re", "math", "_math", "gc", "threading", "_threading", "_thread", "signal", "subprocess", "ctypes",
    "socket", "builtins", "_builtins", "importlib", "inspect", "asyncio", "multiprocessing", "weakref", "_weakref",
    "io", "uuid", "datetime", "posix", "nt", "pickle", "types",
})
"""Modules that others hold as attributes: `json.decoder.re`."""
CHECKED = METHODS | CLOCKS | REACHING | ENGINE_PRIVATE | MODULES

REFUSED = frozenset({
    "__globals__", "__builtins__", "__closure__", "__code__", "__subclasses__", "__self__", "__func__", "__loader__",
    "__spec__", "__reduce__", "__reduce_ex__", "f_back", "f_globals", "f_locals", "f_builtins", "f_code", "f_trace",
    "tb_frame", "gi_frame", "gi_code", "cr_frame", "cr_code", "ag_frame", "ag_code", "_getframe",
})
"""Attributes that lead out of the script, into the engine and the interpreter."""

_LONG_NUMBER = re.compile(r"\d{5}|\*")
_NESTED = re.compile(r"\{[^{}]*\{")


def harden(tree: ast.Module, name: str) -> None:
    """Rewrite a script's tree in place. SyntaxError, with its line, for what a script may not name."""
    for node in ast.walk(tree):
        for word in _words(node):
            reason = _refusal(word, node)
            if reason is not None:
                raise SyntaxError(reason, (name, getattr(node, "lineno", 1), 1, None))
    _Hardening().visit(tree)


def refused_attribute(name: str) -> str:
    return f"{name} is not for callout scripts: it leads out of them"


def _words(node: ast.AST) -> Iterator[str]:
    """Every identifier that stands in this node itself."""
    if isinstance(node, ast.Constant):
        return
    for _, value in ast.iter_fields(node):
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, str))


def _refusal(word: str, node: ast.AST) -> str | None:
    if word.startswith(PREFIX) or word == "__builtins__":
        return f"{word} is not for callout scripts"
    if word == "__del__":
        return "__del__ runs at moments that differ from run to run; give things back in stop"
    if isinstance(node, ast.Attribute) and word in REFUSED:
        return refused_attribute(word)
    return None


class _Hardening(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            node.value = _call("own", node.value, node.value)
            return node
        if node.attr not in CHECKED or _is_harmless_method(node):
            return node
        return _call("attr", node, node.value, ast.Constant(node.attr))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in BOUNDED_CALLS:
            node.func = _call("call", node.func, node.func)
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        turns = node.iter  # its turns are counted anyway
        node.iter = ast.Constant(None)
        self.generic_visit(node)
        node.iter = self._turns(turns)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        turns = node.iter
        node.iter = ast.Constant(None)
        self.generic_visit(node)
        node.iter = self._turns(turns)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        name = OPERATORS.get(type(node.op))
        if name is None or _is_small(node):
            return node
        return _call(name, node, node.left, node.right)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        name = OPERATORS.get(type(node.op))
        if name is None or (isinstance(node.target, ast.Subscript) and isinstance(node.target.slice, ast.Slice)):
            return self.generic_visit(node)
        if name == "add":
            self.generic_visit(node)
            if not isinstance(node.value, ast.Constant):
                node.value = _call("grown", node.value, node.value)
            return node
        return self._spelled_out(node, name)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        self.generic_visit(node)
        spec = node.format_spec
        if spec is None or not _may_be_wide(spec):
            return node
        node.value = _call("format", node.value, node.value, spec, ast.Constant(node.conversion))
        node.conversion, node.format_spec = -1, None
        return node

    def _turns(self, node: ast.expr) -> ast.expr:
        """What a loop goes over: `range` needs no bound there."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            self.generic_visit(node)
            return node
        turned = self.visit(node)
        assert isinstance(turned, ast.expr)
        return turned

    def _spelled_out(self, node: ast.AugAssign, name: str) -> ast.stmt:
        """`a.b *= c` as `x.b = imul((x := a).b, c)`: one statement, and `a` is asked for once."""
        target = node.target
        read: ast.expr
        write: ast.expr
        match target:
            case ast.Attribute(owner, attr):
                read = ast.Attribute(_kept("owner", self.visit(owner)), attr, ast.Load())
                write = ast.Attribute(_call("own", target, _name(f"{PREFIX}owner")), attr, ast.Store())
            case ast.Subscript(owner, key):
                read = ast.Subscript(_kept("owner", self.visit(owner)), _kept("key", self.visit(key)), ast.Load())
                write = ast.Subscript(_name(f"{PREFIX}owner"), _name(f"{PREFIX}key"), ast.Store())
            case _:
                read, write = ast.Name(target.id, ast.Load()), target
        done = ast.Assign([write], _call("i" + name, node, ast.copy_location(read, node), self.visit(node.value)))
        return ast.copy_location(done, node)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _kept(name: str, value: ast.expr) -> ast.expr:
    return ast.copy_location(ast.NamedExpr(ast.Name(f"{PREFIX}{name}", ast.Store()), value), value)


def _call(guard: str, place: ast.AST, *arguments: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(_name(f"{PREFIX}{guard}__"), list(arguments), []), place)


def _is_small(node: ast.BinOp) -> bool:
    """Constants say that the result is not much larger than what is given."""
    left, right = _constant(node.left), _constant(node.right)
    match node.op:
        case ast.Add():
            return left is not None or right is not None
        case ast.LShift():
            return isinstance(right, int) and right <= SMALL
        case ast.Mult():
            return isinstance(left, float) or isinstance(right, float)
        case ast.Mod():
            return isinstance(left, int | float) or (isinstance(left, str) and not _LONG_NUMBER.search(left))
        case _:
            return isinstance(left, int | float) and isinstance(right, int | float) and abs(right) <= SMALL


def _is_harmless_method(node: ast.Attribute) -> bool:
    """`"{:>4}".format`: a text that says itself how wide its parts are."""
    text = _constant(node.value)
    if node.attr != "format" or not isinstance(text, str):
        return False
    return not _LONG_NUMBER.search(text) and not _NESTED.search(text)


def _constant(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _may_be_wide(spec: ast.expr) -> bool:
    parts = spec.values if isinstance(spec, ast.JoinedStr) else [spec]
    return any(not isinstance(one, ast.Constant) or _LONG_NUMBER.search(str(one.value)) for one in parts)
