"""C09 · Deep-copy injector: a new NBL with bytes of its own, and the original is free at once.

Layers         all four
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Config         none

Shows the other way to reinject. A copy costs memory, but holds nobody: the original goes back when classify returns.
What a copy must not forget is the information beside the frame, the VLAN tag first of all. A copy has no injection
history of others, so two drivers that copy can go round for ever; clone where you can.
"""

from itertools import pairwise

from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class DeepCopy(Callout):
    def start(self, fwps, config):
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
        if layer_data is None or not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit(hard=bool(filter.flags & fwps.FILTER_FLAG_CLEAR_ACTION_RIGHT))
            return
        if out.action_type == Action.BLOCK:
            return
        sends = values.layer_id in (fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET, fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE)
        back = meta.ethernet_mac_header_size if values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET else 0
        chain = self.copies(fwps, layer_data, back, sends)
        if not chain:
            out.block(hard=True)
            return
        inject = fwps.inject_mac_send_async if sends else fwps.inject_mac_receive_async
        status = inject(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT, chain[0],
                        self.completed, None)
        if not fwps.nt_success(status):
            for copy in chain:
                self.release(fwps, copy)
            out.block(hard=True)
            return
        out.absorb()

    def copies(self, fwps, original, back, sends):
        """A chain of new NBLs, one for each frame of the original; empty when one of them cannot be had."""
        chain = []
        for buffer in net_buffers(original):
            copy = self.copy(fwps, original, buffer, back, sends)
            if copy is None:
                for made in chain:
                    self.release(fwps, made)
                return []
            chain.append(copy)
        for this, following in pairwise(chain):
            this.next = following
        return chain

    def copy(self, fwps, original, buffer, back, sends):
        """A new NBL with one frame from the MAC header on, and what stands beside it; None where there is none."""
        if back and not fwps.nt_success(fwps.retreat_net_buffer_data_start(buffer, back)):
            return None
        data = bytearray(buffer.data())
        if back:
            fwps.advance_net_buffer_data_start(buffer, back)
        mdl = fwps.allocate_mdl(None, data, len(data))
        if mdl is None:
            return None
        status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(data))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            return None
        copy_info = fwps.copy_send_net_buffer_list_info if sends else fwps.copy_receive_net_buffer_list_info
        copy_info(copy, original)
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


def net_buffers(net_buffer_list):
    """The frames of an NBL: one on the way in, any number on the way out."""
    net_buffer = net_buffer_list.first_net_buffer
    while net_buffer is not None:
        yield net_buffer
        net_buffer = net_buffer.next
