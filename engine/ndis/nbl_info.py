"""NetBufferListInfo: what travels out of band beside the frames of an NBL.

Source: callouts-nbl-injection 5.4 [hdr: nblinfo.h].
"""

from __future__ import annotations

IEEE8021Q_INFO, WFP_INFO = 4, 10

INFO_IDS: dict[str, int] = {
    "TcpIpChecksum": 0,
    "TcpOffloadBytesTransferred": 0,
    "IPsecOffloadV1": 1,
    "IPsecOffloadV2": 1,
    "TcpLargeSend": 2,
    "TcpReceiveNoPush": 2,
    "ClassificationHandle": 3,
    "Ieee8021Q": 4,
    "NetBufferListCancelId": 5,
    "MediaSpecificInformation": 6,
    "NetBufferListFrameType": 7,
    "NetBufferListProtocolId": 7,
    "NetBufferListHashValue": 8,
    "NetBufferListHashInfo": 9,
    "WfpNetBufferListInfo": 10,
    "IPsecOffloadV2Tunnel": 11,
    "IPsecOffloadV2Header": 12,
    "NetBufferListCorrelationId": 13,
    "NetBufferListFilteringInfo": 14,
    "MediaSpecificInformationEx": 15,
    "NblOriginalInterfaceIfIndex": 16,
    "NblReAuthWfpFlowContext": 16,
    "TcpReceiveBytesTransferred": 17,
    "NrtNameResolutionId": 17,
    "UdpRecvSegCoalesceOffloadInfo": 17,
    "SwitchForwardingReserved": 18,
    "SwitchForwardingDetail": 19,
    "VirtualSubnetInfo": 20,
    "IMReserved": 21,
    "TcpRecvSegCoalesceInfo": 22,
    "UdpSegmentationOffloadInfo": 22,
    "RscTcpTimestampDelta": 23,
    "TcpSendOffloadsSupplementalNetBufferListInfo": 23,
    "GftOffloadInformation": 24,
    "GftFlowEntryId": 25,
    "NetBufferListInfoReserved3": 26,
}
"""Ids by name; two names of one id are two readings of it, on send and on receive."""

MAX_INFO = 26

_NAMES = {id_: name for name, id_ in reversed(INFO_IDS.items())}


def info_name(id_: int) -> str:
    """`Ieee8021Q`: the first name of an id."""
    return _NAMES.get(id_, str(id_))


def constant_name(name: str) -> str:
    """`IEEE8021Q_NET_BUFFER_LIST_INFO`: how `fwps` has an id's name."""
    plain = name.removesuffix("NetBufferListInfo").removeprefix("NetBufferList")
    words = "".join(
        f"_{letter}" if letter.isupper() and place and (not plain[place - 1].isupper() or _starts_word(plain, place))
        and not plain[place - 1].isdigit() else letter for place, letter in enumerate(plain))
    return f"{words.upper()}_NET_BUFFER_LIST_INFO"


def _starts_word(text: str, place: int) -> bool:
    return place + 1 < len(text) and text[place + 1].islower()
