"""Sends every frame back where it came from."""

from engine.callouts import Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Reflect(Callout):
    """Injects at the layer of the values."""

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
        frame = bytearray(layer_data.first_net_buffer.data())
        frame[0:6], frame[6:12] = frame[6:12], frame[0:6]
        mdl = fwps.allocate_mdl(None, frame, len(frame))
        status, reply = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(frame))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            out.block(hard=True)
            return
        if not fwps.nt_success(self.send(fwps, values, reply)):
            self.release(fwps, reply)
            out.block(hard=True)
            return
        out.absorb()

    def send(self, fwps, values, reply):
        return fwps.inject_mac_send_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX,
                                          values.NDIS_PORT, reply, self.completed, None)

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


class ReflectOutbound(Reflect):
    """Names the layer of the way out."""

    def send(self, fwps, values, reply):
        return fwps.inject_mac_send_async(self.handle, None, 0, fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE,
                                          values.INTERFACE_INDEX, values.NDIS_PORT, reply, self.completed, None)


class Anchor(Callout):
    """Stands where the driver injects, and permits."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()
