"""C16 · Batch mixed verdict: one verdict for a chain, and yet some of its frames live.

Layers         INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Callout flags  FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY
Config         port  23   TCP or UDP port; what goes there over IPv4 is dropped

Shows timeline T8. classifyOut has one action for the whole chain, and the flag forbids clones. So the chain is
absorbed, and copies of the frames to keep are injected as a chain of their own, with one context that counts what comes
back.
"""

from itertools import pairwise

from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class BatchMixed(Callout):
    def start(self, fwps, config):
        self.port = (config or {}).get("port", 23).to_bytes(2, "big")
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
        frames = [(one, buffer) for one in each(layer_data) for buffer in net_buffers(one)]
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)  # one answer holds for the run
        sends = values.layer_id == fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET
        size = meta.ethernet_mac_header_size
        kept = [one for one in frames if not self.is_unwanted(one[1], size if sends else 0)]
        if state in OWN or len(kept) == len(frames):
            out.permit(hard=bool(filter.flags & fwps.FILTER_FLAG_CLEAR_ACTION_RIGHT))
            return
        back = 0 if sends else size
        copies = [copy for copy in (self.copy(fwps, *one, back, sends) for one in kept) if copy is not None]
        self.lost += len(kept) - len(copies)
        if not copies:
            out.block(hard=True)
            return
        for this, following in pairwise(copies):
            this.next = following
        inject = fwps.inject_mac_send_async if sends else fwps.inject_mac_receive_async
        status = inject(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT, copies[0],
                        self.completed, {"left": len(copies)})
        if not fwps.nt_success(status):
            self.release(fwps, copies)
            out.block(hard=True)
            return
        out.absorb()

    def is_unwanted(self, buffer, ip_at):
        data = buffer.data()[ip_at:]
        if len(data) < 24 or data[0] >> 4 != 4 or data[9] not in (6, 17):
            return False
        ports_at = (data[0] & 0xF) * 4
        return data[ports_at + 2:ports_at + 4] == self.port

    def copy(self, fwps, original, buffer, back, sends):
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
        copies = list(each(net_buffer_list))
        self.lost += sum(not fwps.nt_success(one.status) for one in copies)
        self.release(fwps, copies)
        context["left"] -= len(copies)
        if not context["left"]:
            context.clear()  # not earlier: other segments still need it

    def release(self, fwps, copies):
        for copy in copies:
            mdl = copy.first_net_buffer.mdl_chain
            fwps.free_net_buffer_list(copy)
            fwps.free_mdl(mdl)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)


def each(net_buffer_list):
    while net_buffer_list is not None:
        yield net_buffer_list
        net_buffer_list = net_buffer_list.next


def net_buffers(net_buffer_list):
    """The frames of an NBL: one on the way in, any number on the way out."""
    net_buffer = net_buffer_list.first_net_buffer
    while net_buffer is not None:
        yield net_buffer
        net_buffer = net_buffer.next
