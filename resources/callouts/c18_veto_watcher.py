"""C18 · Veto watcher: blocks what another filter has permitted for good.

Layers         all four
Filter action  FWP_ACTION_CALLOUT_UNKNOWN
Config         longest  1200   bytes of data that may pass

Shows the veto. Where the right is clear on entry, only one thing may be written: BLOCK, over a permit. Windows honours
it and writes an audit record, and the verifier notes it (M36b, information). Give the filter a sublayer of low weight,
so that the others have spoken before.
"""

from engine.callouts import Action, Callout


class VetoWatcher(Callout):
    def start(self, fwps, config):
        self.longest = (config or {}).get("longest", 1200)
        self.vetoes = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if layer_data is None:
            return
        too_long = layer_data.first_net_buffer.data_length > self.longest
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.continue_()
        elif too_long and out.action_type == Action.PERMIT:
            self.vetoes += 1
            out.block(hard=True)
