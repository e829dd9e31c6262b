"""Cloning, injecting, completing and working later, through the calls of contracts 4."""

from tests.contract.command import (
    IN_ETHERNET,
    IN_NATIVE,
    OUT_ETHERNET,
    OUT_NATIVE,
    a_callout,
    a_filter,
    calling,
    key,
    received,
    sent,
)
from tests.contract.test_callout_api import failures

CLONER = """
from engine.callouts import Callout, InjectionState

class Cloner(Callout):
    '''Absorbs, clones and injects the clone where it was: at once, or from a worker or timer.'''

    def start(self, fwps, config):
        self.config = config or {}
        status, self.handle = fwps.injection_handle_create(None, self.config.get("type", fwps.INJECTION_TYPE_L2))

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state == InjectionState.INJECTED_BY_SELF:
            assert layer_data == context, "the NBL met again equals the one that was injected"
            assert layer_data.parent_net_buffer_list is not None
            out.permit()
            return
        assert out.rights & fwps.RIGHT_ACTION_WRITE
        index = self.config.get("index", values.INTERFACE_INDEX)
        later = self.config.get("later")
        if later is None:
            if self.reinject(fwps, index, values.NDIS_PORT, layer_data):
                out.absorb()
            else:
                out.block(hard=True)
            return
        fwps.reference_net_buffer_list(layer_data, True)
        if later == "work":
            fwps.queue_work(self.work, fwps, index, values.NDIS_PORT, layer_data)
        else:
            fwps.set_timer(later, self.work, fwps, index, values.NDIS_PORT, layer_data)
        out.absorb()

    def work(self, *arguments):
        fwps, index, port, original = arguments
        self.reinject(fwps, index, port, original)
        fwps.dereference_net_buffer_list(original, False)

    def reinject(self, fwps, index, port, original):
        behind = 14 if self.config.get("behind") else 0
        for nb in [original.first_net_buffer] if behind else []:
            assert fwps.retreat_net_buffer_data_start(nb, behind, 0, None) == fwps.STATUS_SUCCESS
        status, clone = fwps.allocate_clone_net_buffer_list(original, None, None, 0)
        for nb in [original.first_net_buffer] if behind else []:
            fwps.advance_net_buffer_data_start(nb, behind, False, None)
        if not fwps.nt_success(status):
            assert clone is None
            return False
        layer = getattr(fwps, self.config["layer"])
        inject = fwps.inject_mac_send_async if "OUTBOUND" in self.config["layer"] else fwps.inject_mac_receive_async
        status = inject(self.handle, clone, 0, layer, index, port, clone, self.completed, clone)
        if not fwps.nt_success(status):
            fwps.free_clone_net_buffer_list(clone, 0)
            return False
        return True

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        assert net_buffer_list == context and net_buffer_list.next is None
        assert isinstance(net_buffer_list.status, int)
        fwps.nt_success(net_buffer_list.status)
        fwps.free_clone_net_buffer_list(net_buffer_list, 0)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
"""


def cloning(desk, layer, *more, **config):
    """A policy that clones and injects at this layer; `more` filters stand beside."""
    desk.script(CLONER)
    config = {"layer": layer.removeprefix("FWPM_"), "behind": layer == IN_ETHERNET} | config
    callout = a_callout("cloner", 1, layer, "Cloner", config=config)
    return desk.policy(callouts=[callout], filters=[calling(callout, key=key(10)), *more])


def injections(done, frame=1):
    return [(one["function"], one["layer"], one["outcome"], one["status"]) for one in
            done.verdicts[frame - 1]["injections"]]  # fmt: skip


def test_a_clone_injected_where_the_frame_was_goes_on_in_its_direction(desk):
    expected = {
        IN_NATIVE: (received, "FwpsInjectMacReceiveAsync0", "delivered"),
        IN_ETHERNET: (received, "FwpsInjectMacReceiveAsync0", "delivered"),
        OUT_NATIVE: (sent, "FwpsInjectMacSendAsync0", "sent"),
        OUT_ETHERNET: (sent, "FwpsInjectMacSendAsync0", "sent"),
    }
    for layer, (frame, function, outcome) in expected.items():
        done = desk.run(desk.capture(frame(), frame()), "--policy", cloning(desk, layer))

        assert (failures(done), done.summary["findings"], done.status) == ([], {}, 0), layer
        assert [one["outcome"] for one in done.verdicts] == ["absorbed", "absorbed"]
        assert injections(done, 2) == [(function, layer, outcome, "0x00000000")]


def test_work_and_timers_run_exactly_the_function_later_in_simulated_time(desk):
    for later in ("work", 5_000_000, 40_000_000_000):
        done = desk.run(desk.capture(received(), received()), "--policy", cloning(desk, IN_ETHERNET, later=later))

        assert failures(done) == [], later
        assert [one["outcome"] for one in done.verdicts] == ["absorbed", "absorbed"], later
        assert [one[2:] for one in injections(done, 1)] == [("delivered", "0x00000000")], later
        if isinstance(later, int):
            assert max(event["time_ns"] for event in done.trace) >= later


def test_an_injected_frame_may_be_refused_blocked_absorbed_or_fail(desk):
    transport_only = cloning(desk, OUT_ETHERNET, type=2)
    refused = desk.run(desk.capture(sent()), "--policy", transport_only)
    nowhere = desk.run(desk.capture(sent()), "--policy", cloning(desk, OUT_ETHERNET, index=4711))
    blocked = desk.run(
        desk.capture(sent()), "--policy", cloning(desk, OUT_ETHERNET, a_filter("wall", "BLOCK", OUT_NATIVE))
    )
    desk.script("""
from engine.callouts import Callout

class Sponge(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        out.absorb()
""", "sponge.py")  # fmt: skip
    sponge = a_callout("sponge", 2, OUT_NATIVE, "Sponge", "sponge.py")
    cloner = a_callout("cloner", 1, OUT_ETHERNET, "Cloner", config={"layer": "LAYER_OUTBOUND_MAC_FRAME_ETHERNET"})
    soaked = desk.policy(callouts=[cloner, sponge], filters=[calling(cloner), calling(sponge)])
    absorbed = desk.run(desk.capture(sent()), "--policy", soaked)

    function = "FwpsInjectMacSendAsync0"
    assert injections(refused) == [(function, OUT_ETHERNET, "refused", "0xC0220102")]
    assert (refused.verdicts[0]["outcome"], refused.status) == ("blocked", 1)  # M51 is an error
    assert "M51" in refused.verdicts[0]["findings"]
    assert injections(nowhere) == [(function, OUT_ETHERNET, "failed", "0xC0000225")]
    assert "M41" in nowhere.verdicts[0]["findings"]
    assert injections(blocked) == [(function, OUT_ETHERNET, "blocked", "0xC0000001")]
    assert injections(absorbed) == [(function, OUT_ETHERNET, "absorbed", "0x00000000")]


def test_faults_fail_the_call_that_they_name(desk):
    capture = desk.capture(*[sent() for _ in range(4)])
    clone = '{"call": "FwpsAllocateCloneNetBufferList0", "nth": 2, "status": "0xC000009A"}'
    inject = '{"call": "FwpsInjectMacSendAsync0", "nth": 3, "status": "0xC0220100"}'
    late = '{"call": "completion", "nth": 1, "status": "0xC023001F"}'

    by_argument = desk.run(capture, "--policy", cloning(desk, OUT_ETHERNET), "--fault", clone, "--fault", inject,
                           "--fault", late)  # fmt: skip
    every = desk.run(capture, "--policy", cloning(desk, OUT_ETHERNET), "--fault",
                     '{"call": "FwpsAllocateCloneNetBufferList0", "share": 1.0, "status": "0xC000009A"}')  # fmt: skip

    assert [one["outcome"] for one in by_argument.verdicts] == ["absorbed", "blocked", "absorbed", "blocked"]
    assert [[(one["outcome"], one["status"]) for one in verdict["injections"]] for verdict in by_argument.verdicts] == [
        [("failed", "0xC023001F")], [], [("sent", "0x00000000")], [("refused", "0xC0220100")],
    ]  # fmt: skip
    assert [one["outcome"] for one in every.verdicts] == ["blocked"] * 4


def test_faults_of_the_policy_are_the_same_as_those_of_the_command_line(desk):
    capture = desk.capture(*[sent() for _ in range(20)])
    fault = {"call": "FwpsAllocateCloneNetBufferList0", "share": 0.4, "status": "0xC000009A"}
    policy = cloning(desk, OUT_ETHERNET)
    import json

    whole = json.loads(policy.read_text())
    policy.write_text(json.dumps(whole | {"faults": [fault]}))
    in_policy = desk.run(capture, "--policy", policy, "--seed", 3)
    policy.write_text(json.dumps(whole))
    by_argument = desk.run(capture, "--policy", policy, "--seed", 3, "--fault", json.dumps(fault))
    other_seed = desk.run(capture, "--policy", policy, "--seed", 4, "--fault", json.dumps(fault))

    outcomes = [one["outcome"] for one in in_policy.verdicts]
    assert in_policy.verdicts == by_argument.verdicts
    assert set(outcomes) == {"absorbed", "blocked"}
    assert outcomes != [one["outcome"] for one in other_seed.verdicts]


CHAIN = """
from engine.callouts import Callout

class Chain(Callout):
    '''Sends three copies of the frame as one chain and counts how they come back.'''

    def start(self, fwps, config):
        self.policy = config
        self.back, self.calls = [], 0
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.pool = fwps.allocate_net_buffer_list_pool(None, None)

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state:
            out.permit()
            return
        head, tail = None, None
        for number in range(3):
            data = bytearray(layer_data.first_net_buffer.data())
            mdl = fwps.allocate_mdl(None, data, len(data))
            status, nbl = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(data))
            assert status == fwps.STATUS_SUCCESS
            nbl.first_net_buffer.write(14, bytes([number]))
            assert bytes(nbl.first_net_buffer.data())[14] == number == data[14]
            if tail is None:
                head = nbl
            else:
                tail.next = nbl
            tail = nbl
        assert head.next.next.next is None
        self.sent = [head, head.next, head.next.next]
        status = fwps.inject_mac_send_async(self.handle, None, 0, fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE,
                                            values.INTERFACE_INDEX, values.NDIS_PORT, head, self.completed, "context")
        assert status == fwps.STATUS_SUCCESS
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        assert context == "context" and isinstance(dispatch_level, bool)
        self.calls += 1
        while net_buffer_list is not None:
            following = net_buffer_list.next
            assert fwps.nt_success(net_buffer_list.status)
            self.back.append(net_buffer_list.first_net_buffer.data()[14])
            assert any(net_buffer_list == one for one in self.sent)
            mdl = net_buffer_list.first_net_buffer.mdl_chain
            fwps.free_net_buffer_list(net_buffer_list)
            fwps.free_mdl(mdl)
            net_buffer_list = following

    def stop(self, fwps):
        assert sorted(self.back) == [0, 1, 2], self.back
        if self.policy == "single":
            assert self.calls == 1 and self.back == [0, 1, 2]
        if self.policy == "each":
            assert self.calls == 3 and self.back == [0, 1, 2]
        if self.policy == "reverse_each":
            assert self.calls == 3 and self.back == [2, 1, 0], (self.calls, self.back)
        if self.policy == "random_segments":
            assert 1 <= self.calls <= 3
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)
"""


def test_a_chain_comes_back_as_the_completion_policy_says(desk):
    desk.script(CHAIN)
    for policy in ("single", "each", "reverse_each", "random_segments", None):
        callout = a_callout("chain", 1, OUT_NATIVE, "Chain", config=policy or "random_segments")
        path = desk.policy(callouts=[callout], filters=[calling(callout)])
        chosen = ("--set", f"completion_policy={policy}") if policy else ()
        done = desk.run(desk.capture(sent(payload=bytes(46))), "--policy", path, *chosen)

        assert (failures(done), done.summary["findings"]) == ([], {}), policy
        assert [one["outcome"] for one in done.verdicts[0]["injections"]] == ["sent"] * 3


BATCH = """
from engine.callouts import Callout

class Batch(Callout):
    def start(self, fwps, config):
        self.lengths = []
        self.expected = config

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        length = 0
        while layer_data is not None:
            length, layer_data = length + 1, layer_data.next
        self.lengths.append(length)
        out.permit()

    def stop(self, fwps):
        assert self.lengths == self.expected, self.lengths
"""


def test_only_a_callout_with_the_batch_flag_meets_chains(desk):
    desk.script(BATCH)
    batch = ["FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY"]
    capture = desk.capture(*[received() for _ in range(6)], apart_us=0)

    for flags, chain, expected in ((batch, 4, [4, 2]), ([], 4, [1] * 6), (batch, 1, [1] * 6)):
        callout = a_callout("batch", 1, IN_ETHERNET, "Batch", flags=flags, config=expected)
        policy = desk.policy(callouts=[callout], filters=[calling(callout)])
        done = desk.run(capture, "--policy", policy, "--set", f"rx_chain={chain}")

        assert (failures(done), done.status) == ([], 0), (flags, chain)
        assert [one["outcome"] for one in done.verdicts] == ["delivered"] * 6


def test_cloning_under_the_batch_flag_is_refused(desk):
    desk.script("""
from engine.callouts import Callout

class Wrong(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
        assert (status, clone) == (0xC000000D, None) == (fwps.STATUS_INVALID_PARAMETER, None)
        out.permit()
""")  # fmt: skip
    callout = a_callout("wrong", 1, IN_ETHERNET, "Wrong", flags=["FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY"])
    policy = desk.policy(callouts=[callout], filters=[calling(callout)])
    done = desk.run(desk.capture(received()), "--policy", policy)

    assert (failures(done), done.verdicts[0]["outcome"], done.status) == ([], "delivered", 1)
    assert "M22" in done.verdicts[0]["findings"]


def test_a_callout_that_never_asks_for_the_state_loops_until_it_is_found_out(desk):
    desk.script("""
from engine.callouts import Callout

class Again(Callout):
    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
        fwps.inject_mac_send_async(self.handle, None, 0, fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE, values.INTERFACE_INDEX,
                                   values.NDIS_PORT, clone, self.completed, None)
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        if fwps.nt_success(net_buffer_list.status):
            fwps.free_clone_net_buffer_list(net_buffer_list, 0)
""")  # fmt: skip
    callout = a_callout("again", 1, OUT_NATIVE, "Again")
    policy = desk.policy(callouts=[callout], filters=[calling(callout)])
    done = desk.run(desk.capture(sent(), sent()), "--policy", policy)

    assert done.status == 1
    assert "M06" in done.verdicts[0]["findings"]
    assert len(done.trace) < 20_000
