"""C04 · Conditional opinion: blocks what matches, and says nothing about the rest.

Layers         all four
Filter action  FWP_ACTION_CALLOUT_UNKNOWN
Config         longest  1200   bytes of data that may pass; more is blocked

Shows the difference to a TERMINATING callout (C03). CONTINUE leaves the frame to the next filter of the sublayer; a
TERMINATING callout must decide, and its CONTINUE would count as BLOCK.
"""

from engine.callouts import Callout


class Opinion(Callout):
    def start(self, fwps, config):
        self.longest = (config or {}).get("longest", 1200)

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if layer_data is None or not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        if layer_data.first_net_buffer.data_length > self.longest:
            out.block(hard=True)
        else:
            out.continue_()
