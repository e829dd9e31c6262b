"""C01 · Frame logger: counts the frames of each EtherType, and changes nothing.

Layers         all four
Filter action  FWP_ACTION_CALLOUT_INSPECTION
Config         none

Shows how a header is read: at INBOUND_MAC_FRAME_ETHERNET the data begins at the IP header, so the callout retreats over
the MAC header and advances back before it returns. NdisGetDataBuffer gives the bytes in one piece, or nothing.
"""

from engine.callouts import Callout

ADDRESSES_BYTES, HEADER_BYTES = 12, 14


class FrameLogger(Callout):
    def start(self, fwps, config):
        self.seen = {}
        self.too_short = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if layer_data is not None:
            self.look(fwps, values, meta, layer_data.first_net_buffer)
        out.continue_()

    def look(self, fwps, values, meta, net_buffer):
        at_ip_header = values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET
        back = meta.ethernet_mac_header_size if at_ip_header else 0
        if back and not fwps.nt_success(fwps.retreat_net_buffer_data_start(net_buffer, back)):
            return
        header = fwps.get_data_buffer(net_buffer, HEADER_BYTES, bytearray(HEADER_BYTES))
        if header is None:
            self.too_short += 1
        else:
            ether_type = int.from_bytes(header[ADDRESSES_BYTES:HEADER_BYTES], "big")
            self.seen[ether_type] = self.seen.get(ether_type, 0) + 1
        if back:
            fwps.advance_net_buffer_data_start(net_buffer, back)
