"""Blocks ARP by looking for its EtherType at byte 12. That is right at one of its two layers."""

from engine.callouts import Callout

ARP = b"\x08\x06"


class NoArp(Callout):
    """Believes that every NBL begins with the MAC header."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        head = fwps.get_data_buffer(layer_data.first_net_buffer, 14, bytearray(14))
        if head is not None and bytes(head[12:14]) == ARP:
            out.block(hard=True)
        elif out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()
