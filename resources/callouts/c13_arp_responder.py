"""C13 · ARP responder: answers for an address that nobody has.

Layers         INBOUND_MAC_FRAME_NATIVE, INBOUND_MAC_FRAME_ETHERNET
Filter action  FWP_ACTION_CALLOUT_UNKNOWN
Anchor         class Anchor at the outbound layer of the same kind
Config         address  "192.0.2.200"         the IP address to answer for
               mac      "02:00:00:00:00:c8"   what to answer

Shows an invented frame: a new NBL that is no copy of anything. The request is absorbed when the answer was accepted,
and goes its way when it was not: whoever can do nothing says CONTINUE.
"""

from ipaddress import IPv4Address

from engine.callouts import Action, Callout

ARP_BYTES, SHORTEST_FRAME_BYTES = 28, 60
REQUEST_START = bytes.fromhex("0001 0800 06 04 0001")
REPLY_START = bytes.fromhex("0001 0800 06 04 0002")
ARP_TYPE, TAG_TYPE = b"\x08\x06", b"\x81\x00"


class ArpResponder(Callout):
    def start(self, fwps, config):
        config = config or {}
        self.address = IPv4Address(config.get("address", "192.0.2.200")).packed
        self.mac = bytes.fromhex(config.get("mac", "02:00:00:00:00:c8").replace(":", ""))
        self.lost = 0
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        if not fwps.nt_success(status):
            return status
        self.pool = fwps.allocate_net_buffer_list_pool(None)
        if self.pool is None:
            fwps.injection_handle_destroy(self.handle)
            return fwps.STATUS_INSUFFICIENT_RESOURCES
        return fwps.STATUS_SUCCESS

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if layer_data is None or not out.rights & fwps.RIGHT_ACTION_WRITE or out.action_type == Action.BLOCK:
            return
        out.continue_()
        tag, request = self.request(fwps, values, meta, layer_data.first_net_buffer)
        if request is None or request[:8] != REQUEST_START or request[24:28] != self.address:
            return
        reply = self.reply(fwps, layer_data, tag, request)
        if reply is None:
            return
        at_native = values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_NATIVE
        layer = fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE if at_native else fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET
        status = fwps.inject_mac_send_async(self.handle, None, 0, layer, values.INTERFACE_INDEX, values.NDIS_PORT,
                                            reply, self.completed, None)
        if fwps.nt_success(status):
            out.absorb()
        else:
            self.release(fwps, reply)

    def request(self, fwps, values, meta, net_buffer):
        """The VLAN tag and the ARP message of a frame; None for a frame that has none."""
        at_ip_header = values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET
        back = meta.ethernet_mac_header_size if at_ip_header else 0
        if back and not fwps.nt_success(fwps.retreat_net_buffer_data_start(net_buffer, back)):
            return b"", None
        frame = net_buffer.data()
        if back:
            fwps.advance_net_buffer_data_start(net_buffer, back)
        tag = frame[12:16] if frame[12:14] == TAG_TYPE else b""
        type_at = 12 + len(tag)
        message = frame[type_at + 2:type_at + 2 + ARP_BYTES]
        is_arp = frame[type_at:type_at + 2] == ARP_TYPE and len(message) == ARP_BYTES
        return tag, message if is_arp else None

    def reply(self, fwps, asked, tag, request):
        asker = request[8:18]  # its MAC and IP address
        frame = bytearray(asker[:6] + self.mac + tag + ARP_TYPE + REPLY_START + self.mac + self.address + asker)
        frame.extend(bytes(max(0, SHORTEST_FRAME_BYTES - len(frame))))
        mdl = fwps.allocate_mdl(None, frame, len(frame))
        if mdl is None:
            return None
        status, reply = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(frame))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            return None
        slot = fwps.IEEE8021Q_NET_BUFFER_LIST_INFO
        reply.net_buffer_list_info[slot] = asked.net_buffer_list_info[slot]  # the answer goes to the same VLAN
        return reply

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            self.release(fwps, net_buffer_list)
            net_buffer_list = following

    def release(self, fwps, reply):
        mdl = reply.first_net_buffer.mdl_chain
        fwps.free_net_buffer_list(reply)
        fwps.free_mdl(mdl)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)


class Anchor(Callout):
    """Stands where the driver injects, and permits."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if out.rights & fwps.RIGHT_ACTION_WRITE and out.action_type != Action.BLOCK:
            out.permit(hard=bool(filter.flags & fwps.FILTER_FLAG_CLEAR_ACTION_RIGHT))
