"""Counts the steps of a script, so that an endless loop ends: a step is a turn of a loop or the call of a function.

The count stands in the code itself rather than in a trace function: a script that swallows exceptions inside its loop
meets the limit again at the loop's next turn, outside of its own handler.
"""

from __future__ import annotations

import ast

STEP = "__l2scope_step__"
"""Name under which the counter stands among the script's builtins."""


class StepLimitExceeded(BaseException):
    """More steps than `callout_step_limit` in one call. Not an Exception: `except Exception` must not swallow it."""


class StepCounter:
    """Raises once the limit is passed, and again at every later step until it is reset."""

    __slots__ = ("limit", "taken")

    def __init__(self, limit: int) -> None:
        self.limit, self.taken = limit, 0

    def __call__(self) -> bool:
        self.taken += 1
        if self.taken > self.limit:
            raise StepLimitExceeded
        return True


class _Instrument(ast.NodeTransformer):
    def visit_For(self, node: ast.For) -> ast.AST:
        return self._body(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        return self._body(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._body(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._body(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._body(node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.ifs.insert(0, _step(node.iter))
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.generic_visit(node)
        both = ast.Tuple([_step(node.body), node.body], ast.Load())
        node.body = ast.copy_location(ast.Subscript(both, ast.Constant(1), ast.Load()), node.body)
        return node

    def _body(self, node: ast.For | ast.AsyncFor | ast.While | ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        self.generic_visit(node)
        first = 1 if _has_docstring(node) else 0
        node.body.insert(first, ast.copy_location(ast.Expr(_step(node.body[0])), node.body[0]))
        return node


def _has_docstring(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return ast.get_docstring(node, clean=False) is not None


def _step(place: ast.AST) -> ast.Call:
    return ast.copy_location(ast.Call(ast.Name(STEP, ast.Load()), [], []), place)


def instrument(text: str, name: str) -> ast.Module:
    """Parse a script and put the counter into every loop, comprehension and function. Lines stay what they were."""
    tree = ast.parse(text, name)
    _Instrument().visit(tree)
    return ast.fix_missing_locations(tree)
