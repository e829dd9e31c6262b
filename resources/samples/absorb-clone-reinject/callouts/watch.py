"""Two callouts that only watch: a frame logger for inspection filters, and a permit for anchors."""

from engine.callouts import Callout


class FrameLogger(Callout):
    """Counts frames by their first twelve bytes, the two addresses, wherever the data begins."""

    def start(self, fwps, config):
        self.seen = {}

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        buffer = layer_data.first_net_buffer
        back = meta.ethernet_mac_header_size if values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET else 0
        if back and not fwps.nt_success(fwps.retreat_net_buffer_data_start(buffer, back)):
            return
        head = fwps.get_data_buffer(buffer, 12, bytearray(12))
        if head is not None:
            key = bytes(head)
            self.seen[key] = self.seen.get(key, 0) + 1
        if back:
            fwps.advance_net_buffer_data_start(buffer, back)
        out.continue_()


class PermitAll(Callout):
    """Permits what comes; hard where the filter asks for it."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit(hard=bool(filter.flags & fwps.FILTER_FLAG_CLEAR_ACTION_RIGHT))
