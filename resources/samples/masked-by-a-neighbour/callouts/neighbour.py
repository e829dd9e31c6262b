"""Another vendor's callout: it permits what leaves, and knows nothing of anybody else."""

from engine.callouts import Callout


class Neighbour(Callout):
    """Permits."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()
