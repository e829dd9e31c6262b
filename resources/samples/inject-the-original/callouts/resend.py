"""Injects the frame itself, without a clone: once too early, once as it may be done."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class TooEarly(Callout):
    """Injects inside of classify: the frame is still the system's."""

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
        where = (values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT)
        if self.take(fwps, layer_data, where):
            out.absorb()
        else:
            out.permit()

    def take(self, fwps, original, where):
        return self.inject(fwps, original, where)

    def inject(self, fwps, original, where):
        return fwps.nt_success(fwps.inject_mac_send_async(
            self.handle, None, 0, *where, original, self.completed, None))

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        if not fwps.nt_success(net_buffer_list.status):
            self.lost += 1
        fwps.dereference_net_buffer_list(net_buffer_list, dispatch_level)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)


class Held(TooEarly):
    """Takes a reference, absorbs, and injects the held frame later."""

    def take(self, fwps, original, where):
        fwps.reference_net_buffer_list(original, False)
        fwps.queue_work(self.later, fwps, original, where)
        return True

    def later(self, fwps, original, where):
        if not self.inject(fwps, original, where):
            fwps.dereference_net_buffer_list(original, False)
