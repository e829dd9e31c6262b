"""The callout API of contracts 4, first with its own example, word for word."""

from tests.contract.command import (
    IN_ETHERNET,
    IN_NATIVE,
    OUT_NATIVE,
    a_callout,
    calling,
    key,
    received,
    sent,
)

REFLECT = '''from engine.callouts import Callout, InjectionState

class Reflect(Callout):
    """Send every inbound frame back where it came from."""

    def start(self, fwps, config):            # DriverEntry: handles, pools
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.pool = fwps.allocate_net_buffer_list_pool(None)

    def notify(self, fwps, notify_type, filter_key, filter):      # notifyFn2
        return fwps.STATUS_SUCCESS

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):   # classifyFn2
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF):
            out.permit()
            return
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        frame = bytearray(layer_data.first_net_buffer.data())     # own memory: a clone shares its parent's
        frame[0:6], frame[6:12] = frame[6:12], frame[0:6]
        mdl = fwps.allocate_mdl(None, frame, len(frame))
        status, copy = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(frame))
        if not fwps.nt_success(status):
            fwps.free_mdl(mdl)
            out.block(hard=True)
            return
        status = fwps.inject_mac_send_async(self.handle, None, 0, fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE,
                                            values.INTERFACE_INDEX, values.NDIS_PORT, copy, self.completed, None)
        if not fwps.nt_success(status):
            self.release(fwps, copy)
            out.block(hard=True)
            return
        out.absorb()                                     # BLOCK, right cleared, ABSORB

    def completed(self, fwps, context, net_buffer_list, dispatch_level):      # FWPS_INJECT_COMPLETE0, once per segment
        while net_buffer_list is not None:
            following = net_buffer_list.next
            if not fwps.nt_success(net_buffer_list.status):
                self.lost = getattr(self, "lost", 0) + 1
            self.release(fwps, net_buffer_list)
            net_buffer_list = following

    def release(self, fwps, net_buffer_list):
        mdl = net_buffer_list.first_net_buffer.mdl_chain
        fwps.free_net_buffer_list(net_buffer_list)
        fwps.free_mdl(mdl)

    def stop(self, fwps):                                # driver unload
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)
'''

ANCHOR = """

class Anchor(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        out.permit()
"""


def reflecting(desk, *, anchored=True, **members):
    """The policy of the example, with a permitting callout of the same driver at the layer it injects at."""
    desk.script(REFLECT + ANCHOR, "callouts/reflect.py")
    reflect = a_callout("reflect", 1, IN_NATIVE, "Reflect", "callouts/reflect.py")
    anchor = a_callout("anchor", 2, OUT_NATIVE, "Anchor", "callouts/reflect.py")
    used = [reflect, anchor] if anchored else [reflect]
    filters = [calling(one, key=key(10 + n)) for n, one in enumerate(used)]
    return desk.policy(callouts=used, filters=filters, **members)


def injection(outcome, status="0x00000000"):
    return {"by": key(1), "function": "FwpsInjectMacSendAsync0", "layer": OUT_NATIVE, "outcome": outcome,
            "status": status}  # fmt: skip


def test_the_example_reflects_every_frame_when_its_driver_stands_at_both_layers(desk):
    done = desk.run(desk.capture(received(), received(), sent()), "--policy", reflecting(desk))

    absorbed = {"layer": IN_NATIVE, "action": "FWP_ACTION_BLOCK", "hard": True, "filter": key(10),
                "flags": ["FWPS_CLASSIFY_OUT_FLAG_ABSORB"]}  # fmt: skip
    assert done.status == 0, done.summary["findings"]
    assert [one["outcome"] for one in done.verdicts] == ["absorbed", "absorbed", "sent"]
    assert done.verdicts[0] == {
        "frame": 1, "direction": "inbound", "outcome": "absorbed", "layers": [absorbed],
        "injections": [injection("sent")], "findings": [],
    }  # fmt: skip
    assert list(done.verdicts[0]["injections"][0]) == ["by", "function", "layer", "outcome", "status"]
    assert done.summary["findings"] == {}
    assert done.summary["layers"][OUT_NATIVE]["classified"] == 3


def test_without_its_own_callout_the_engine_stops_before_the_bad_hand_over(desk):
    done = desk.run(desk.capture(received(), received(), sent()), "--policy", reflecting(desk, anchored=False))

    first, *rest = done.verdicts
    assert done.status == 1
    assert (first["outcome"], first["findings"]) == ("absorbed", ["M01"])
    assert [(one["outcome"], one["layers"], bool(one["reason"])) for one in rest] == [("skipped", [], True)] * 2
    assert done.summary["outcomes"] == {"absorbed": 1, "skipped": 2}
    assert done.summary["findings"] == {"M01": 1}


def test_each_policy_for_undefined_behaviour_has_its_own_end(desk):
    capture = desk.capture(received(), received(), sent())

    def outcomes(ub_policy, **members):
        policy = reflecting(desk, anchored=False, **members)
        chosen = ("--set", f"ub_policy={ub_policy}") if ub_policy else ()
        done = desk.run(capture, "--policy", policy, *chosen)
        return done.status, [one["outcome"] for one in done.verdicts], set(done.summary["findings"])

    assert outcomes("crash") == (1, ["absorbed", "skipped", "skipped"], {"M01"})
    status, went, found = outcomes("leak")
    assert (status, went, found >= {"M01"}) == (1, ["absorbed", "absorbed", "sent"], True)
    assert outcomes("masked") == (0, ["absorbed", "absorbed", "sent"], {"M02"})
    assert outcomes(None, options={"ub_policy": "masked"}) == outcomes("masked")
    assert outcomes("stop", options={"ub_policy": "masked"}) == (1, ["absorbed", "skipped", "skipped"], {"M01"})


BEHIND_THE_HEADER = """
from engine.callouts import Action, Callout, InjectionState

class Checks(Callout):
    def start(self, fwps, config):
        assert config == {"any": [1, "json", None]}, config
        assert (fwps.STATUS_SUCCESS, fwps.INJECTION_TYPE_L2, fwps.RIGHT_ACTION_WRITE) == (0, 0x10, 1)
        assert (fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET, fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET,
                fwps.LAYER_INBOUND_MAC_FRAME_NATIVE, fwps.LAYER_OUTBOUND_MAC_FRAME_NATIVE) == (56, 57, 58, 59)
        assert (fwps.CLASSIFY_OUT_FLAG_ABSORB, fwps.CONDITION_L2_IS_MALFORMED_PACKET) == (1, 0x20)
        assert (fwps.ACTION_BLOCK, fwps.ACTION_PERMIT, fwps.ACTION_CONTINUE) == (0x1001, 0x1002, 0x2006)
        assert (fwps.CALLOUT_NOTIFY_ADD_FILTER, fwps.CALLOUT_NOTIFY_DELETE_FILTER) == (0, 1)
        assert fwps.L2_METADATA_FIELD_ETHERNET_MAC_HEADER_SIZE == 1
        assert (fwps.STATUS_FWP_INJECT_HANDLE_STALE, fwps.STATUS_INVALID_PARAMETER) == (0xC0220102, 0xC000000D)
        assert [int(one) for one in (Action.BLOCK, Action.PERMIT, Action.CONTINUE, Action.NONE,
                                     Action.NONE_NO_MATCH)] == [0x1001, 0x1002, 0x2006, 7, 8]
        assert [int(one) for one in InjectionState] == [0, 1, 2, 3]
        assert [fwps.nt_success(one) for one in (0, 0x103, 0x40000000, 0x80000005, 0xC0000001)] == [
            True, True, True, False, False]
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        assert status == 0
        self.told = []

    def notify(self, fwps, notify_type, filter_key, filter):
        self.told.append((notify_type, filter_key))
        return fwps.STATUS_SUCCESS

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        assert len(self.told) == 1 and self.told[0][0] == fwps.CALLOUT_NOTIFY_ADD_FILTER, self.told
        assert (out.action_type, out.rights, out.flags) == (0x2006, 1, 0)
        assert values.ETHER_TYPE == 0x0800 and values.NDIS_PORT == 0 and values.COMPARTMENT_ID == 1
        assert bytes(values.MAC_REMOTE_ADDRESS) == bytes.fromhex("020000000002")
        assert meta.ethernet_mac_header_size == 14
        assert layer_data.next is None and layer_data.parent_net_buffer_list is None
        nb = layer_data.first_net_buffer
        assert nb.next is None and nb.data_length == 46
        assert bytes(nb.data()) == bytes(range(46)), bytes(nb.data())
        before = nb.data_offset
        assert fwps.retreat_net_buffer_data_start(nb, 14, 0, None) == fwps.STATUS_SUCCESS
        assert (nb.data_offset, nb.data_length) == (before - 14, 60)
        assert bytes(nb.data())[:14].hex() == "0200000000010200000000020800"
        assert bytes(fwps.get_data_buffer(nb, 14, None, 1, 0)).hex() == "0200000000010200000000020800"
        assert fwps.get_data_buffer(nb, 61, bytearray(61), 1, 0) is None
        fwps.advance_net_buffer_data_start(nb, 14, False, None)
        assert (nb.data_offset, nb.data_length) == (before, 46)
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        assert state == InjectionState.NOT_INJECTED == 0 and context is None
        out.action_type, out.rights = Action.PERMIT, 0

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
"""


def one_callout(desk, text, layer, kind="TERMINATING", **members):
    """A policy with one callout, class Checks of this script, and one filter that calls it."""
    desk.script(text)
    callout = a_callout("checks", 1, layer, "Checks", **members)
    return desk.policy(callouts=[callout], filters=[calling(callout, kind, key=key(10))])


def failures(done):
    return [event["error"] for event in done.of("CalloutFailed")]


def test_a_callout_reads_the_frame_behind_its_header_and_writes_the_raw_members_of_out(desk):
    policy = one_callout(desk, BEHIND_THE_HEADER, IN_ETHERNET, config={"any": [1, "json", None]})

    done = desk.run(desk.capture(received(payload=bytes(range(46)))), "--policy", policy)

    assert (failures(done), done.summary["findings"], done.status) == ([], {}, 0)
    assert done.verdicts[0]["layers"][1] == {
        "layer": IN_ETHERNET, "action": "FWP_ACTION_PERMIT", "hard": True, "filter": key(10), "flags": [],
    }  # fmt: skip


SHORT = """
from engine.callouts import Action, Callout

class Checks(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        kind = values.ETHER_TYPE
        if kind == 1 + 0x8000:
            out.permit(hard=True)
        elif kind == 2 + 0x8000:
            out.block()
        elif kind == 3 + 0x8000:
            out.block(hard=True)
        elif kind == 4 + 0x8000:
            out.continue_()
        elif kind == 5 + 0x8000:
            out.absorb()
            assert (out.action_type, out.rights, out.flags) == (Action.BLOCK, 0, fwps.CLASSIFY_OUT_FLAG_ABSORB)
        elif kind == 6 + 0x8000:
            out.action_type, out.rights, out.flags = Action.BLOCK, 0, fwps.CLASSIFY_OUT_FLAG_ABSORB
        elif kind == 7 + 0x8000:
            out.permit()
"""


def test_the_short_forms_of_out_say_what_the_raw_members_say(desk):
    policy = one_callout(desk, SHORT, IN_ETHERNET, "UNKNOWN")

    done = desk.run(desk.capture(*[received(0x8000 + n) for n in range(1, 8)]), "--policy", policy)

    absorbed = ("absorbed", "FWP_ACTION_BLOCK", True, key(10), ["FWPS_CLASSIFY_OUT_FLAG_ABSORB"])
    assert failures(done) == []
    assert [(one["outcome"], *list(one["layers"][1].values())[1:]) for one in done.verdicts] == [
        ("delivered", "FWP_ACTION_PERMIT", True, key(10), []),
        ("blocked", "FWP_ACTION_BLOCK", False, key(10), []),
        ("blocked", "FWP_ACTION_BLOCK", True, key(10), []),
        ("delivered", "FWP_ACTION_PERMIT", False, None, []),
        absorbed,
        absorbed,
        ("delivered", "FWP_ACTION_PERMIT", False, key(10), []),
    ]
    assert done.verdicts[1]["findings"] == ["M32"]


def test_fields_and_rights_are_those_of_the_layer(desk):
    text = """
from engine.callouts import Action, Callout

class Checks(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        assert (values.NDIS_MEDIA_TYPE, values.INTERFACE_TYPE, values.L2_FLAGS) == (0, 6, 0x81)
        assert not hasattr(values, "ETHER_TYPE")
        assert len(layer_data.first_net_buffer.data()) == 60
        assert (out.action_type, out.rights) == (Action.PERMIT, 0)
        out.block()
"""
    desk.script(text)
    callout = a_callout("checks", 1, OUT_NATIVE, "Checks")
    policy = desk.policy(
        sublayers=[{"key": key(2), "name": "high", "weight": 60000}],
        callouts=[callout],
        filters=[
            calling(callout, "UNKNOWN", key=key(10)),
            {"name": "hard", "key": key(11), "layer": OUT_NATIVE, "sublayer": key(2), "action": "FWP_ACTION_PERMIT",
             "flags": ["FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT"]},
        ],
    )  # fmt: skip
    done = desk.run(desk.capture(sent()), "--policy", policy)

    assert failures(done) == []
    assert (done.verdicts[0]["outcome"], done.verdicts[0]["layers"][1]["filter"]) == ("blocked", key(10))
    assert set(done.verdicts[0]["findings"]) <= {"M32", "M36b"}  # a veto is legal, and noisy
    assert done.status == 0


def test_one_file_is_one_driver_and_two_files_are_two(desk):
    text = """
from engine.callouts import Callout

seen = []

class Below(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        seen.append(layer_data)
        out.permit()

class Above(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if not seen:
            out.block(hard=True)
            return
        out.permit()
"""
    desk.script(text, "one.py")
    desk.script(text, "two.py")
    below = a_callout("below", 1, IN_NATIVE, "Below", "one.py")
    same = a_callout("same", 2, IN_ETHERNET, "Above", "one.py")
    other = a_callout("other", 3, IN_ETHERNET, "Above", "two.py")

    def outcome(above):
        policy = desk.policy(callouts=[below, above], filters=[calling(below), calling(above)])
        done = desk.run(desk.capture(received()), "--policy", policy)
        assert failures(done) == []
        return done.verdicts[0]["outcome"]

    assert outcome(same) == "delivered"
    assert outcome(other) == "blocked"


def test_the_members_of_the_ndis_structures_exist_in_snake_case(desk):
    text = """
from engine.callouts import Callout

NBL = (
    "next first_net_buffer context parent_net_buffer_list ndis_pool_handle ndis_reserved protocol_reserved "
    "miniport_reserved scratch source_handle nbl_flags child_ref_count flags status net_buffer_list_info").split()
NB = (
    "next current_mdl current_mdl_offset data_length mdl_chain data_offset checksum_bias ndis_pool_handle "
    "ndis_reserved protocol_reserved miniport_reserved").split()
MDL = "next size mdl_flags process mapped_system_va start_va byte_count byte_offset".split()

class Checks(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        nb = layer_data.first_net_buffer
        for structure, names in ((layer_data, NBL), (nb, NB), (nb.mdl_chain, MDL)):
            missing = [name for name in names if not hasattr(structure, name)]
            assert not missing, missing
        layer_data.scratch, layer_data.protocol_reserved[3] = "mine", 7
        assert (layer_data.scratch, layer_data.protocol_reserved) == ("mine", [None, None, None, 7])
        assert [len(one) for one in (layer_data.ndis_reserved, layer_data.miniport_reserved)] == [2, 2]
        assert [len(one) for one in (nb.ndis_reserved, nb.protocol_reserved, nb.miniport_reserved)] == [2, 6, 4]
        mdl = nb.mdl_chain
        assert mdl.mapped_system_va % 4096 == mdl.byte_offset == mdl.mapped_system_va - mdl.start_va
        assert layer_data.net_buffer_list_info[4] == 0
        assert (fwps.NDIS_STATUS_SUCCESS, fwps.NDIS_STATUS_FAILURE, fwps.NDIS_STATUS_RESOURCES,
                fwps.NDIS_STATUS_PAUSED) == (0, 0xC0000001, 0xC000009A, 0xC023002A)
        assert [(fwps.nt_information(one), fwps.nt_warning(one), fwps.nt_error(one)) for one in (
            0, 0x40000000, 0x80000005, 0xC0000001)] == [
            (False, False, False), (True, False, False), (False, True, False), (False, False, True)]
        out.permit()
"""
    done = desk.run(desk.capture(received()), "--policy", one_callout(desk, text, IN_NATIVE))

    assert (failures(done), done.status) == ([], 0)
    assert done.verdicts[0]["outcome"] == "delivered"


def test_nothing_else_of_the_engine_is_reachable_from_a_callout(desk):
    text = """
from engine.callouts import Action, Callout, InjectionState

class Checks(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        reached = []
        for name in ("engine", "engine.classify", "engine.callouts.api", "engine.wfp.policy", "gui"):
            try:
                __import__(name)
            except ImportError:
                continue
            reached.append(name)
        assert reached == [], reached
        for name in ("no_such", "_Fwps__kernel"):
            assert not hasattr(fwps, name), name
        out.permit()
"""
    done = desk.run(desk.capture(received()), "--policy", one_callout(desk, text, IN_NATIVE))

    assert (failures(done), done.status) == ([], 0)
