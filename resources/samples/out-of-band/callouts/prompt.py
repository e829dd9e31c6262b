"""A firewall that asks first: frames wait for a decision outside of classify."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Prompt(Callout):
    """Pends each frame and decides in a work item: longer than `config["longest"]` bytes is dropped."""

    def start(self, fwps, config):
        self.longest, self.lost = config["longest"], 0
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        return status

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        fwps.reference_net_buffer_list(layer_data, True)
        where = (values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT)  # values dies when classify returns
        fwps.queue_work(self.decide, fwps, layer_data, where)
        out.absorb()

    def decide(self, fwps, original, where):
        if original.first_net_buffer.data_length > self.longest:
            fwps.dereference_net_buffer_list(original, False)
            return
        status, clone = fwps.allocate_clone_net_buffer_list(original)
        fwps.dereference_net_buffer_list(original, False)  # from here on the clone keeps it
        if not fwps.nt_success(status):
            self.lost += 1
            return
        status = fwps.inject_mac_send_async(self.handle, None, 0, *where, clone, self.completed, None)
        if not fwps.nt_success(status):
            self.lost += 1
            fwps.free_clone_net_buffer_list(clone)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            fwps.free_clone_net_buffer_list(net_buffer_list)
            net_buffer_list = following

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
