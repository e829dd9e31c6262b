"""Counts frames, a chain at a time. Harmless, but for the flag with which it is registered."""

from engine.callouts import Callout


class Counter(Callout):
    """Has the batch flag and no opinion."""

    def start(self, fwps, config):
        self.frames = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        net_buffer_list = layer_data
        while net_buffer_list is not None:
            self.frames += 1
            net_buffer_list = net_buffer_list.next
        out.continue_()
