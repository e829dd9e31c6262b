"""C07 · MAC rewriter: another destination or source address, without touching the bytes of anybody else.

Layers         INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Config         destination  "02:00:00:00:00:fe"   left out: stays
               source       "02:00:00:00:00:fd"   left out: stays

Shows why a clone is not enough: it shares its bytes with the original. So the first MDL of the clone is replaced by one
of our own, with the changed header in it. Outbound that is the MAC header alone, as NDIS wants it in one MDL; inbound
it is whatever the card has put into its first buffer. The completion puts the old MDL back before it frees the clone.
"""

from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)
ADDRESSES_BYTES = 12


class MacRewriter(Callout):
    def start(self, fwps, config):
        config = config or {}
        self.destination = address(config.get("destination"))
        self.source = address(config.get("source"))
        self.replaced = {}
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
        clone = self.clone(fwps, values, meta, layer_data)
        if clone is None:
            out.block(hard=True)
            return
        if not self.rewrite(fwps, clone) or not fwps.nt_success(self.inject(fwps, values, clone)):
            self.release(fwps, clone)
            out.block(hard=True)
            return
        self.out += 1
        out.absorb()

    def clone(self, fwps, values, meta, original):
        """A clone from the MAC header on whose first MDLs hold both addresses; None where there is none."""
        at_ip_header = values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET
        back = meta.ethernet_mac_header_size if at_ip_header else 0
        if back and not fwps.nt_success(fwps.retreat_net_buffer_list_data_start(original, back)):
            return None
        status, clone = fwps.allocate_clone_net_buffer_list(original)
        if back:
            fwps.advance_net_buffer_list_data_start(original, back)
        if not fwps.nt_success(status):
            return None
        firsts = [buffer.mdl_chain for buffer in net_buffers(clone)]
        if any(first is None or first.byte_count < ADDRESSES_BYTES for first in firsts):
            fwps.free_clone_net_buffer_list(clone)
            return None
        return clone

    def rewrite(self, fwps, clone):
        """True when each frame of the clone has its own first MDL; `release` takes back what was done in any case."""
        self.replaced[clone] = []
        for buffer in net_buffers(clone):
            old = buffer.mdl_chain
            data = bytearray(old.data())
            data[0:6] = self.destination or data[0:6]
            data[6:12] = self.source or data[6:12]
            new = fwps.allocate_mdl(None, data, len(data))
            if new is None:
                return False
            new.next = old.next
            buffer.mdl_chain = new
            fwps.adjust_net_buffer_current_mdl(buffer)
            self.replaced[clone].append((buffer, old, new))
        return True

    def inject(self, fwps, values, clone):
        sends = values.layer_id == fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET
        inject = fwps.inject_mac_send_async if sends else fwps.inject_mac_receive_async
        return inject(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT, clone,
                      self.completed, None)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost += 1
            self.out -= 1
            self.release(fwps, net_buffer_list)
            net_buffer_list = following

    def release(self, fwps, clone):
        for buffer, old, new in self.replaced.pop(clone):
            buffer.mdl_chain = old
            fwps.adjust_net_buffer_current_mdl(buffer)
            fwps.free_mdl(new)
        fwps.free_clone_net_buffer_list(clone)

    def power_changes(self, fwps, leaving):
        """No clone is out over a sleep: it keeps its original from the card."""
        if leaving:
            fwps.wait_until(lambda: not self.out)

    def stop(self, fwps):
        fwps.unregister_power_callback(self.power)
        fwps.injection_handle_destroy(self.handle)


def net_buffers(net_buffer_list):
    """The frames of an NBL: one on the way in, any number on the way out."""
    net_buffer = net_buffer_list.first_net_buffer
    while net_buffer is not None:
        yield net_buffer
        net_buffer = net_buffer.next


def address(text):
    return None if text is None else bytes.fromhex(text.replace(":", ""))
