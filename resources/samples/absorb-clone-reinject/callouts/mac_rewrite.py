"""Sends every frame for the gateway to another router: absorb, clone, change, reinject."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class MacRewrite(Callout):
    """The canonical modifying callout: the clone gets a header of its own, the original is absorbed."""

    def start(self, fwps, config):
        self.router, self.changed = bytes.fromhex(config["router"].replace(":", "")), {}
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        return status

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
        if not self.rewrite(fwps, clone, meta.ethernet_mac_header_size):
            fwps.free_clone_net_buffer_list(clone)
            out.block(hard=True)
            return
        status = fwps.inject_mac_send_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                            values.NDIS_PORT, clone, self.mac_done, None)
        if not fwps.nt_success(status):
            self.release(fwps, clone)
            out.block(hard=True)
            return
        out.absorb()

    def rewrite(self, fwps, clone, size):
        buffer = clone.first_net_buffer
        old = buffer.mdl_chain
        header = bytearray(self.router + buffer.data()[6:size])
        new = fwps.allocate_mdl(None, header, size)
        if new is None:
            return False
        new.next = old.next
        buffer.mdl_chain = new
        fwps.adjust_net_buffer_current_mdl(buffer)
        self.changed[clone] = (old, new)
        return True

    def mac_done(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost = getattr(self, "lost", 0) + 1
            self.release(fwps, net_buffer_list)
            net_buffer_list = following

    def release(self, fwps, clone):
        old, new = self.changed.pop(clone)
        buffer = clone.first_net_buffer
        buffer.mdl_chain = old
        fwps.adjust_net_buffer_current_mdl(buffer)
        fwps.free_mdl(new)
        fwps.free_clone_net_buffer_list(clone)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
