"""How much memory a script holds from one call to the next."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from engine.callouts.members import is_engines

OBJECTS_LOOKED_AT = 2_000_000
_SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType, CodeType, FrameType)
"""Things that many have, or that lead to what is not the script's."""


def held_bytes(roots: Iterable[Any], enough: int) -> int:
    """Bytes of what can be reached from a script's names, counted until there are more than `enough`.

    What the engine has lent is not counted.
    """
    left = list(roots)
    seen = {id(one) for one in left}
    found = 0
    while left and found <= enough and len(seen) < OBJECTS_LOOKED_AT:
        one = left.pop()
        found += object.__sizeof__(one) if type(one).__flags__ & 1 << 9 else sys.getsizeof(one)
        for inner in gc.get_referents(one):
            if id(inner) not in seen and not isinstance(inner, _SHARED) and not is_engines(inner):
                seen.add(id(inner))
                left.append(inner)
    return found
