"""One verdict for a run, but not one fate: absorbs all of it and injects copies of what may live."""

from itertools import pairwise

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class KeepSome(Callout):
    """Drops datagrams for one UDP port. Copies, because clones are forbidden under the batch flag."""

    def start(self, fwps, config):
        self.port = config["port"].to_bytes(2, "big")
        self.lost = 0
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
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        frames = list(each(layer_data))
        kept = [one for one in frames if one.first_net_buffer.data()[36:38] != self.port]
        if len(kept) == len(frames):
            out.permit()
            return
        copies = [copy for copy in (self.copy(fwps, one) for one in kept) if copy is not None]
        for copy, following in pairwise(copies):
            copy.next = following
        context = {"left": len(copies)}
        if copies and not fwps.nt_success(fwps.inject_mac_receive_async(
                self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT, copies[0],
                self.completed, context)):
            self.free(fwps, copies[0])
            out.block(hard=True)
            return
        out.absorb()

    def copy(self, fwps, original):
        data = bytearray(original.first_net_buffer.data())
        mdl = fwps.allocate_mdl(None, data, len(data))
        if mdl is None:
            self.lost += 1
            return None
        status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(data))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            self.lost += 1
            return None
        fwps.copy_receive_net_buffer_list_info(copy, original)
        return copy

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        context["left"] -= self.free(fwps, net_buffer_list)

    def free(self, fwps, net_buffer_list):
        frames = list(each(net_buffer_list))  # Next is gone once an NBL is freed
        for one in frames:
            if not fwps.nt_success(one.status):
                self.lost += 1
            mdl = one.first_net_buffer.mdl_chain
            fwps.free_net_buffer_list(one)
            fwps.free_mdl(mdl)
        return len(frames)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)


def each(net_buffer_list):
    while net_buffer_list is not None:
        yield net_buffer_list
        net_buffer_list = net_buffer_list.next
