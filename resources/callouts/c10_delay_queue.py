"""C10 · Delay queue: every frame waits its time outside of classify.

Layers         INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Config         delay_us  5000   how long each frame waits
               frames    32     how many may wait; more are dropped

Shows the pended pattern: a reference keeps the frame after classify, a timer clones it, gives the reference back at
once and injects the clone. The queue is bounded, for the ring of the card is. It is emptied when the filter goes, when
the driver goes and before the system sleeps: timers cancelled, references given back, nothing injected.
"""

from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class DelayQueue(Callout):
    def start(self, fwps, config):
        config = config or {}
        self.delay_ns, self.frames = config.get("delay_us", 5000) * 1000, config.get("frames", 32)
        self.waiting = {}
        self.number = self.out = self.lost = 0
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
        if len(self.waiting) >= self.frames:
            self.lost += 1
            out.block(hard=True)
            return
        fwps.reference_net_buffer_list(layer_data, True)
        back = meta.ethernet_mac_header_size if values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET else 0
        where = values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT  # values dies when classify returns
        self.number += 1
        timer = fwps.set_timer(self.delay_ns, self.due, fwps, self.number)
        self.waiting[self.number] = layer_data, back, where, timer, filter.filter_id
        out.absorb()

    def due(self, fwps, number):
        """The timer, at DISPATCH_LEVEL: the frame has waited long enough."""
        original, back, where, timer, filter_id = self.waiting.pop(number)
        clone = self.clone(fwps, original, back)
        fwps.dereference_net_buffer_list(original, True)  # the clone keeps it from here on
        if clone is None:
            self.lost += 1
            return
        sends = where[0] == fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET
        inject = fwps.inject_mac_send_async if sends else fwps.inject_mac_receive_async
        if fwps.nt_success(inject(self.handle, None, 0, *where, clone, self.completed, None)):
            self.out += 1
        else:
            self.lost += 1
            fwps.free_clone_net_buffer_list(clone)

    def clone(self, fwps, original, back):
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

    def notify(self, fwps, notify_type, filter_key, filter):
        if notify_type == fwps.CALLOUT_NOTIFY_DELETE_FILTER:
            self.give_up(fwps, [number for number, kept in self.waiting.items() if kept[-1] == filter.filter_id])
        return fwps.STATUS_SUCCESS

    def give_up(self, fwps, numbers):
        for number in numbers:
            original, back, where, timer, filter_id = self.waiting.pop(number)
            fwps.cancel_timer(timer)
            fwps.dereference_net_buffer_list(original, False)
            self.lost += 1

    def power_changes(self, fwps, leaving):
        """Nothing is held over a sleep."""
        if leaving:
            self.give_up(fwps, list(self.waiting))
            fwps.wait_until(lambda: not self.out)

    def stop(self, fwps):
        fwps.unregister_power_callback(self.power)
        self.give_up(fwps, list(self.waiting))
        fwps.injection_handle_destroy(self.handle)
