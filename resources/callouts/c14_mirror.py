"""C14 · Mirror: a copy of every frame goes out on another interface.

Layers         all four
Filter action  FWP_ACTION_CALLOUT_INSPECTION
Anchor         for the inbound layers: class Anchor at the outbound layer of the same kind
Config         interface  2   index of the interface with the analyser
               port       0   its NDIS port

Shows what an INSPECTION callout may do: it never decides, and still injects frames of its own. The copy carries index
and port of the other interface, which must be there (M41); what comes from it is not mirrored, or two mirrors would
feed each other.
"""

from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Mirror(Callout):
    def start(self, fwps, config):
        config = config or {}
        self.interface, self.port = config.get("interface", 2), config.get("port", 0)
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
        out.continue_()
        if layer_data is None or self.interface == values.INTERFACE_INDEX:
            return
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            return
        for buffer in net_buffers(layer_data):
            self.mirror(fwps, values, meta, layer_data, buffer)

    def mirror(self, fwps, values, meta, original, buffer):
        copy = self.copy(fwps, values, meta, original, buffer)
        if copy is None:
            self.lost += 1
            return
        status = fwps.inject_mac_send_async(self.handle, None, 0, self.way_out(fwps, values.layer_id), self.interface,
                                            self.port, copy, self.completed, None)
        if not fwps.nt_success(status):
            self.lost += 1
            self.release(fwps, copy)

    def way_out(self, fwps, layer):
        native = (fwps.LAYER_INBOUND_MAC_FRAME_NATIVE, fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE)
        return fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE if layer in native else fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET

    def copy(self, fwps, values, meta, original, buffer):
        at_ip_header = values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET
        back = meta.ethernet_mac_header_size if at_ip_header else 0
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
        inbound = (fwps.LAYER_INBOUND_MAC_FRAME_NATIVE, fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET)
        received = values.layer_id in inbound
        copy_info = fwps.copy_receive_net_buffer_list_info if received else fwps.copy_send_net_buffer_list_info
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


class Anchor(Callout):
    """Stands where the driver injects, and permits."""

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if out.rights & fwps.RIGHT_ACTION_WRITE and out.action_type != Action.BLOCK:
            out.permit(hard=bool(filter.flags & fwps.FILTER_FLAG_CLEAR_ACTION_RIGHT))


def net_buffers(net_buffer_list):
    """The frames of an NBL: one on the way in, any number on the way out."""
    net_buffer = net_buffer_list.first_net_buffer
    while net_buffer is not None:
        yield net_buffer
        net_buffer = net_buffer.next
