"""Sends a copy of what it has absorbed. Its completion was taken from a driver that clones."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Copier(Callout):
    """Copies, and frees the copies as if they were clones."""

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
        copy = self.copy(fwps, layer_data)
        if copy is None:
            out.block(hard=True)
            return
        if not fwps.nt_success(self.send(fwps, values, copy)):
            self.release(fwps, copy)
            out.block(hard=True)
            return
        out.absorb()

    def copy(self, fwps, original):
        data = bytearray(original.first_net_buffer.data())
        mdl = fwps.allocate_mdl(None, data, len(data))
        status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(data))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            return None
        fwps.copy_send_net_buffer_list_info(copy, original)
        return copy

    def send(self, fwps, values, copy):
        return fwps.inject_mac_send_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                          values.NDIS_PORT, copy, self.completed, None)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            self.release(fwps, net_buffer_list)
            net_buffer_list = following

    def release(self, fwps, copy):
        mdl = copy.first_net_buffer.mdl_chain
        fwps.free_clone_net_buffer_list(copy)
        fwps.free_mdl(mdl)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)


class CopierThatFreesCopies(Copier):
    """FwpsFreeNetBufferList for what FwpsAllocateNetBufferAndNetBufferList made."""

    def release(self, fwps, copy):
        mdl = copy.first_net_buffer.mdl_chain
        fwps.free_net_buffer_list(copy)
        fwps.free_mdl(mdl)
