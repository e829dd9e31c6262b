"""The FWP_E_* codes of the management API, and the error that carries one. Source: layers-and-filters 3.4."""

from __future__ import annotations

from enum import IntEnum

from engine.errors import EngineError


class FwpCode(IntEnum):
    """HRESULTs; up to 0x39 [win32: wfp-error-codes.md], the rest [hdr: winerror.h]."""

    ERROR_ACCESS_DENIED = 0x00000005
    FWP_E_CALLOUT_NOT_FOUND = 0x80320001
    FWP_E_CONDITION_NOT_FOUND = 0x80320002
    FWP_E_FILTER_NOT_FOUND = 0x80320003
    FWP_E_LAYER_NOT_FOUND = 0x80320004
    FWP_E_PROVIDER_NOT_FOUND = 0x80320005
    FWP_E_PROVIDER_CONTEXT_NOT_FOUND = 0x80320006
    FWP_E_SUBLAYER_NOT_FOUND = 0x80320007
    FWP_E_NOT_FOUND = 0x80320008
    FWP_E_ALREADY_EXISTS = 0x80320009
    FWP_E_IN_USE = 0x8032000A
    FWP_E_DYNAMIC_SESSION_IN_PROGRESS = 0x8032000B
    FWP_E_WRONG_SESSION = 0x8032000C
    FWP_E_NO_TXN_IN_PROGRESS = 0x8032000D
    FWP_E_TXN_IN_PROGRESS = 0x8032000E
    FWP_E_TXN_ABORTED = 0x8032000F
    FWP_E_SESSION_ABORTED = 0x80320010
    FWP_E_INCOMPATIBLE_TXN = 0x80320011
    FWP_E_TIMEOUT = 0x80320012
    FWP_E_NET_EVENTS_DISABLED = 0x80320013
    FWP_E_INCOMPATIBLE_LAYER = 0x80320014
    FWP_E_KM_CLIENTS_ONLY = 0x80320015
    FWP_E_LIFETIME_MISMATCH = 0x80320016
    FWP_E_BUILTIN_OBJECT = 0x80320017
    FWP_E_TOO_MANY_CALLOUTS = 0x80320018
    FWP_E_NOTIFICATION_DROPPED = 0x80320019
    FWP_E_TRAFFIC_MISMATCH = 0x8032001A
    FWP_E_INCOMPATIBLE_SA_STATE = 0x8032001B
    FWP_E_NULL_POINTER = 0x8032001C
    FWP_E_INVALID_ENUMERATOR = 0x8032001D
    FWP_E_INVALID_FLAGS = 0x8032001E
    FWP_E_INVALID_NET_MASK = 0x8032001F
    FWP_E_INVALID_RANGE = 0x80320020
    FWP_E_INVALID_INTERVAL = 0x80320021
    FWP_E_ZERO_LENGTH_ARRAY = 0x80320022
    FWP_E_NULL_DISPLAY_NAME = 0x80320023
    FWP_E_INVALID_ACTION_TYPE = 0x80320024
    FWP_E_INVALID_WEIGHT = 0x80320025
    FWP_E_MATCH_TYPE_MISMATCH = 0x80320026
    FWP_E_TYPE_MISMATCH = 0x80320027
    FWP_E_OUT_OF_BOUNDS = 0x80320028
    FWP_E_RESERVED = 0x80320029
    FWP_E_DUPLICATE_CONDITION = 0x8032002A
    FWP_E_DUPLICATE_KEYMOD = 0x8032002B
    FWP_E_ACTION_INCOMPATIBLE_WITH_LAYER = 0x8032002C
    FWP_E_ACTION_INCOMPATIBLE_WITH_SUBLAYER = 0x8032002D
    FWP_E_CONTEXT_INCOMPATIBLE_WITH_LAYER = 0x8032002E
    FWP_E_CONTEXT_INCOMPATIBLE_WITH_CALLOUT = 0x8032002F
    FWP_E_INCOMPATIBLE_AUTH_METHOD = 0x80320030
    FWP_E_INCOMPATIBLE_DH_GROUP = 0x80320031
    FWP_E_EM_NOT_SUPPORTED = 0x80320032
    FWP_E_NEVER_MATCH = 0x80320033
    FWP_E_PROVIDER_CONTEXT_MISMATCH = 0x80320034
    FWP_E_INVALID_PARAMETER = 0x80320035
    FWP_E_TOO_MANY_SUBLAYERS = 0x80320036
    FWP_E_CALLOUT_NOTIFICATION_FAILED = 0x80320037
    FWP_E_INVALID_AUTH_TRANSFORM = 0x80320038
    FWP_E_INVALID_CIPHER_TRANSFORM = 0x80320039
    FWP_E_INCOMPATIBLE_CIPHER_TRANSFORM = 0x8032003A
    FWP_E_INVALID_TRANSFORM_COMBINATION = 0x8032003B
    FWP_E_DUPLICATE_AUTH_METHOD = 0x8032003C
    FWP_E_INVALID_TUNNEL_ENDPOINT = 0x8032003D
    FWP_E_L2_DRIVER_NOT_READY = 0x8032003E
    FWP_E_KEY_DICTATOR_ALREADY_REGISTERED = 0x8032003F
    FWP_E_KEY_DICTATION_INVALID_KEYING_MATERIAL = 0x80320040
    FWP_E_CONNECTIONS_DISABLED = 0x80320041
    FWP_E_INVALID_DNS_NAME = 0x80320042
    FWP_E_STILL_ON = 0x80320043
    FWP_E_IKEEXT_NOT_RUNNING = 0x80320044
    FWP_E_DROP_NOICMP = 0x80320104

    @property
    def ntstatus(self) -> int:
        """What a kernel caller gets: STATUS_FWP_… with the same low word."""
        if self is FwpCode.ERROR_ACCESS_DENIED:
            return 0xC0000022
        return 0xC0220000 | (self & 0xFFFF)

    @property
    def cause(self) -> str:
        """One line of help."""
        return _CAUSES.get(self, "a part of WFP that the MAC layers do not use")


_CAUSES = {
    FwpCode.ERROR_ACCESS_DENIED: "the session lacks the access right",
    FwpCode.FWP_E_CALLOUT_NOT_FOUND: "the action names a callout that was never added",
    FwpCode.FWP_E_CONDITION_NOT_FOUND: "the condition's field is not a field of that layer",
    FwpCode.FWP_E_FILTER_NOT_FOUND: "no filter has that key or id",
    FwpCode.FWP_E_LAYER_NOT_FOUND: "no layer has that name or key",
    FwpCode.FWP_E_PROVIDER_NOT_FOUND: "no provider has that key",
    FwpCode.FWP_E_PROVIDER_CONTEXT_NOT_FOUND: "no provider context has that key",
    FwpCode.FWP_E_SUBLAYER_NOT_FOUND: "no sublayer has that key",
    FwpCode.FWP_E_NOT_FOUND: "the object does not exist",
    FwpCode.FWP_E_ALREADY_EXISTS: "an object with that key or id exists",
    FwpCode.FWP_E_IN_USE: "another object refers to it, so it cannot be deleted",
    FwpCode.FWP_E_DYNAMIC_SESSION_IN_PROGRESS: "not allowed from a dynamic session",
    FwpCode.FWP_E_WRONG_SESSION: "the object belongs to another session",
    FwpCode.FWP_E_NO_TXN_IN_PROGRESS: "the call needs an explicit transaction",
    FwpCode.FWP_E_TXN_IN_PROGRESS: "not allowed inside an explicit transaction",
    FwpCode.FWP_E_TXN_ABORTED: "the transaction was forcibly cancelled",
    FwpCode.FWP_E_SESSION_ABORTED: "the session has ended",
    FwpCode.FWP_E_INCOMPATIBLE_TXN: "a write inside a read-only transaction",
    FwpCode.FWP_E_TIMEOUT: "waiting for the transaction lock took too long",
    FwpCode.FWP_E_NET_EVENTS_DISABLED: "collection of network events is off",
    FwpCode.FWP_E_INCOMPATIBLE_LAYER: "the layer does not support the operation",
    FwpCode.FWP_E_KM_CLIENTS_ONLY: "only kernel callers may do this",
    FwpCode.FWP_E_LIFETIME_MISMATCH: "the object refers to one that may live shorter",
    FwpCode.FWP_E_BUILTIN_OBJECT: "built-in objects cannot be added or deleted",
    FwpCode.FWP_E_TOO_MANY_CALLOUTS: "more than 100 000 callouts",
    FwpCode.FWP_E_NOTIFICATION_DROPPED: "a notification was lost",
    FwpCode.FWP_E_NULL_POINTER: "a pointer that must not be NULL is NULL",
    FwpCode.FWP_E_INVALID_ENUMERATOR: "the value is outside of its enumeration",
    FwpCode.FWP_E_INVALID_FLAGS: "unknown flags, or flags that exclude each other",
    FwpCode.FWP_E_INVALID_NET_MASK: "the mask has holes",
    FwpCode.FWP_E_INVALID_RANGE: "FWP_RANGE0 with ends of different types, or low above high",
    FwpCode.FWP_E_INVALID_INTERVAL: "the time interval is invalid",
    FwpCode.FWP_E_ZERO_LENGTH_ARRAY: "an array that must have members is empty",
    FwpCode.FWP_E_NULL_DISPLAY_NAME: "displayData.name is missing",
    FwpCode.FWP_E_INVALID_ACTION_TYPE: "the action type is not allowed for a filter",
    FwpCode.FWP_E_INVALID_WEIGHT: "the weight's type or value is invalid",
    FwpCode.FWP_E_MATCH_TYPE_MISMATCH: "the match type does not go with the operands' types",
    FwpCode.FWP_E_TYPE_MISMATCH: "the value has the wrong FWP_DATA_TYPE",
    FwpCode.FWP_E_OUT_OF_BOUNDS: "the number is out of range",
    FwpCode.FWP_E_RESERVED: "a reserved field is not zero",
    FwpCode.FWP_E_DUPLICATE_CONDITION: "several conditions on one field that do not stand together",
    FwpCode.FWP_E_ACTION_INCOMPATIBLE_WITH_LAYER: "the action is not valid at this layer",
    FwpCode.FWP_E_ACTION_INCOMPATIBLE_WITH_SUBLAYER: "the action is not valid in this sublayer",
    FwpCode.FWP_E_CONTEXT_INCOMPATIBLE_WITH_LAYER: "the provider context is not valid at this layer",
    FwpCode.FWP_E_CONTEXT_INCOMPATIBLE_WITH_CALLOUT: "the provider context is not valid for this callout",
    FwpCode.FWP_E_NEVER_MATCH: "an enumeration template that can match nothing",
    FwpCode.FWP_E_PROVIDER_CONTEXT_MISMATCH: "the provider context is of the wrong type",
    FwpCode.FWP_E_INVALID_PARAMETER: "a parameter is wrong",
    FwpCode.FWP_E_TOO_MANY_SUBLAYERS: "all 2^16 sublayer weights are taken",
    FwpCode.FWP_E_CALLOUT_NOTIFICATION_FAILED: "the callout's notifyFn refused the filter",
    FwpCode.FWP_E_L2_DRIVER_NOT_READY: "the WFP MAC layers are not ready",
    FwpCode.FWP_E_DROP_NOICMP: "the packet was dropped and no ICMP error is sent",
}


class WfpError(EngineError):
    """What BFE answers to a call it refuses.

    `place` is a JSON path below what was given: `$.conditions[0].value` of the filter, or with the policy file's
    own path before it, `$.filters[3].conditions[0].value`.
    """

    def __init__(self, code: FwpCode, place: str, reason: str, remedy: str) -> None:
        reason = _one_line(reason)
        self.code, self.place, self.reason, self.remedy = code, place, reason, remedy
        super().__init__(f"{code.name} 0x{code:08X}: {reason}; {remedy}")

    @property
    def name(self) -> str:
        return self.code.name

    def below(self, place: str) -> WfpError:
        """Return the same error with its place taken as below `place`."""
        return WfpError(self.code, place + self.place.removeprefix("$"), self.reason, self.remedy)


def _one_line(text: str) -> str:
    # Reasons quote names from files, and a name may hold anything.
    text = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text[:400])
    return text if len(text) <= 300 else text[:299] + "…"
