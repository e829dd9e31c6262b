"""Looks at the two addresses of each inbound frame and lets it pass."""

from engine.callouts import Callout


class Watch(Callout):
    """Counts frames by their addresses; at the ETHERNET layer the MAC header stands before the data."""

    def start(self, fwps, config):
        self.seen = {}

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        buffer = layer_data.first_net_buffer
        back = meta.ethernet_mac_header_size if values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET else 0
        if not back or fwps.nt_success(fwps.retreat_net_buffer_data_start(buffer, back)):
            head = fwps.get_data_buffer(buffer, 12, bytearray(12))
            if head is not None:
                self.seen[bytes(head)] = self.seen.get(bytes(head), 0) + 1
            if back:
                fwps.advance_net_buffer_data_start(buffer, back)
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()
