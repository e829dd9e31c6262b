"""One injection handle for each layer. Each knows only what was injected with it."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class PerLayer(Callout):
    """Made once for ETHERNET and once for NATIVE, with a handle each."""

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
        status = fwps.inject_mac_send_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
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


of_the_driver = []


class OneHandle(PerLayer):
    """Both layers use the handle of the driver: the first to start makes it, the first to stop destroys it."""

    def start(self, fwps, config):
        if not of_the_driver:
            status, handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
            of_the_driver.append(handle)
        self.handle = of_the_driver[0]
        self.lost = 0

    def stop(self, fwps):
        if of_the_driver:
            fwps.injection_handle_destroy(of_the_driver.pop())
