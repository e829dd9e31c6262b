"""The same idea, from another vendor."""

from engine.callouts import Callout, InjectionState


class Monitor(Callout):
    """Absorb, deep copy, reinject at the same layer."""

    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.pool = fwps.allocate_net_buffer_list_pool(None)

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF):
            out.continue_()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        data = bytearray(layer_data.first_net_buffer.data())
        mdl = fwps.allocate_mdl(None, data, len(data))
        status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(data))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            out.block(hard=True)
            return
        status = fwps.inject_mac_receive_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                               values.NDIS_PORT, copy, self.completed, None)
        if not fwps.nt_success(status):
            self.free(fwps, copy)
            out.block(hard=True)
            return
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost = getattr(self, "lost", 0) + 1
            self.free(fwps, net_buffer_list)
            net_buffer_list = following

    def free(self, fwps, net_buffer_list):
        mdl = net_buffer_list.first_net_buffer.mdl_chain
        fwps.free_net_buffer_list(net_buffer_list)
        fwps.free_mdl(mdl)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)


class MonitorThatClones(Monitor):
    """A clone keeps the history of its parent, so that each driver knows again what it has injected before."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF):
            out.continue_()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data)
        if not fwps.nt_success(status):
            out.block(hard=True)
            return
        status = fwps.inject_mac_receive_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                               values.NDIS_PORT, clone, self.completed, None)
        if not fwps.nt_success(status):
            self.free(fwps, clone)
            out.block(hard=True)
            return
        out.absorb()

    def free(self, fwps, net_buffer_list):
        fwps.free_clone_net_buffer_list(net_buffer_list)
