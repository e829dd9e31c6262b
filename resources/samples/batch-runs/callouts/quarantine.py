"""Takes whole chains: one look and one verdict for a run of frames that are alike."""

from engine.callouts import Callout


class Quarantine(Callout):
    """Absorbs the runs of one VLAN, permits the others; counts every NBL of a run, not only the first."""

    def start(self, fwps, config):
        self.vlan = config["vlan"]
        self.frames = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        net_buffer_list = layer_data
        while net_buffer_list is not None:
            self.frames += 1
            net_buffer_list = net_buffer_list.next
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        if self.vlan == values.VLAN_ID:
            out.absorb()
        else:
            out.permit()
