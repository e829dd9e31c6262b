"""C03 · Drop by EtherType, MAC address or VLAN: blocks what matches, permits the rest.

Layers         all four
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Config         ether_type  "0x88CC"             the type behind the tags
               address     "02:00:00:00:00:01"  destination or source
               vlan        20                   VLAN id, in the bytes or beside the frame
               absorb      false                true: drop without audit
               Left out: not looked at. A frame is dropped when all that are given match.

Shows the two ways to drop: BLOCK is audited, BLOCK with ABSORB is silent. Both clear the right, so that no lower
sublayer permits what was dropped here.
"""

from engine.callouts import Action, Callout

TAGS = (0x8100, 0x88A8, 0x9100)
VLAN_ID_BITS = 0xFFF


class Drop(Callout):
    def start(self, fwps, config):
        config = config or {}
        self.ether_type = int(config["ether_type"], 0) if "ether_type" in config else None
        self.address = bytes.fromhex(config["address"].replace(":", "")) if "address" in config else None
        self.vlan = config.get("vlan")
        self.absorbs = config.get("absorb", False)

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if layer_data is None or not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        header = self.header(fwps, values, meta, layer_data.first_net_buffer)
        if header is not None and self.matches(fwps, layer_data, header):
            if self.absorbs:
                out.absorb()
            else:
                out.block(hard=True)
        elif out.action_type != Action.BLOCK:
            out.permit(hard=bool(filter.flags & fwps.FILTER_FLAG_CLEAR_ACTION_RIGHT))

    def matches(self, fwps, net_buffer_list, header):
        wanted = self.ether_type, self.address, self.vlan
        if wanted == (None, None, None):
            return False
        ether_type, vlan = behind_tags(header)
        beside = net_buffer_list.net_buffer_list_info[fwps.IEEE8021Q_NET_BUFFER_LIST_INFO]
        if beside:
            vlan = beside >> 4 & VLAN_ID_BITS
        return (self.ether_type in (None, ether_type) and self.vlan in (None, vlan)
                and (self.address is None or self.address in (header[0:6], header[6:12])))

    def header(self, fwps, values, meta, net_buffer):
        """The first bytes of the frame, from the destination address on; None where they cannot be read."""
        at_ip_header = values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET
        back = meta.ethernet_mac_header_size if at_ip_header else 0
        if back and not fwps.nt_success(fwps.retreat_net_buffer_data_start(net_buffer, back)):
            return None
        wanted = min(22, net_buffer.data_length)  # two addresses, two tags, a type
        header = fwps.get_data_buffer(net_buffer, wanted, bytearray(wanted)) if wanted >= 14 else None
        if back:
            fwps.advance_net_buffer_data_start(net_buffer, back)
        return None if header is None else bytes(header)


def behind_tags(header):
    """EtherType behind the VLAN tags, and the id of the outermost; the id is None in an untagged frame."""
    place, vlan = 12, None
    while place + 6 <= len(header) and int.from_bytes(header[place:place + 2], "big") in TAGS:
        if vlan is None:
            vlan = int.from_bytes(header[place + 2:place + 4], "big") & VLAN_ID_BITS
        place += 4
    return int.from_bytes(header[place:place + 2], "big"), vlan
