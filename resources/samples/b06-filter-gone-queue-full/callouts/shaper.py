"""A delay line that switches itself off: here after `config["depth"]` frames."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Shaper(Callout):
    """Deletes its filter in the middle of sending."""

    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.lost = 0
        status, self.engine = fwps.engine_open()
        self.depth = config["depth"]
        self.queue = []
        self.out = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        fwps.reference_net_buffer_list(layer_data, True)
        self.queue.append((layer_data, (values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT)))
        if len(self.queue) == self.depth:
            fwps.queue_work(self.switch_off, fwps, filter.filter_id)
        out.absorb()

    def switch_off(self, fwps, filter_id):
        self.send(fwps)
        fwps.filter_delete_by_id(self.engine, filter_id)
        while self.queue:
            self.send(fwps)

    def send(self, fwps):
        original, where = self.queue.pop(0)
        status, clone = fwps.allocate_clone_net_buffer_list(original)
        fwps.dereference_net_buffer_list(original, False)
        if not fwps.nt_success(status):
            self.lost += 1
            return
        status = fwps.inject_mac_send_async(self.handle, None, 0, *where, clone, self.completed, None)
        if fwps.nt_success(status):
            self.out += 1
        else:
            self.lost += 1
            fwps.free_clone_net_buffer_list(clone)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            self.out -= 1
            fwps.free_clone_net_buffer_list(net_buffer_list)
            net_buffer_list = following

    def stop(self, fwps):
        fwps.engine_close(self.engine)
        fwps.injection_handle_destroy(self.handle)


class ShaperThatDrains(Shaper):
    """Sends everything, waits for the completions, and deletes the filter then."""

    def switch_off(self, fwps, filter_id):
        while self.queue:
            self.send(fwps)
        fwps.wait_until(lambda: self.out == 0)
        fwps.filter_delete_by_id(self.engine, filter_id)
