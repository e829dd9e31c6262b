"""A firewall that asks first. Frames that are too long are dropped."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Prompt(Callout):
    """Gives the reference back where it drops, and at the end."""

    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.lost = 0
        self.longest = config["longest"]

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        fwps.reference_net_buffer_list(layer_data, True)
        where = values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT
        fwps.queue_work(self.decide, fwps, layer_data, where)
        out.absorb()

    def decide(self, fwps, original, where):
        if original.first_net_buffer.data_length > self.longest:
            self.lost += 1
            fwps.dereference_net_buffer_list(original, False)
        else:
            self.send(fwps, original, where)
        fwps.dereference_net_buffer_list(original, False)

    def send(self, fwps, original, where):
        status, clone = fwps.allocate_clone_net_buffer_list(original)
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


class PromptWithOneEnd(Prompt):
    """One reference, one way back, at the end of every path."""

    def decide(self, fwps, original, where):
        if original.first_net_buffer.data_length > self.longest:
            self.lost += 1
        else:
            self.send(fwps, original, where)
        fwps.dereference_net_buffer_list(original, False)
