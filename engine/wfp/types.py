"""FWP_DATA_TYPE, FWP_MATCH_TYPE, action and flag values. Source: layers-and-filters 3.1, 3.2, 4.1, 4.2."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import NewType

Guid = NewType("Guid", str)
"""Lower case, with braces: `{eebecc03-ced4-4380-819a-2734397b2b74}`."""

FilterId = NewType("FilterId", int)
"""Run-time id (LUID) of a filter, unique within a store; older filters have smaller ids."""

CalloutId = NewType("CalloutId", int)


class DataType(IntEnum):
    """FWP_DATA_TYPE [hdr][sdk: fwptypes/ne-fwptypes-fwp_data_type.md]."""

    FWP_EMPTY = 0
    FWP_UINT8 = 1
    FWP_UINT16 = 2
    FWP_UINT32 = 3
    FWP_UINT64 = 4
    FWP_INT8 = 5
    FWP_INT16 = 6
    FWP_INT32 = 7
    FWP_INT64 = 8
    FWP_FLOAT = 9
    FWP_DOUBLE = 10
    FWP_BYTE_ARRAY16_TYPE = 11
    FWP_BYTE_BLOB_TYPE = 12
    FWP_SID = 13
    FWP_SECURITY_DESCRIPTOR_TYPE = 14
    FWP_TOKEN_INFORMATION_TYPE = 15
    FWP_TOKEN_ACCESS_INFORMATION_TYPE = 16
    FWP_UNICODE_STRING_TYPE = 17
    FWP_BYTE_ARRAY6_TYPE = 18
    FWP_BITMAP_INDEX_TYPE = 19
    FWP_BITMAP_ARRAY64_TYPE = 20
    FWP_V4_ADDR_MASK = 0x100
    FWP_V6_ADDR_MASK = 0x101
    FWP_RANGE_TYPE = 0x102


class MatchType(IntEnum):
    """FWP_MATCH_TYPE [hdr][sdk: fwptypes/ne-fwptypes-fwp_match_type.md]."""

    FWP_MATCH_EQUAL = 0
    FWP_MATCH_GREATER = 1
    FWP_MATCH_LESS = 2
    FWP_MATCH_GREATER_OR_EQUAL = 3
    FWP_MATCH_LESS_OR_EQUAL = 4
    FWP_MATCH_RANGE = 5
    FWP_MATCH_FLAGS_ALL_SET = 6
    FWP_MATCH_FLAGS_ANY_SET = 7
    FWP_MATCH_FLAGS_NONE_SET = 8
    FWP_MATCH_EQUAL_CASE_INSENSITIVE = 9
    FWP_MATCH_NOT_EQUAL = 10
    FWP_MATCH_PREFIX = 11
    FWP_MATCH_NOT_PREFIX = 12


class ActionType(IntEnum):
    """FWP_ACTION_TYPE: 0x1000 terminating, 0x2000 non-terminating, 0x4000 callout [hdr: fwptypes.h]."""

    FWP_ACTION_BLOCK = 0x1001
    FWP_ACTION_PERMIT = 0x1002
    FWP_ACTION_CALLOUT_TERMINATING = 0x5003
    FWP_ACTION_CALLOUT_INSPECTION = 0x6004
    FWP_ACTION_CALLOUT_UNKNOWN = 0x4005
    FWP_ACTION_CONTINUE = 0x2006
    FWP_ACTION_NONE = 0x0007
    FWP_ACTION_NONE_NO_MATCH = 0x0008

    @property
    def is_callout(self) -> bool:
        return bool(self & 0x4000)


class FilterFlag(IntFlag):
    """FWPM_FILTER_FLAG_* [sdk: fwpmtypes/ns-fwpmtypes-fwpm_filter0.md]."""

    FWPM_FILTER_FLAG_NONE = 0
    FWPM_FILTER_FLAG_PERSISTENT = 0x1
    FWPM_FILTER_FLAG_BOOTTIME = 0x2
    FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT = 0x4
    FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT = 0x8
    FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED = 0x10
    FWPM_FILTER_FLAG_DISABLED = 0x20
    FWPM_FILTER_FLAG_INDEXED = 0x40
    FWPM_FILTER_FLAG_HAS_SECURITY_REALM_PROVIDER_CONTEXT = 0x80
    FWPM_FILTER_FLAG_SYSTEMOS_ONLY = 0x100
    FWPM_FILTER_FLAG_GAMEOS_ONLY = 0x200
    FWPM_FILTER_FLAG_SILENT_MODE = 0x400
    FWPM_FILTER_FLAG_IPSEC_NO_ACQUIRE_INITIATE = 0x800


class CalloutFlag(IntFlag):
    """FWP_CALLOUT_FLAG_*, given at registration [ddi: fwpsk/ns-fwpsk-fwps_callout2_.md]."""

    FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW = 0x1
    FWP_CALLOUT_FLAG_ALLOW_OFFLOAD = 0x2
    FWP_CALLOUT_FLAG_ENABLE_COMMIT_ADD_NOTIFY = 0x4
    FWP_CALLOUT_FLAG_ALLOW_MID_STREAM_INSPECTION = 0x8
    FWP_CALLOUT_FLAG_ALLOW_RECLASSIFY = 0x10
    FWP_CALLOUT_FLAG_RESERVED1 = 0x20
    FWP_CALLOUT_FLAG_ALLOW_RSC = 0x40
    FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY = 0x80
    FWP_CALLOUT_FLAG_ALLOW_USO = 0x100
    FWP_CALLOUT_FLAG_ALLOW_URO = 0x200
