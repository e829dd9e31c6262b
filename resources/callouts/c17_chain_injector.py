"""C17 · Chain injector: collects frames and sends them as one chain.

Layers         OUTBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_NATIVE
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Config         frames   4      how many make a chain
               wait_us  2000   microseconds after which an incomplete chain goes out

Shows an injection of several NBLs with one context, and its completions: they come in segments of any size and order.
The context is given up when as many NBLs have come back as went out, and not before. What the driver still has when a
filter goes or the driver is unloaded is freed; nothing is injected any more.
"""

from itertools import pairwise

from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)


class ChainInjector(Callout):
    def start(self, fwps, config):
        config = config or {}
        self.frames, self.wait_ns = config.get("frames", 4), config.get("wait_us", 2000) * 1000
        self.waiting = {}
        self.timers = {}
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
        copies = [self.copy(fwps, layer_data, buffer) for buffer in net_buffers(layer_data)]
        if None in copies:
            self.release(fwps, [copy for copy in copies if copy is not None])
            out.block(hard=True)
            return
        where = values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT  # a chain never mixes them
        chain = self.waiting.setdefault(where, [])
        chain += copies
        if len(chain) >= self.frames:
            self.send(fwps, where)
        elif where not in self.timers:
            self.timers[where] = fwps.set_timer(self.wait_ns, self.waited, fwps, where)
        out.absorb()

    def copy(self, fwps, original, buffer):
        data = bytearray(buffer.data())
        mdl = fwps.allocate_mdl(None, data, len(data))
        if mdl is None:
            return None
        status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(data))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            return None
        fwps.copy_send_net_buffer_list_info(copy, original)
        return copy

    def waited(self, fwps, where):
        self.timers.pop(where, None)
        if self.waiting.get(where):
            self.send(fwps, where)

    def send(self, fwps, where):
        if where in self.timers:
            fwps.cancel_timer(self.timers.pop(where))
        chain = self.waiting.pop(where)
        for this, following in pairwise(chain):
            this.next = following
        context = {"left": len(chain)}
        status = fwps.inject_mac_send_async(self.handle, None, 0, *where, chain[0], self.completed, context)
        if not fwps.nt_success(status):
            self.lost += len(chain)
            self.release(fwps, chain)

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        segment = list(each(net_buffer_list))
        self.lost += sum(not fwps.nt_success(one.status) for one in segment)
        self.release(fwps, segment)
        context["left"] -= len(segment)
        if not context["left"]:
            context.clear()

    def release(self, fwps, copies):
        for copy in copies:
            mdl = copy.first_net_buffer.mdl_chain
            fwps.free_net_buffer_list(copy)
            fwps.free_mdl(mdl)

    def notify(self, fwps, notify_type, filter_key, filter):
        if notify_type == fwps.CALLOUT_NOTIFY_DELETE_FILTER:
            self.give_up(fwps)
        return fwps.STATUS_SUCCESS

    def give_up(self, fwps):
        for timer in self.timers.values():
            fwps.cancel_timer(timer)
        for chain in self.waiting.values():
            self.lost += len(chain)
            self.release(fwps, chain)
        self.timers, self.waiting = {}, {}

    def stop(self, fwps):
        self.give_up(fwps)
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
