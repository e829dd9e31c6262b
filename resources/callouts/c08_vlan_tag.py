"""C08 · VLAN tagger and stripper: the tag beside the frame, not in its bytes.

Layers         OUTBOUND_MAC_FRAME_ETHERNET (tags), INBOUND_MAC_FRAME_ETHERNET (strips)
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Config         vlan      100   VLAN id for what is sent
               priority  0     its PCP, 0 to 7

Shows out-of-band information. Where the card tags by itself, a tag is a number in NetBufferListInfo, slot Ieee8021Q;
the bytes have none. A clone has slots of its own, so this changes nobody else's frame. A tag that stands in the bytes
is left alone.
"""

from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class VlanTag(Callout):
    def start(self, fwps, config):
        config = config or {}
        self.tag = config.get("vlan", 100) << 4 | config.get("priority", 0)  # NDIS_NET_BUFFER_LIST_8021Q_INFO
        self.out = self.lost = 0
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        if fwps.nt_success(status):
            self.power = fwps.register_power_callback(lambda leaving: self.power_changes(fwps, leaving))
        return status

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if layer_data is None or not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in OWN:
            out.permit(hard=bool(filter.flags & fwps.FILTER_FLAG_CLEAR_ACTION_RIGHT))
            return
        if out.action_type == Action.BLOCK:
            return
        sends = values.layer_id == fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET
        slot = fwps.IEEE8021Q_NET_BUFFER_LIST_INFO
        wanted = self.tag if sends else 0
        if layer_data.net_buffer_list_info[slot] == wanted:
            out.permit(hard=bool(filter.flags & fwps.FILTER_FLAG_CLEAR_ACTION_RIGHT))
            return
        clone = self.clone(fwps, meta, layer_data, sends)
        if clone is None:
            out.block(hard=True)
            return
        clone.net_buffer_list_info[slot] = wanted
        inject = fwps.inject_mac_send_async if sends else fwps.inject_mac_receive_async
        status = inject(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT, clone,
                        self.completed, None)
        if not fwps.nt_success(status):
            fwps.free_clone_net_buffer_list(clone)
            out.block(hard=True)
            return
        self.out += 1
        out.absorb()

    def clone(self, fwps, meta, original, sends):
        back = 0 if sends else meta.ethernet_mac_header_size
        if back and not fwps.nt_success(fwps.retreat_net_buffer_list_data_start(original, back)):
            return None
        status, clone = fwps.allocate_clone_net_buffer_list(original)
        if back:
            fwps.advance_net_buffer_list_data_start(original, back)
        return clone if fwps.nt_success(status) else None

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            self.out -= 1
            fwps.free_clone_net_buffer_list(net_buffer_list)
            net_buffer_list = following

    def power_changes(self, fwps, leaving):
        """No clone is out over a sleep: it keeps its original from the card."""
        if leaving:
            fwps.wait_until(lambda: not self.out)

    def stop(self, fwps):
        fwps.unregister_power_callback(self.power)
        fwps.injection_handle_destroy(self.handle)
