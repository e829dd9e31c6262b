"""C19 · Retry injector: what fails on the way is sent again, a fresh copy each time.

Layers         OUTBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_NATIVE
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Config         tries  3   how often a frame is sent at most

Shows what Status is for. The injection call says only that the frame has set off; NBL.Status, in the completion, says
whether it arrived. What came back is not sent again; a copy of it is. When the driver goes, nothing is retried any
more: the handle is closing, and would refuse it.
"""

from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class Retry(Callout):
    def start(self, fwps, config):
        self.tries = (config or {}).get("tries", 3)
        self.leaving = False
        self.retries = self.lost = 0
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
        where = values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT
        sent = [self.send_copy(fwps, layer_data, buffer, where, tries=1) for buffer in net_buffers(layer_data)]
        self.lost += sent.count(False)
        if any(sent):
            out.absorb()
        else:
            out.block(hard=True)

    def send_copy(self, fwps, source, buffer, where, tries):
        """True when a copy of one frame of the NBL has set off."""
        data = bytearray(buffer.data())
        mdl = fwps.allocate_mdl(None, data, len(data))
        if mdl is None:
            return False
        status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(data))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            return False
        fwps.copy_send_net_buffer_list_info(copy, source)
        status = fwps.inject_mac_send_async(self.handle, None, 0, *where, copy, self.completed, (where, tries))
        if not fwps.nt_success(status):
            self.release(fwps, copy)
            return False
        return True

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        where, tries = context
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.failed(fwps, net_buffer_list, where, tries)
            self.release(fwps, net_buffer_list)
            net_buffer_list = following

    def failed(self, fwps, net_buffer_list, where, tries):
        again = tries < self.tries and not self.leaving
        if again and self.send_copy(fwps, net_buffer_list, net_buffer_list.first_net_buffer, where, tries + 1):
            self.retries += 1
        else:
            self.lost += 1

    def notify(self, fwps, notify_type, filter_key, filter):
        if notify_type == fwps.CALLOUT_NOTIFY_DELETE_FILTER:
            self.leaving = True  # inject only while the filter is there
        elif notify_type == fwps.CALLOUT_NOTIFY_ADD_FILTER:
            self.leaving = False
        return fwps.STATUS_SUCCESS

    def release(self, fwps, copy):
        mdl = copy.first_net_buffer.mdl_chain
        fwps.free_net_buffer_list(copy)
        fwps.free_mdl(mdl)

    def stop(self, fwps):
        self.leaving = True
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)


def net_buffers(net_buffer_list):
    """The frames of an NBL: one on the way in, any number on the way out."""
    net_buffer = net_buffer_list.first_net_buffer
    while net_buffer is not None:
        yield net_buffer
        net_buffer = net_buffer.next
