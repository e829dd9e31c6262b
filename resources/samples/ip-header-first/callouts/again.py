"""Absorbs a frame and injects its clone, at a layer where the clone has no MAC header."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Again(Callout):
    """The retreat before the clone is missing, and the advance behind it."""

    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.lost = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data)
        if not fwps.nt_success(status):
            out.permit()
            return
        status = fwps.inject_mac_receive_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                               values.NDIS_PORT, clone, self.completed, None)
        if not fwps.nt_success(status):
            fwps.free_clone_net_buffer_list(clone)
            out.permit()
            return
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            fwps.free_clone_net_buffer_list(net_buffer_list)
            net_buffer_list = following

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)


class AgainFromTheHeader(Again):
    """Retreats for the time of the call."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        size = meta.ethernet_mac_header_size
        if not fwps.nt_success(fwps.retreat_net_buffer_list_data_start(layer_data, size)):
            out.permit()
            return
        super().classify(fwps, values, meta, layer_data, classify_context, filter, flow_context, out)
        fwps.advance_net_buffer_list_data_start(layer_data, size)
