"""Names of link types: LINKTYPE_ numbers of the tcpdump group's registry, those a user is likely to meet."""

from __future__ import annotations

LINK_TYPES: dict[int, str] = {
    0: "NULL",
    1: "ETHERNET",
    2: "EXP_ETHERNET",
    3: "AX25",
    6: "IEEE802_5",
    7: "ARCNET_BSD",
    8: "SLIP",
    9: "PPP",
    10: "FDDI",
    12: "DLT_RAW",
    14: "DLT_RAW",
    50: "PPP_HDLC",
    51: "PPP_ETHER",
    100: "ATM_RFC1483",
    101: "RAW",
    104: "C_HDLC",
    105: "IEEE802_11",
    107: "FRELAY",
    108: "LOOP",
    113: "LINUX_SLL",
    114: "LTALK",
    117: "PFLOG",
    119: "IEEE802_11_PRISM",
    122: "IP_OVER_FC",
    123: "SUNATM",
    127: "IEEE802_11_RADIOTAP",
    129: "ARCNET_LINUX",
    138: "APPLE_IP_OVER_IEEE1394",
    139: "MTP2_WITH_PHDR",
    143: "DOCSIS",
    144: "LINUX_IRDA",
    147: "USER0",
    149: "USER2",
    162: "USER15",
    163: "IEEE802_11_AVS",
    166: "PPP_PPPD",
    177: "LINUX_LAPD",
    187: "BLUETOOTH_HCI_H4",
    189: "USB_LINUX",
    192: "PPI",
    195: "IEEE802_15_4_WITHFCS",
    197: "ERF",
    201: "BLUETOOTH_HCI_H4_WITH_PHDR",
    202: "AX25_KISS",
    204: "PPP_WITH_DIR",
    209: "IPMB_LINUX",
    215: "IEEE802_15_4_NONASK_PHY",
    220: "USB_LINUX_MMAPPED",
    224: "FC_2",
    225: "FC_2_WITH_FRAME_DELIMS",
    226: "IPNET",
    227: "CAN_SOCKETCAN",
    228: "IPV4",
    229: "IPV6",
    230: "IEEE802_15_4_NOFCS",
    231: "DBUS",
    239: "NFLOG",
    240: "NETANALYZER",
    241: "NETANALYZER_TRANSPARENT",
    242: "IPOIB",
    243: "MPEG_2_TS",
    247: "INFINIBAND",
    248: "SCTP",
    249: "USBPCAP",
    251: "BLUETOOTH_LE_LL",
    252: "WIRESHARK_UPPER_PDU",
    253: "NETLINK",
    256: "BLUETOOTH_LE_LL_WITH_PHDR",
    258: "PKTAP",
    259: "EPON",
    264: "ISO_14443",
    266: "USB_DARWIN",
    270: "LORATAP",
    271: "VSOCK",
    272: "NORDIC_BLE",
    274: "ETHERNET_MPACKET",
    276: "LINUX_SLL2",
    283: "IEEE802_15_4_TAP",
    284: "DSA_TAG_DSA",
    285: "DSA_TAG_EDSA",
    288: "USB_2_0",
}


def link_type_name(number: int) -> str:
    """`IEEE802_11` for 105; an empty string for a number without a name here."""
    return LINK_TYPES.get(number, "")


_WHY: dict[str, tuple[int, ...]] = {
    "USB traffic, which no network interface carries": (189, 220, 249, 266, 288),
    "a log of Linux' packet filter, without link-layer headers": (239,),
    "Bluetooth, which is no NDIS medium here": (187, 201, 251, 256, 272),
    "a bus of vehicles, which no network interface carries": (227,),
    "an Ethernet frame with a switch's own tag in it": (284, 285),
}
_REASONS = {number: why for why, numbers in _WHY.items() for number in numbers}


def not_modelled(number: int) -> str:
    """Say why frames of a link type are passed over."""
    name = link_type_name(number)
    what = f"link type {number} ({name})" if name else f"link type {number}"
    return f"{what} is {_REASONS.get(number, 'not modelled: no NDIS medium stands for it')}"
