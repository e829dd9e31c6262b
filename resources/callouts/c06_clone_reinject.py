"""C06 · Inline clone and reinject: the skeleton of every callout that takes a frame and gives another back.

Layers         all four
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Config         none

Shows the order that matters. First the question whether the frame is its own; then clone, inject, and only when the
injection was accepted the verdict ABSORB. A refused call leaves the clone with the driver, which frees it at once. The
completion function gets a segment, one NBL or several: it reads each Status, and keeps Next before it frees. Before the
system sleeps, the driver waits until its clones are back.
"""

from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class CloneReinject(Callout):
    def start(self, fwps, config):
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
        if out.action_type == Action.BLOCK:  # blocked above us: what we inject would be blocked as well
            return
        clone = self.clone(fwps, values, meta, layer_data)
        if clone is None:
            out.block(hard=True)
        elif not fwps.nt_success(self.inject(fwps, values, clone)):
            fwps.free_clone_net_buffer_list(clone)
            out.block(hard=True)
        else:
            self.out += 1
            out.absorb()

    def clone(self, fwps, values, meta, original):
        """A clone from the MAC header on, wherever the data of the original begins; None where there is none."""
        at_ip_header = values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET
        back = meta.ethernet_mac_header_size if at_ip_header else 0
        if back and not fwps.nt_success(fwps.retreat_net_buffer_list_data_start(original, back)):
            return None
        status, clone = fwps.allocate_clone_net_buffer_list(original)
        if back:
            fwps.advance_net_buffer_list_data_start(original, back)
        return clone if fwps.nt_success(status) else None

    def inject(self, fwps, values, clone):
        sends = values.layer_id in (fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET, fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE)
        inject = fwps.inject_mac_send_async if sends else fwps.inject_mac_receive_async
        return inject(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT, clone,
                      self.completed, None)

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
        fwps.injection_handle_destroy(self.handle)  # waits for the completions
