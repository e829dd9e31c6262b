"""Compiles kernels, once on each machine where there is a place to keep what was compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile it at its first call; it leaves Python's lock while it runs."""
    return _made(function, {"nogil": True})


def part(function: F) -> F:
    """As `kernel`, put into the kernels that call it."""
    return _made(function, {"nogil": True, "inline": "always"})


def _made(function: F, how: dict[str, Any]) -> F:
    made: Any
    try:
        made = njit(cache=True, **how)(function)
    except RuntimeError:  # nothing can be written beside the program, nor in the user's own cache
        made = njit(**how)(function)
    return cast(F, made)
