"""Blocks long frames. It clears the right as a well-known sample does."""

from engine.callouts import Action, Callout


class Limit(Callout):
    """Toggles the right."""

    def start(self, fwps, config):
        self.longest = config["longest"]

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if layer_data.first_net_buffer.data_length <= self.longest:
            return
        out.action_type = int(Action.BLOCK)
        out.rights ^= fwps.RIGHT_ACTION_WRITE


class LimitThatClears(Limit):
    """Asks for the right first, and clears it with AND."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if layer_data.first_net_buffer.data_length <= self.longest or not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        out.action_type = int(Action.BLOCK)
        out.rights &= ~fwps.RIGHT_ACTION_WRITE
