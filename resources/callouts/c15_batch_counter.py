"""C15 · Batch counter: takes whole chains, and counts every frame of them.

Layers         all four
Filter action  FWP_ACTION_CALLOUT_INSPECTION
Callout flags  FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY
Config         none

Shows what the batch flag asks for: a classify function that walks Next to its end. It only reads. With the flag no
callout at the layer may clone a frame any more, so give it to a callout that does without.
"""

from engine.callouts import Callout


class BatchCounter(Callout):
    def start(self, fwps, config):
        self.chains = self.frames = self.bytes = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        self.chains += 1
        net_buffer_list = layer_data
        while net_buffer_list is not None:
            self.frames += 1
            self.bytes += net_buffer_list.first_net_buffer.data_length
            net_buffer_list = net_buffer_list.next
        out.continue_()
