"""NTSTATUS values and how to read them. Source: callouts-nbl-injection 3.7 [hdr: ntstatus.h, ndis.h]."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """The statuses worth a name. Values are unsigned 32 bit."""

    STATUS_SUCCESS = 0x00000000
    NDIS_STATUS_SUCCESS = STATUS_SUCCESS
    STATUS_TIMEOUT = 0x00000102
    STATUS_PENDING = 0x00000103
    STATUS_OBJECT_NAME_EXISTS = 0x40000000
    STATUS_BUFFER_OVERFLOW = 0x80000005
    STATUS_DEVICE_BUSY = 0x80000011
    STATUS_UNSUCCESSFUL = 0xC0000001
    NDIS_STATUS_FAILURE = STATUS_UNSUCCESSFUL
    STATUS_INVALID_HANDLE = 0xC0000008
    STATUS_INVALID_PARAMETER = 0xC000000D
    STATUS_ACCESS_DENIED = 0xC0000022
    STATUS_INSUFFICIENT_RESOURCES = 0xC000009A
    NDIS_STATUS_RESOURCES = STATUS_INSUFFICIENT_RESOURCES
    STATUS_NOT_SUPPORTED = 0xC00000BB
    STATUS_INVALID_BUFFER_SIZE = 0xC0000206
    STATUS_NOT_FOUND = 0xC0000225
    NDIS_STATUS_REQUEST_ABORTED = 0xC001000C
    NDIS_STATUS_RESET_IN_PROGRESS = 0xC001000D
    NDIS_STATUS_INVALID_PACKET = 0xC001000F
    NDIS_STATUS_INVALID_LENGTH = 0xC0010014
    STATUS_FWP_CALLOUT_NOT_FOUND = 0xC0220001
    STATUS_FWP_ALREADY_EXISTS = 0xC0220009
    STATUS_FWP_IN_USE = 0xC022000A
    STATUS_FWP_INVALID_PARAMETER = 0xC0220035
    STATUS_FWP_TCPIP_NOT_READY = 0xC0220100
    STATUS_FWP_INJECT_HANDLE_CLOSING = 0xC0220101
    STATUS_FWP_INJECT_HANDLE_STALE = 0xC0220102
    STATUS_FWP_CANNOT_PEND = 0xC0220103
    NDIS_STATUS_SEND_ABORTED = 0xC023000C
    STATUS_NDIS_REQUEST_ABORTED = NDIS_STATUS_SEND_ABORTED
    STATUS_NDIS_ADAPTER_REMOVED = 0xC0230018
    STATUS_NDIS_MEDIA_DISCONNECTED = 0xC023001F
    STATUS_NDIS_PAUSED = 0xC023002A
    NDIS_STATUS_PAUSED = STATUS_NDIS_PAUSED
    STATUS_NDIS_INTERFACE_NOT_FOUND = 0xC023002B
    STATUS_NDIS_INVALID_PORT = 0xC023002D
    STATUS_NDIS_INVALID_PORT_STATE = 0xC023002E
    STATUS_NDIS_LOW_POWER_STATE = 0xC023002F


def nt_success(status: int) -> bool:
    """NT_SUCCESS: the value, read as a signed 32-bit number, is not negative (S14)."""
    return status & 0x80000000 == 0


def status_name(status: int) -> str:
    """`STATUS_SUCCESS`, or the hexadecimal value of one without a name here."""
    try:
        return Status(status & 0xFFFFFFFF).name
    except ValueError:
        return f"0x{status & 0xFFFFFFFF:08X}"


def status_text(status: int) -> str:
    """`0xC0000206 STATUS_INVALID_BUFFER_SIZE`; the value alone when it has no name."""
    value = f"0x{status & 0xFFFFFFFF:08X}"
    name = status_name(status)
    return value if name == value else f"{value} {name}"


def status_class(status: int) -> str:
    """`success`, `informational`, `warning` or `error`: the two severity bits."""
    return ("success", "informational", "warning", "error")[(status & 0xFFFFFFFF) >> 30]
