"""Constants as `fwps` shows them: without their FWPS_, FWP_ or FWPM_ prefix. Source: 1.2, 1.4, 1.6, 1.7, 3.1, 4."""

from __future__ import annotations

from engine.ndis.names import L2Flag
from engine.ndis.nbl_flags import NblFlag
from engine.ndis.nbl_info import INFO_IDS, constant_name
from engine.ndis.status import Status
from engine.ndis.tag_events import TagEvent
from engine.wfp.layers import ETHERNET_FIELDS, LAYERS, NATIVE_FIELDS
from engine.wfp.types import ActionType, CalloutFlag

RIGHT_ACTION_WRITE = 0x1
CLASSIFY_OUT_FLAG_ABSORB = 0x1
INJECTION_TYPE_L2 = 0x10
AF_UNSPEC = 0
def _constants() -> dict[str, int]:
    found: dict[str, int] = {
        "RIGHT_ACTION_WRITE": RIGHT_ACTION_WRITE,
        "CLASSIFY_OUT_FLAG_ABSORB": CLASSIFY_OUT_FLAG_ABSORB,
        "CLASSIFY_OUT_FLAG_BUFFER_LIMIT_REACHED": 0x2,
        "CLASSIFY_OUT_FLAG_NO_MORE_DATA": 0x4,
        "CLASSIFY_OUT_FLAG_ALE_FAST_CACHE_CHECK": 0x8,
        "CLASSIFY_OUT_FLAG_ALE_FAST_CACHE_POSSIBLE": 0x10,
        "INJECTION_TYPE_STREAM": 0x01,
        "INJECTION_TYPE_TRANSPORT": 0x02,
        "INJECTION_TYPE_NETWORK": 0x04,
        "INJECTION_TYPE_FORWARD": 0x08,
        "INJECTION_TYPE_L2": INJECTION_TYPE_L2,
        "INJECTION_TYPE_VSWITCH_TRANSPORT": 0x20,
        "AF_UNSPEC": AF_UNSPEC,
        "AF_INET": 2,
        "AF_INET6": 23,
        "SESSION_FLAG_DYNAMIC": 0x1,
        "TXN_READ_ONLY": 0x1,
        "CALLOUT_NOTIFY_ADD_FILTER": 0,
        "CALLOUT_NOTIFY_DELETE_FILTER": 1,
        "CALLOUT_NOTIFY_ADD_FILTER_POST_COMMIT": 2,
        "PACKET_NOT_INJECTED": 0,
        "PACKET_INJECTED_BY_SELF": 1,
        "PACKET_INJECTED_BY_OTHER": 2,
        "PACKET_PREVIOUSLY_INJECTED_BY_SELF": 3,
        "FILTER_FLAG_CLEAR_ACTION_RIGHT": 0x1,
        "FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED": 0x2,
        "FILTER_FLAG_OR_CONDITIONS": 0x4,
        "FILTER_FLAG_HAS_SECURITY_REALM_PROVIDER_CONTEXT": 0x8,
        "FILTER_FLAG_SILENT_MODE": 0x10,
        "FILTER_FLAG_IPSEC_NO_ACQUIRE_INITIATE": 0x20,
        "METADATA_FIELD_ETHER_FRAME_LENGTH": 0x02000000,
        "L2_METADATA_FIELD_ETHERNET_MAC_HEADER_SIZE": 0x1,
        "L2_METADATA_FIELD_WIFI_OPERATION_MODE": 0x2,
        "L2_METADATA_FIELD_VSWITCH_SOURCE_PORT_ID": 0x4,
        "L2_METADATA_FIELD_VSWITCH_SOURCE_NIC_INDEX": 0x8,
        "L2_METADATA_FIELD_VSWITCH_PACKET_CONTEXT": 0x10,
        "L2_METADATA_FIELD_VSWITCH_DESTINATION_PORT_ID": 0x20,
        "L2_METADATA_FIELD_RESERVED": 0x80000000,
        "L2_INCOMING_FLAG_IS_RAW_IPV4_FRAMING": 0x1,
        "L2_INCOMING_FLAG_IS_RAW_IPV6_FRAMING": 0x2,
        "L2_INCOMING_FLAG_RECLASSIFY_MULTI_DESTINATION": 0x8,
        "LAYER_NON_WFP": 0xFFFF,
    }
    found.update((constant_name(name), id_) for name, id_ in INFO_IDS.items())
    found.update((f"NBL_FLAGS_{flag.name}", int(flag)) for flag in NblFlag if flag.name)
    found.update((f"NET_BUFFER_LIST_{event.name}", int(event)) for event in TagEvent)
    found.update((name, int(status)) for name, status in Status.__members__.items())  # both names of one value
    found.update((action.name.removeprefix("FWP_"), int(action)) for action in ActionType)
    found.update((flag.name.removeprefix("FWP_"), int(flag)) for flag in CalloutFlag if flag.name)
    found.update((f"CONDITION_L2_{flag.name}", int(flag)) for flag in L2Flag if flag.name)
    for layer in LAYERS:
        found[f"LAYER_{layer.short_name}"] = layer.id
        fields = NATIVE_FIELDS if layer.is_native else ETHERNET_FIELDS
        found.update((f"FIELD_{layer.short_name}_{field.name}", field.index) for field in fields)
    return found


CONSTANTS = _constants()
