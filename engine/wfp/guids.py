"""Reading GUIDs, and deriving one from a name."""

from __future__ import annotations

import re
from functools import lru_cache
from uuid import UUID, uuid5

from engine.wfp.types import Guid

ZERO_GUID = Guid("{00000000-0000-0000-0000-000000000000}")
"""IID_NULL: as an object's key, "generate one"; as a filter's sublayer, the layer's default."""

_NAMESPACE = UUID("a3f6c1de-5f0b-4f6e-9a52-6c1d0b4e7f12")
_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")


def parse_guid(text: str) -> Guid | None:
    """Return the GUID in the spelling used everywhere, or None if the text is not one."""
    found = _GUID.fullmatch(text.strip())
    return Guid("{" + found[1].lower() + "}") if found else None


@lru_cache(maxsize=1 << 14)
def derived_key(kind: str, name: str) -> Guid:
    """Return the key of an object that was given none: the same for the same kind and name, every time."""
    return Guid("{" + str(uuid5(_NAMESPACE, f"{kind}:{name}")) + "}")
