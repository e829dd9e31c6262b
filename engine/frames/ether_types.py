"""Names of EtherTypes, for display only."""

from __future__ import annotations

from engine.frames.ethernet import MINIMUM_ETHER_TYPE

ETHER_TYPES: dict[int, str] = {
    0x0800: "IPv4",
    0x0806: "ARP",
    0x0842: "Wake-on-LAN",
    0x22EA: "SRP",
    0x22F0: "AVTP",
    0x22F3: "TRILL",
    0x6003: "DECnet",
    0x8035: "RARP",
    0x809B: "AppleTalk",
    0x80F3: "AARP",
    0x8100: "802.1Q",
    0x8102: "SLPP",
    0x8137: "IPX",
    0x86DD: "IPv6",
    0x8808: "Ethernet flow control",
    0x8809: "Slow protocols",
    0x8819: "CobraNet",
    0x8847: "MPLS",
    0x8848: "MPLS multicast",
    0x8863: "PPPoE discovery",
    0x8864: "PPPoE session",
    0x887B: "HomePlug 1.0",
    0x888E: "802.1X (EAPOL)",
    0x8892: "PROFINET",
    0x889A: "HyperSCSI",
    0x88A2: "ATA over Ethernet",
    0x88A4: "EtherCAT",
    0x88A8: "802.1ad",
    0x88AB: "Powerlink",
    0x88B8: "GOOSE",
    0x88B9: "GSE",
    0x88BA: "Sampled values",
    0x88CC: "LLDP",
    0x88CD: "SERCOS III",
    0x88E1: "HomePlug Green PHY",
    0x88E3: "MRP",
    0x88E5: "MACsec",
    0x88E7: "802.1ah",
    0x88F5: "MVRP",
    0x88F7: "PTP",
    0x88FB: "PRP",
    0x8902: "CFM",
    0x8906: "FCoE",
    0x8914: "FCoE initialization",
    0x8915: "RoCE",
    0x891D: "TTEthernet",
    0x892F: "HSR",
    0x9000: "Loopback test",
    0x9100: "QinQ",
    0x9200: "QinQ (0x9200)",
    0xF1C1: "802.1CB R-TAG",
}


def ether_type_name(value: int) -> str:
    """`ARP` for 0x0806; `802.3 length 38` below 0x0600; an empty string for a type without a name here."""
    if value < MINIMUM_ETHER_TYPE:
        return f"802.3 length {value}"
    return ETHER_TYPES.get(value, "")
