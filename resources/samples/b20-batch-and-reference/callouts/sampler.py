"""Permits every frame, and looks at it again in a work item."""

from engine.callouts import Callout


class Sampler(Callout):
    """References a frame to read it later."""

    def start(self, fwps, config):
        self.seen = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        net_buffer_list = layer_data
        while net_buffer_list is not None:
            fwps.reference_net_buffer_list(net_buffer_list, False)
            fwps.queue_work(self.look, fwps, net_buffer_list)
            net_buffer_list = net_buffer_list.next
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()

    def look(self, fwps, net_buffer_list):
        self.seen += net_buffer_list.first_net_buffer.data_length
        fwps.dereference_net_buffer_list(net_buffer_list, False)


class SamplerWithoutTheFlag(Sampler):
    """The same, registered without the flag."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        fwps.reference_net_buffer_list(layer_data, False)
        fwps.queue_work(self.look, fwps, layer_data)
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()
