"""NblFlags and Flags of a NET_BUFFER_LIST. Source: callouts-nbl-injection 5.3 [hdr: nbl.h]."""

from __future__ import annotations

from enum import IntFlag


class NblFlag(IntFlag):
    """NDIS_NBL_FLAGS_*, the member NblFlags."""

    SEND_READ_ONLY = 0x1
    RECV_READ_ONLY = 0x2
    HD_SPLIT = 0x100
    IS_IPV4 = 0x200
    IS_IPV6 = 0x400
    IS_TCP = 0x800
    IS_UDP = 0x1000
    SPLIT_AT_UPPER_LAYER_PROTOCOL_HEADER = 0x2000
    SPLIT_AT_UPPER_LAYER_PROTOCOL_PAYLOAD = 0x4000
    IS_LOOPBACK_PACKET = 0x8000
    CAPTURE_TIMESTAMP_ON_TRANSMIT = 0x10000


FLAGS_MASKS = {
    "PROTOCOL_RESERVED": 0xFFF00003, "MINIPORT_RESERVED": 0x0000F000, "SCRATCH": 0x000F0000,
    "NDIS_RESERVED": 0x00000FFC,
}
"""NBL_FLAGS_*: whose bits of the member Flags are whose (NDIS 6.30 and later)."""

_V4, _V6, _TCP, _UDP = NblFlag.IS_IPV4, NblFlag.IS_IPV6, NblFlag.IS_TCP, NblFlag.IS_UDP
_AT_HEADER = NblFlag.SPLIT_AT_UPPER_LAYER_PROTOCOL_HEADER
_AT_PAYLOAD = NblFlag.SPLIT_AT_UPPER_LAYER_PROTOCOL_PAYLOAD


def contradictions(nbl_flags: int) -> list[str]:
    """Say which NblFlags cannot stand together; [] when all can [ddi: nbl/ns-nbl-net_buffer_list.md]."""
    if not nbl_flags:
        return []
    rules = (
        (nbl_flags & _V4 and nbl_flags & _V6, "IS_IPV4 with IS_IPV6"),
        (nbl_flags & _TCP and nbl_flags & _UDP, "IS_TCP with IS_UDP"),
        (nbl_flags & (_TCP | _UDP) and not nbl_flags & (_V4 | _V6), "IS_TCP or IS_UDP without IS_IPV4 or IS_IPV6"),
        (nbl_flags & _AT_HEADER and nbl_flags & _AT_PAYLOAD, "both SPLIT_AT_UPPER_LAYER_PROTOCOL flags"),
        (nbl_flags & _AT_PAYLOAD and not nbl_flags & (_TCP | _UDP),
         "SPLIT_AT_UPPER_LAYER_PROTOCOL_PAYLOAD without IS_TCP or IS_UDP"),
    )
    return [words for is_wrong, words in rules if is_wrong]


def flag_names(nbl_flags: int) -> list[str]:
    """Names of the set bits, the lowest first; bits without a name as one hexadecimal number at the end."""
    names = [flag.name for flag in NblFlag if nbl_flags & flag and flag.name]
    rest = nbl_flags & ~sum(NblFlag)
    return [*names, f"0x{rest:X}"] if rest else names
