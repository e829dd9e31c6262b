"""Has the batch flag for its speed, and clones as it always did. Both together do not work."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Cloner(Callout):
    """Wants to absorb each frame of the run and inject a clone of it."""

    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.refused = self.lost = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        net_buffer_list, clones = layer_data, []
        while net_buffer_list is not None:
            status, clone = fwps.allocate_clone_net_buffer_list(net_buffer_list)
            if fwps.nt_success(status):
                clones.append(clone)
            else:
                self.refused += 1
            net_buffer_list = net_buffer_list.next
        if not clones:
            out.permit()
            return
        for clone in clones:
            status = fwps.inject_mac_receive_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                                   values.NDIS_PORT, clone, self.completed, None)
            if not fwps.nt_success(status):
                self.lost += 1
                fwps.free_clone_net_buffer_list(clone)
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
