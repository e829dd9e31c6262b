"""C11 · Out-of-band decider: a firewall that asks somebody, and does not keep the card waiting for the answer.

Layers         INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Config         answers        {"02:00:00:00:00:01": "drop"}   what is said of a remote address
               otherwise      "permit"                        what is said of the others
               answer_ms      1500                            how long the answer takes
               hold_limit_ms  500                             how long a frame of the card is held
               frames         32                              how many questions may be open; more frames are dropped

Shows how to wait for a person. Until the hold limit the frame itself is kept, by a reference; then a deep clone, which
shares nothing, waits on in its place, and the frame is given back. Nobody may hold a frame of the card for seconds.
"""

from engine.callouts import Action, Callout, InjectionState

OWN = (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF)
MS = 1_000_000


class Question:
    """A frame that waits for its answer: the original, referenced, or a copy of it."""

    def __init__(self, frame, back, where, permits, filter_id):
        self.frame, self.back, self.where = frame, back, where
        self.permits, self.filter_id = permits, filter_id
        self.is_copy = False
        self.timer = None


class Decider(Callout):
    def start(self, fwps, config):
        config = config or {}
        self.answers = {bytes.fromhex(mac.replace(":", "")): said for mac, said in config.get("answers", {}).items()}
        self.otherwise = config.get("otherwise", "permit")
        self.answer_ns = config.get("answer_ms", 1500) * MS
        self.limit_ns = min(config.get("hold_limit_ms", 500) * MS, self.answer_ns)
        self.frames = config.get("frames", 32)
        self.open = []
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
        if len(self.open) >= self.frames:
            self.lost += 1
            out.block(hard=True)
            return
        fwps.reference_net_buffer_list(layer_data, True)
        back = meta.ethernet_mac_header_size if values.layer_id == fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET else 0
        where = values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT
        permits = self.answers.get(bytes(values.MAC_REMOTE_ADDRESS), self.otherwise) == "permit"
        question = Question(layer_data, back, where, permits, filter.filter_id)
        question.timer = fwps.set_timer(self.limit_ns, self.limit_reached, fwps, question)
        self.open.append(question)
        out.absorb()

    def limit_reached(self, fwps, question):
        rest_ns = self.answer_ns - self.limit_ns
        if not rest_ns:
            self.answered(fwps, question)
            return
        copy = self.clone(fwps, question, fwps.allocate_deep_clone_net_buffer_list)
        fwps.dereference_net_buffer_list(question.frame, True)
        if copy is None:
            self.open.remove(question)
            self.lost += 1
            return
        question.frame, question.is_copy = copy, True
        question.timer = fwps.set_timer(rest_ns, self.answered, fwps, question)

    def answered(self, fwps, question):
        """The answer is there, at DISPATCH_LEVEL."""
        self.open.remove(question)
        if not question.permits:
            self.let_go(fwps, question, True)
            return
        frame = question.frame
        if not question.is_copy:
            frame = self.clone(fwps, question, fwps.allocate_clone_net_buffer_list)
            fwps.dereference_net_buffer_list(question.frame, True)
        if frame is None:
            self.lost += 1
            return
        sends = question.where[0] == fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET
        inject = fwps.inject_mac_send_async if sends else fwps.inject_mac_receive_async
        if fwps.nt_success(inject(self.handle, None, 0, *question.where, frame, self.completed, None)):
            self.out += 1
        else:
            self.lost += 1
            fwps.free_clone_net_buffer_list(frame)

    def clone(self, fwps, question, allocate):
        """A clone from the MAC header on, a shallow or a deep one; None where there is none."""
        original, back = question.frame, question.back
        if back and not fwps.nt_success(fwps.retreat_net_buffer_list_data_start(original, back)):
            return None
        status, clone = allocate(original)
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

    def let_go(self, fwps, question, dispatch_level):
        if question.is_copy:
            fwps.free_clone_net_buffer_list(question.frame)
        else:
            fwps.dereference_net_buffer_list(question.frame, dispatch_level)

    def notify(self, fwps, notify_type, filter_key, filter):
        if notify_type == fwps.CALLOUT_NOTIFY_DELETE_FILTER:
            self.give_up(fwps, [one for one in self.open if one.filter_id == filter.filter_id])
        return fwps.STATUS_SUCCESS

    def give_up(self, fwps, questions):
        for question in questions:
            self.open.remove(question)
            fwps.cancel_timer(question.timer)
            self.let_go(fwps, question, False)
            self.lost += 1

    def power_changes(self, fwps, leaving):
        """Nothing is held over a sleep."""
        if leaving:
            self.give_up(fwps, list(self.open))
            fwps.wait_until(lambda: not self.out)

    def stop(self, fwps):
        fwps.unregister_power_callback(self.power)
        self.give_up(fwps, list(self.open))
        fwps.injection_handle_destroy(self.handle)
