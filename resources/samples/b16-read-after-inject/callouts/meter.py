"""Sends what it has absorbed, and adds up the bytes."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Meter(Callout):
    """Reads the length after the injection."""

    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.lost = 0
        self.bytes = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data)
        if not fwps.nt_success(status):
            out.block(hard=True)
            return
        if not fwps.nt_success(self.send(fwps, values, clone)):
            fwps.free_clone_net_buffer_list(clone)
            out.block(hard=True)
            return
        self.bytes += clone.first_net_buffer.data_length
        out.absorb()

    def send(self, fwps, values, clone):
        return fwps.inject_mac_send_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                          values.NDIS_PORT, clone, self.completed, None)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            fwps.free_clone_net_buffer_list(net_buffer_list)
            net_buffer_list = following

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)


class MeterThatLooksFirst(Meter):
    """Takes the length before."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data)
        if not fwps.nt_success(status):
            out.block(hard=True)
            return
        length = clone.first_net_buffer.data_length
        if not fwps.nt_success(self.send(fwps, values, clone)):
            fwps.free_clone_net_buffer_list(clone)
            out.block(hard=True)
            return
        self.bytes += length
        out.absorb()
