"""Receives every frame twice: a test for the protocols above."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Doubler(Callout):
    """Puts both copies into one NBL."""

    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.pool = fwps.allocate_net_buffer_list_pool(None)
        self.lost = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        first, second = self.copy(fwps, layer_data), self.copy(fwps, layer_data)
        if first is None or second is None:
            for copy in filter(None, (first, second)):
                self.release(fwps, copy)
            out.block(hard=True)
            return
        if not fwps.nt_success(self.deliver(fwps, values, first, second)):
            self.release(fwps, first)
            self.release(fwps, second)
            out.block(hard=True)
            return
        out.absorb()

    def deliver(self, fwps, values, first, second):
        first.first_net_buffer.next = second.first_net_buffer
        status = self.inject(fwps, values, first)
        if not fwps.nt_success(status):
            first.first_net_buffer.next = None
        return status

    def inject(self, fwps, values, chain):
        return fwps.inject_mac_receive_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                             values.NDIS_PORT, chain, self.completed, None)

    def copy(self, fwps, original):
        data = bytearray(original.first_net_buffer.data())
        mdl = fwps.allocate_mdl(None, data, len(data))
        status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(data))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            return None
        fwps.copy_receive_net_buffer_list_info(copy, original)
        return copy

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            self.release(fwps, net_buffer_list)
            net_buffer_list = following

    def release(self, fwps, copy):
        mdl = copy.first_net_buffer.mdl_chain
        fwps.free_net_buffer_list(copy)
        fwps.free_mdl(mdl)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)


class DoublerWithTwoNbls(Doubler):
    """A chain of two NBLs, one frame in each."""

    def deliver(self, fwps, values, first, second):
        first.next = second
        return self.inject(fwps, values, first)
