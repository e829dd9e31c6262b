"""Counts the senders of IP frames, by their MAC addresses."""

from engine.callouts import Callout


class Logger(Callout):
    """Retreats, reads, advances; but not for ARP."""

    def start(self, fwps, config):
        self.senders = {}

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        buffer, size = layer_data.first_net_buffer, meta.ethernet_mac_header_size
        out.continue_()
        if not fwps.nt_success(fwps.retreat_net_buffer_data_start(buffer, size)):
            return
        header = buffer.data()[:size]
        if header[-2:] == b"\x08\x06":
            return  # no business of ours
        self.senders[header[6:12]] = self.senders.get(header[6:12], 0) + 1
        fwps.advance_net_buffer_data_start(buffer, size)


class LoggerThatAdvances(Logger):
    """Advances as soon as it has read."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        buffer, size = layer_data.first_net_buffer, meta.ethernet_mac_header_size
        out.continue_()
        if not fwps.nt_success(fwps.retreat_net_buffer_data_start(buffer, size)):
            return
        header = buffer.data()[:size]
        fwps.advance_net_buffer_data_start(buffer, size)
        if header[-2:] != b"\x08\x06":
            self.senders[header[6:12]] = self.senders.get(header[6:12], 0) + 1
