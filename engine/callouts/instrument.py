"""Counts the steps of a script, so that an endless loop ends: a step is a turn of a loop or the call of a function.

The count stands in the code itself rather than in a trace function: a script that swallows exceptions inside its loop
meets the limit again at the loop's next turn, outside of its own handler. Where something may be caught stands a look
at what it is: who catches RecursionError at every depth would do little in very many steps.
"""

from __future__ import annotations

import ast

from engine.callouts.counter import CAUGHT, STEP, StepCounter, StepLimitExceeded
from engine.callouts.hardening import harden
from engine.callouts.line_hooks import add_line_hooks

__all__ = ["STEP", "StepCounter", "StepLimitExceeded", "instrument"]


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

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        node.body.insert(0, _call(CAUGHT, node.body[0]))
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST:
        return self._final(node)

    def visit_TryStar(self, node: ast.TryStar) -> ast.AST:
        return self._final(node)

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
        place = node.body[0]
        if getattr(node, "name", "") in ("__exit__", "__aexit__"):
            node.body.insert(first, _call(CAUGHT, place))
        node.body.insert(first, _call(STEP, place))
        return node

    def _final(self, node: ast.Try | ast.TryStar) -> ast.AST:
        self.generic_visit(node)
        if node.finalbody:
            node.finalbody.insert(0, _call(CAUGHT, node.finalbody[0]))
        return node


def _has_docstring(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return ast.get_docstring(node, clean=False) is not None


def _step(place: ast.AST) -> ast.Call:
    return ast.copy_location(ast.Call(ast.Name(STEP, ast.Load()), [], []), place)


def _call(name: str, place: ast.stmt) -> ast.stmt:
    return ast.copy_location(ast.Expr(ast.Call(ast.Name(name, ast.Load()), [], [])), place)


def instrument(text: str, name: str, *, lines: bool = False) -> ast.Module:
    """Parse a script and put the counter into every loop, comprehension and function. Lines stay what they were.

    `lines`: and the hooks of line recording before every statement of a function.
    """
    tree = ast.parse(text, name)
    harden(tree, name)
    if lines:
        add_line_hooks(tree)
    _Instrument().visit(tree)
    return ast.fix_missing_locations(tree)
