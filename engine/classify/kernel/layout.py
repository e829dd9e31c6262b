"""Sizes and addresses of the structures that drivers look into. Source: callouts-nbl-injection 5.1, 5.2."""

from __future__ import annotations

PAGE = 0x1000
PHYSICAL = 0xFF_FFFF_FFFF
"""Physical addresses are the low bits of the invented virtual ones."""
MDL_BYTES, MDL_MAPPED_NONPAGED = 0x30, 0x5
"""sizeof(MDL) before its page numbers; MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL [hdr: wdm.h]."""
NBL_RESERVED = {"ndis_reserved": 2, "protocol_reserved": 4, "miniport_reserved": 2}
BUFFER_RESERVED = {"ndis_reserved": 2, "protocol_reserved": 6, "miniport_reserved": 4}
"""Pointers in each (5.1, 5.2)."""
