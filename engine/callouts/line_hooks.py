"""Puts a hook before each statement of a script's functions, and one around each function. Lines stay what they were.

Only scripts whose lines are wanted are rewritten like this: the others run the code that they always ran. Hooks in the
code, and not a trace function, because a script can take that away, and a debugger or a coverage tool needs it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

LINE, RETURN, LEAVE = "__l2scope_line__", "__l2scope_return__", "__l2scope_leave__"
"""Names under which the hooks stand among the script's builtins: `line(number)`, `return_(value)`, `leave()`."""
HOOKS = (LINE, RETURN, LEAVE)

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_BODIES = ("body", "orelse", "finalbody")
_SILENT = (ast.Global, ast.Nonlocal)
"""Statements that do nothing when they are met."""


def add_line_hooks(tree: ast.Module) -> None:
    """Rewrite every function of a parsed script in place."""
    _Hooks().visit(tree)


def hooked_lines(text: str) -> tuple[int, ...]:
    """The lines of a script that are recorded when they run, ascending; none of one that is no Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    add_line_hooks(tree)
    found = {node.args[0].value for node in ast.walk(tree)
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == LINE
             and isinstance(node.args[0], ast.Constant)}  # fmt: skip
    return tuple(sorted(line for line in found if isinstance(line, int)))


class _Hooks(ast.NodeTransformer):
    """Statements outside of functions run while the script is loaded, which nobody steps through."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        _hook_function(node)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        _hook_function(node)
        return node


def _hook_function(node: _Function) -> None:
    # A generator is left and entered again in the middle: it has lines, and no end that could be told in time.
    is_whole = isinstance(node, ast.FunctionDef) and not _yields(node.body)
    has_text = ast.get_docstring(node, clean=False) is not None
    text, body = (node.body[:1], node.body[1:]) if has_text else ([], node.body)
    hooked = _block(body, is_whole=is_whole)
    if not is_whole or not hooked:
        node.body = [*text, *hooked]
        return
    last = body[-1]
    if not isinstance(last, ast.Return | ast.Raise):
        hooked.append(_said(RETURN, last, ast.Constant(None)))
    whole = ast.Try(body=hooked, handlers=[], orelse=[], finalbody=[_said(LEAVE, last)])
    node.body = [*text, ast.copy_location(whole, body[0])]


def _block(statements: Iterable[ast.stmt], *, is_whole: bool) -> list[ast.stmt]:
    hooked: list[ast.stmt] = []
    for one in statements:
        if not isinstance(one, (*_SILENT, ast.While)):
            hooked.append(_said(LINE, one, ast.Constant(one.lineno)))
        _hook_statement(one, is_whole=is_whole)
        hooked.append(one)
    return hooked


def _hook_statement(node: ast.stmt, *, is_whole: bool) -> None:
    if isinstance(node, _Function):
        _hook_function(node)
        return
    if isinstance(node, ast.ClassDef):
        _Hooks().generic_visit(node)
        return
    if isinstance(node, ast.While):  # its condition runs again at every turn
        line = _call(LINE, node, ast.Constant(node.lineno))
        node.test = ast.copy_location(ast.BoolOp(ast.And(), [line, node.test]), node.test)
    if isinstance(node, ast.Return) and is_whole:
        node.value = _call(RETURN, node, node.value or ast.copy_location(ast.Constant(None), node))
    for name in _BODIES:
        inner = getattr(node, name, None)
        if inner:
            setattr(node, name, _block(inner, is_whole=is_whole))
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        part.body = _block(part.body, is_whole=is_whole)


def _yields(body: Iterable[ast.AST]) -> bool:
    """Whether the statements make their function a generator."""
    left = list(body)
    while left:
        node = left.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, (*_Function.__args__, ast.Lambda, ast.ClassDef)):  # those are functions of their own
            left += ast.iter_child_nodes(node)
    return False


def _call(name: str, place: ast.AST, *arguments: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(ast.Name(name, ast.Load()), list(arguments), []), place)


def _said(name: str, place: ast.stmt, *arguments: ast.expr) -> ast.stmt:
    return ast.copy_location(ast.Expr(_call(name, place, *arguments)), place)
