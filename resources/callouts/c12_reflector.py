"""C12 · Reflector: sends every frame back where it came from, as XDP_TX does.

Layers         INBOUND_MAC_FRAME_NATIVE
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Anchor         class Anchor at OUTBOUND_MAC_FRAME_NATIVE
Config         none

Shows an injection in the other direction. It needs a callout of this driver at the layer where it injects, or nobody
takes the send completion: that is what Anchor is for. The addresses change in a copy; a clone would share the bytes.
"""

from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)
ADDRESSES_BYTES = 12


class Reflector(Callout):
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
        if layer_data is None or not out.rights & fwps.RIGHT_ACTION_WRITE or out.action_type == Action.BLOCK:
            return
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit(hard=bool(filter.flags & fwps.FILTER_FLAG_CLEAR_ACTION_RIGHT))
            return
        reply = self.reply(fwps, layer_data)
        if reply is None:
            out.block(hard=True)
            return
        status = fwps.inject_mac_send_async(self.handle, None, 0, fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE,
                                            values.INTERFACE_INDEX, values.NDIS_PORT, reply, self.completed, None)
        if not fwps.nt_success(status):
            self.release(fwps, reply)
            out.block(hard=True)
            return
        out.absorb()

    def reply(self, fwps, original):
        frame = bytearray(original.first_net_buffer.data())
        if len(frame) < ADDRESSES_BYTES:
            return None
        frame[0:6], frame[6:12] = frame[6:12], frame[0:6]
        mdl = fwps.allocate_mdl(None, frame, len(frame))
        if mdl is None:
            return None
        status, reply = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(frame))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            return None
        fwps.copy_receive_net_buffer_list_info(reply, original)
        return reply

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            self.release(fwps, net_buffer_list)
            net_buffer_list = following

    def release(self, fwps, reply):
        mdl = reply.first_net_buffer.mdl_chain
        fwps.free_net_buffer_list(reply)
        fwps.free_mdl(mdl)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)


class Anchor(Callout):
    """Stands where the driver injects, and permits."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if out.rights & fwps.RIGHT_ACTION_WRITE and out.action_type != Action.BLOCK:
            out.permit(hard=bool(filter.flags & fwps.FILTER_FLAG_CLEAR_ACTION_RIGHT))
