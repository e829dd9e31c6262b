"""Blocks datagrams for a port. It has the batch flag, and a classify function from before."""

from engine.callouts import Callout


class Guard(Callout):
    """Reads the head of the chain, and gives a verdict for the chain."""

    def start(self, fwps, config):
        self.port = config["port"].to_bytes(2, "big")

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        if self.is_for_the_port(layer_data):
            out.block(hard=True)
        else:
            out.permit()

    def is_for_the_port(self, net_buffer_list):
        return net_buffer_list.first_net_buffer.data()[36:38] == self.port


class GuardThatWalks(Guard):
    """Looks at every frame; one that is wrong condemns the chain."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        net_buffer_list, found = layer_data, False
        while net_buffer_list is not None:
            found = found or self.is_for_the_port(net_buffer_list)
            net_buffer_list = net_buffer_list.next
        if found:
            out.block(hard=True)
        else:
            out.permit()
