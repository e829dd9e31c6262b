"""Headers that capture tools put before an 802.11 frame: radiotap, PPI, Prism and AVS.

Source: radiotap.org; PPI Packet Header Format 1.0.10; linux-wlan-ng's p80211msg.h and AVS capture header.
"""

from __future__ import annotations

from struct import Struct

IEEE802_11, PRISM, RADIOTAP, AVS, PPI = 105, 119, 127, 163, 192
RADIO_LINK_TYPES = frozenset((PRISM, RADIOTAP, AVS, PPI))

_U16, _U32 = Struct("<H").unpack_from, Struct("<I").unpack_from
_U32_BIG = Struct(">I").unpack_from
_EXTENDED, _TSFT, _FLAGS = 1 << 31, 1 << 0, 1 << 1
_HAS_FCS = 0x10
_PPI_COMMON = 2
_AVS_VERSIONS = frozenset((0x80211001, 0x80211002))


def without_radio_header(link_type: int, data: bytes, length_bytes: int) -> bytes | str:
    """Return the 802.11 frame behind the header, without an announced FCS; or why there is none.

    `length_bytes` is the frame's length on the wire, header included: a frame that was cut short has no FCS to lose.
    """
    if link_type == RADIOTAP:
        found = _radiotap(data)
    elif link_type == PPI:
        found = _ppi(data)
    else:
        found = _prism_or_avs(link_type, data)
    if isinstance(found, str):
        return found
    start, has_fcs = found
    end = min(len(data), max(length_bytes - 4, start)) if has_fcs else len(data)
    return data[start:end]


def _radiotap(data: bytes) -> tuple[int, bool] | str:
    if len(data) < 8:
        return "the radiotap header is cut off"
    if data[0]:
        return f"radiotap version {data[0]} is not 0"
    size = _U16(data, 2)[0]
    if not 8 <= size <= len(data):
        return f"the radiotap header of {size} bytes is longer than its frame"
    first = _U32(data, 4)[0]
    at, word = 8, first
    while word & _EXTENDED:
        if at + 4 > size:
            return "the radiotap header's list of fields does not end"
        word = _U32(data, at)[0]
        at += 4
    if first & _TSFT:
        at = (at + 7 & ~7) + 8
    has_fcs = bool(first & _FLAGS) and at < size and bool(data[at] & _HAS_FCS)
    return size, has_fcs


def _ppi(data: bytes) -> tuple[int, bool] | str:
    if len(data) < 8:
        return "the PPI header is cut off"
    size, inner = _U16(data, 2)[0], _U32(data, 4)[0]
    if data[0]:
        return f"PPI version {data[0]} is not 0"
    if not 8 <= size <= len(data):
        return f"the PPI header of {size} bytes is longer than its frame"
    if inner != IEEE802_11:
        return f"PPI around link type {inner} is not modelled"
    is_aligned, has_fcs, at = bool(data[1] & 1), False, 8
    while at + 4 <= size:
        kind, length = _U16(data, at)[0], _U16(data, at + 2)[0]
        if kind == _PPI_COMMON and length >= 10 and at + 14 <= size:
            has_fcs = bool(_U16(data, at + 12)[0] & 1)
        at += 4 + length
        if is_aligned:
            at = at + 3 & ~3
    return size, has_fcs


def _prism_or_avs(link_type: int, data: bytes) -> tuple[int, bool] | str:
    """Prism captures hold either header: the first word tells."""
    if len(data) < 8:
        return f"the {'AVS' if link_type == AVS else 'Prism'} header is cut off"
    if _U32_BIG(data, 0)[0] in _AVS_VERSIONS:
        name, size = "AVS", _U32_BIG(data, 4)[0]
    elif link_type == AVS:
        return f"AVS version {_U32_BIG(data, 0)[0]:08x} is none"
    else:
        name, size = "Prism", _U32(data, 4)[0]
    if not 8 <= size <= len(data):
        return f"the {name} header of {size} bytes is longer than its frame"
    return size, False
