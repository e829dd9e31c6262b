"""Drops frames in the two ways there are: a block that is audited, and an absorb that is not."""

from engine.callouts import Callout


class Drop(Callout):
    """`config` says how: {"absorb": true}."""

    def start(self, fwps, config):
        self.absorb = config["absorb"]

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if self.absorb and out.rights & fwps.RIGHT_ACTION_WRITE:
            out.absorb()
        else:
            out.block(hard=True)
