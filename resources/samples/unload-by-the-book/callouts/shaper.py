"""A delay line that registers, installs and removes itself, and goes in the order of the book."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)
CALLOUT = "{7a1f0c52-9f0e-4a37-8f56-2d5b1c7e2121}"


class Shaper(Callout):
    """Holds each frame for `config["delay_ns"]`."""

    registers_itself = True

    def start(self, fwps, config):
        self.delay_ns = config["delay_ns"]
        self.queue, self.timers = [], []
        self.out = self.lost = 0
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        if not fwps.nt_success(status):
            return status
        status, callout_id = fwps.callout_register(None, {"callout_key": CALLOUT, "flags": 0, "version": 2})
        if fwps.nt_success(status):
            status = self.install(fwps, config["filter"])
            if not fwps.nt_success(status):
                fwps.callout_unregister_by_key(CALLOUT)
        if not fwps.nt_success(status):  # the driver is not loaded, and nobody calls stop
            fwps.injection_handle_destroy(self.handle)
        return status

    def install(self, fwps, wanted):
        status, self.engine = fwps.engine_open(None, 10, None, {"flags": fwps.SESSION_FLAG_DYNAMIC})
        if fwps.nt_success(status):
            status, self.filter_id = fwps.filter_add(self.engine, wanted, None)
            if not fwps.nt_success(status):
                fwps.engine_close(self.engine)
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
        self.timers.append(fwps.set_timer(self.delay_ns, self.send, fwps, True))
        out.absorb()

    def send(self, fwps, dispatch_level):
        original, where = self.queue.pop(0)
        status, clone = fwps.allocate_clone_net_buffer_list(original)
        fwps.dereference_net_buffer_list(original, dispatch_level)
        if not fwps.nt_success(status):
            self.lost += 1
            return
        status = fwps.inject_mac_send_async(self.handle, None, 0, *where, clone, self.completed, None)
        if fwps.nt_success(status):
            self.out += 1  # only what was accepted comes back
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

    def drained(self):
        return self.out == 0

    def stop(self, fwps):
        for timer in self.timers:  # 1. no timer calls into an image that is gone
            fwps.cancel_timer(timer)
        while self.queue:  # 2. what waits is sent while the filter is still there
            self.send(fwps, dispatch_level=False)
        fwps.wait_until(self.drained)  # 3. and comes back
        fwps.engine_close(self.engine)  # 4. the filter goes with its dynamic session
        while not fwps.nt_success(fwps.callout_unregister_by_key(CALLOUT)):  # 5. until it is really done
            pass
        fwps.injection_handle_destroy(self.handle)  # 6. nothing is pending any more
