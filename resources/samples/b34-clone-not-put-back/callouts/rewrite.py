"""Sends every frame to another router."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Rewrite(Callout):
    """Frees the clone as it came back."""

    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.lost = 0
        self.router = bytes.fromhex(config["router"].replace(":", ""))
        self.replaced = {}

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data)
        if not fwps.nt_success(status):
            out.block(hard=True)
            return
        self.change(fwps, clone)
        if not fwps.nt_success(self.send(fwps, values, clone)):
            self.release(fwps, clone)
            out.block(hard=True)
            return
        out.absorb()

    def change(self, fwps, clone):
        buffer = clone.first_net_buffer
        old = buffer.mdl_chain
        header = bytearray(self.router + old.data()[6:])
        new = fwps.allocate_mdl(None, header, len(header))
        new.next = old.next
        buffer.mdl_chain = new
        fwps.adjust_net_buffer_current_mdl(buffer)
        self.replaced[clone] = old, new

    def send(self, fwps, values, clone):
        return fwps.inject_mac_send_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                          values.NDIS_PORT, clone, self.completed, None)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            self.release(fwps, net_buffer_list)
            net_buffer_list = following

    def release(self, fwps, clone):
        old, new = self.replaced.pop(clone)
        fwps.free_clone_net_buffer_list(clone)
        fwps.free_mdl(new)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)


class RewriteThatPutsBack(Rewrite):
    """Puts the old MDL back first."""

    def release(self, fwps, clone):
        old, new = self.replaced.pop(clone)
        clone.first_net_buffer.mdl_chain = old
        fwps.adjust_net_buffer_current_mdl(clone.first_net_buffer)
        fwps.free_clone_net_buffer_list(clone)
        fwps.free_mdl(new)
