"""Collects frames and sends their copies as one chain; counts what comes back."""

from itertools import pairwise

from engine.callouts import Callout, InjectionState


class ChainSender(Callout):
    """Absorbs frames one by one, injects five copies at a time."""

    def start(self, fwps, config):
        self.waiting = []
        self.chains = 0
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        if not fwps.nt_success(status):
            return status
        self.pool = fwps.allocate_net_buffer_list_pool(None)
        if self.pool is None:
            fwps.injection_handle_destroy(self.handle)
            return fwps.STATUS_INSUFFICIENT_RESOURCES
        return fwps.STATUS_SUCCESS

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF):
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        copy = self.copy(fwps, layer_data)
        if copy is None:
            out.block(hard=True)
            return
        self.waiting.append(copy)
        if len(self.waiting) == 5:
            self.send(fwps, values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT)
        out.absorb()

    def copy(self, fwps, original):
        data = bytearray(original.first_net_buffer.data())
        mdl = fwps.allocate_mdl(None, data, len(data))
        if mdl is None:
            return None
        status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(data))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            return None
        fwps.copy_send_net_buffer_list_info(copy, original)
        return copy

    def send(self, fwps, layer, index, port):
        chain, self.waiting = self.waiting, []
        for this, following in pairwise(chain):
            this.next = following
        self.chains += 1
        context = {"chain": self.chains, "left": len(chain)}
        status = fwps.inject_mac_send_async(self.handle, context, 0, layer, index, port, chain[0],
                                            self.returned, context)
        if not fwps.nt_success(status):
            self.free(fwps, chain[0])

    def returned(self, fwps, context, net_buffer_list, dispatch_level):
        context["left"] -= self.free(fwps, net_buffer_list)
        if context["left"] == 0:
            context.clear()  # not earlier: other segments still need it

    def free(self, fwps, net_buffer_list):
        count = 0
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost = getattr(self, "lost", 0) + 1
            mdl = net_buffer_list.first_net_buffer.mdl_chain
            fwps.free_net_buffer_list(net_buffer_list)
            fwps.free_mdl(mdl)
            net_buffer_list = following
            count += 1
        return count

    def stop(self, fwps):
        for copy in self.waiting:
            self.free(fwps, copy)
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)
