"""Takes whole chains, and wants to drop single frames of them."""

from engine.callouts import Callout


class Guard(Callout):
    """Links past the frame that it does not want."""

    def start(self, fwps, config):
        self.port = config["port"].to_bytes(2, "big")

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        before, net_buffer_list = None, layer_data
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if self.is_for_the_port(net_buffer_list) and before is not None:
                before.next = following
            else:
                before = net_buffer_list
            net_buffer_list = following
        out.permit()

    def is_for_the_port(self, net_buffer_list):
        return net_buffer_list.first_net_buffer.data()[36:38] == self.port


class GuardOfTheChain(Guard):
    """One verdict for the chain: an unwanted frame condemns it."""

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
