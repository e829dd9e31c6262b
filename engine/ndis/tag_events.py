"""What can happen to a tagged NBL. Source: callouts-nbl-injection 5.8 [hdr: fwpsk.h]."""

from __future__ import annotations

from enum import IntEnum


class TagEvent(IntEnum):
    """FWPS_NET_BUFFER_LIST_EVENT_TYPE0."""

    ENTERED_NETIO = 0
    CLONED_BY_NETIO = 1
    CLONED_VIA_WFP_API = 2
    DUPLICATED_BY_NETIO = 3
    EXIT_NETIO = 4
    CONTEXT_REMOVED = 5
    NDIS_ETHERNET_SEND_COMPLETE = 6
    NDIS_ETHERNET_RECV_COMPLETE = 7
    NDIS_NATIVE_SEND_COMPLETE = 8
    NDIS_NATIVE_RECV_COMPLETE = 9
    VSWITCH_INGRESS_COMPLETE = 10
    VSWITCH_EGRESS_COMPLETE = 11
    CLONED_BY_NDIS = 12
    REASSEMBLED_FRAGMENT = 13
    REASSEMBLY_COMPLETE = 14
