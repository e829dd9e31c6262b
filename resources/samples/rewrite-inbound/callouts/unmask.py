"""Gives inbound frames another source address: retreat, clone, change, reinject at the ETHERNET layer."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Unmask(Callout):
    """The clone has a header of its own; the original is absorbed."""

    def start(self, fwps, config):
        self.source = bytes.fromhex(config["source"].replace(":", ""))
        self.changed = {}
        self.lost = 0
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        return status

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        size = meta.ethernet_mac_header_size
        clone = self.clone_with_header(fwps, layer_data, size)
        if clone is None:
            out.block(hard=True)
            return
        if not self.rewrite(fwps, clone, size):
            fwps.free_clone_net_buffer_list(clone)
            out.block(hard=True)
            return
        status = fwps.inject_mac_receive_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                               values.NDIS_PORT, clone, self.completed, None)
        if not fwps.nt_success(status):
            self.release(fwps, clone)
            out.block(hard=True)
            return
        out.absorb()

    def clone_with_header(self, fwps, original, size):
        if not fwps.nt_success(fwps.retreat_net_buffer_list_data_start(original, size)):
            return None
        status, clone = fwps.allocate_clone_net_buffer_list(original)
        fwps.advance_net_buffer_list_data_start(original, size)
        return clone if fwps.nt_success(status) else None

    def rewrite(self, fwps, clone, size):
        """The clone shares its bytes with the original: it gets memory of its own before anything changes."""
        buffer = clone.first_net_buffer
        whole, old = buffer.data(), buffer.mdl_chain
        frame = bytearray(whole[:6] + self.source + whole[12:])
        new = fwps.allocate_mdl(None, frame, len(frame))
        if new is None:
            return False
        buffer.mdl_chain = new
        fwps.adjust_net_buffer_current_mdl(buffer)
        self.changed[clone] = (old, new)
        return True

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
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
