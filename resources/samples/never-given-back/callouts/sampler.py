"""Keeps every frame for a look later on. One of its ways out forgets to give the frame back."""

from engine.callouts import Callout


class Sampler(Callout):
    """Permits at once and reads the frame in a work item."""

    def start(self, fwps, config):
        self.seen = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        fwps.reference_net_buffer_list(layer_data, False)
        fwps.queue_work(self.look, fwps, layer_data)
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()

    def look(self, fwps, frame):
        data = frame.first_net_buffer.data()
        if len(data) < 100:
            return  # too short to be of interest; and the reference?
        self.seen += 1
        fwps.dereference_net_buffer_list(frame, False)
