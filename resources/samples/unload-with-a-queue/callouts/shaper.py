"""A delay line: frames wait in a queue until others push them out, or until the driver has to go."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Shaper(Callout):
    """Holds each frame until `config["depth"]` others have come."""

    def start(self, fwps, config):
        self.depth = config["depth"]
        self.queue = []
        self.lost = 0
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
        self.queue.append((layer_data, (values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT)))
        if len(self.queue) > self.depth:
            self.send(fwps, dispatch_level=True)
        out.absorb()

    def send(self, fwps, dispatch_level):
        original, where = self.queue.pop(0)
        status, clone = fwps.allocate_clone_net_buffer_list(original)
        fwps.dereference_net_buffer_list(original, dispatch_level)
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
        while self.queue:
            self.send(fwps, dispatch_level=False)
        fwps.injection_handle_destroy(self.handle)  # waits for the completions


class Anchor(Callout):
    """Keeps the layer's handlers in place until the last injection has come back."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()
