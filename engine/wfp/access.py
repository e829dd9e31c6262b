"""Access rights of a session. Source: layers-and-filters 4.8 [win32: access-right-identifiers.md]."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntFlag

from engine.wfp.fwp_errors import FwpCode, WfpError


class AccessRight(IntFlag):
    """FWPM_ACTRL_*, and the standard right DELETE."""

    FWPM_ACTRL_ADD = 0x1
    FWPM_ACTRL_ADD_LINK = 0x2
    FWPM_ACTRL_BEGIN_READ_TXN = 0x4
    FWPM_ACTRL_BEGIN_WRITE_TXN = 0x8
    FWPM_ACTRL_CLASSIFY = 0x10
    FWPM_ACTRL_ENUM = 0x20
    FWPM_ACTRL_OPEN = 0x40
    FWPM_ACTRL_READ = 0x80
    FWPM_ACTRL_READ_STATS = 0x100
    FWPM_ACTRL_SUBSCRIBE = 0x200
    FWPM_ACTRL_WRITE = 0x400
    DELETE = 0x10000


ALL_ACCESS = AccessRight(sum(right.value for right in AccessRight))
"""What administrators and kernel callers have."""

EVERYONE = AccessRight.FWPM_ACTRL_OPEN | AccessRight.FWPM_ACTRL_CLASSIFY
"""What any other user has by default."""


def access_faults(held: AccessRight, needed: AccessRight) -> Iterator[WfpError]:
    """Yield ERROR_ACCESS_DENIED if a right is missing."""
    missing = needed & ~held
    if missing:
        yield WfpError(
            FwpCode.ERROR_ACCESS_DENIED, "$", f"the session lacks {missing.name}", "open it with that right")
