"""Sends a clone of each frame in its place, and lives through an adapter that goes and comes back."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Relay(Callout):
    """A failure is the end of one frame, not of the driver: detach is transient."""

    def start(self, fwps, config):
        self.gone = self.lost = 0
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        return status

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
        status = fwps.inject_mac_send_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                            values.NDIS_PORT, clone, self.completed, None)
        if not fwps.nt_success(status):
            fwps.free_clone_net_buffer_list(clone)
            out.block(hard=True)
            return
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if net_buffer_list.status == fwps.STATUS_NDIS_ADAPTER_REMOVED:
                self.gone += 1
            elif not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            fwps.free_clone_net_buffer_list(net_buffer_list)
            net_buffer_list = following

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
