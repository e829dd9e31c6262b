"""The page "Using Layer 2 Filtering", sentence by sentence: S1 to S20 of callouts-nbl-injection 0.2."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.callouts.constants import CONSTANTS
from engine.errors import PolicyError
from engine.ndis.status import nt_success
from engine.trace import events as ev
from engine.wfp.layers import (
    ETHERNET_FIELDS,
    INBOUND_MAC_FRAME_ETHERNET,
    INBOUND_MAC_FRAME_NATIVE,
    LAYERS,
    NATIVE_FIELDS,
    OUTBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_NATIVE,
    Layer,
    layer_by_id,
)
from tests.builders import policies
from tests.builders.captures import ethernet
from tests.builders.engines import BATCH, UNKNOWN, Bench, Run
from tests.builders.findings import found
from tests.builders.frames import ARP, IPV4, a_frame, received, sent
from tests.builders.injections import CLONE_AND_INJECT, injecting

SENDS = CLONE_AND_INJECT.format(at_ip_header=False)


def everywhere(folder: Path) -> Bench:
    """A permit filter at each of the four layers."""
    bench = Bench(folder)
    bench.add(*(policies.permit(f"at {layer.id}", layer=layer) for layer in LAYERS))
    return bench


def layers(run: Run, frame: int) -> list[int]:
    """The layers at which a frame's NBLs were classified, in order."""
    return [one.layer for one in run.of(ev.ClassifyBegan) for nbl in one.nbls if nbl.startswith(f"{frame}.")]


@pytest.mark.parametrize(("target", "supported"), [("7", False), ("8", True), ("10", True)])
def test_s01_supported_from_windows_8(target: str, supported: bool, tmp_path: Path) -> None:
    """CH-01."""
    if supported:
        assert everywhere(tmp_path).run(received(), target_os=target).outcomes == {1: "delivered"}
    else:
        with pytest.raises(PolicyError, match="FWP_E_LAYER_NOT_FOUND"):
            everywhere(tmp_path).run(received(), target_os=target)


def test_s02_mac_header_fields_are_filtered_for_every_packet_of_whatever_protocol(tmp_path: Path) -> None:
    """One classification for each frame and layer, the same frame again too: nothing is cached."""
    bench = everywhere(tmp_path)
    bench.add(policies.block("no LLDP", policies.ether_type(0x88CC), weight=9))
    types = [IPV4, IPV4, ARP, 0x88CC, 0x86DD]
    run = bench.run(*(received(number, ether_type) for number, ether_type in enumerate(types, 1)))

    assert [layers(run, number) for number in range(1, 6)] == [[58, 56]] * 5
    assert run.outcomes == {1: "delivered", 2: "delivered", 3: "delivered", 4: "blocked", 5: "delivered"}


def test_s03_fragments_are_frames_of_their_own(tmp_path: Path) -> None:
    """Before reassembly in, after fragmentation out: three fragments of one datagram, the second is blocked alone."""
    header = bytes.fromhex("4500002800{id}2000401100000a0000010a000002".replace("{id}", "07"))
    fragments = [ethernet(payload=header[:6] + offset.to_bytes(2, "big") + header[8:] + bytes(26))
                 for offset in (0x2000, 0x2003, 0x0006)]
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            data = layer_data.first_net_buffer.data()
            out.block(hard=True) if int.from_bytes(data[20:22]) & 0x1FFF == 3 else out.permit()
    """)
    bench.calls("looks")
    run = bench.run(*(a_frame(number, data, INBOUND_MAC_FRAME_NATIVE.direction)
                      for number, data in enumerate(fragments, 1)))

    assert [one.nbls for one in run.of(ev.CalloutEntered)] == [("1.0",), ("2.0",), ("3.0",)]
    assert run.outcomes == {1: "delivered", 2: "blocked", 3: "delivered"}


def test_s04_the_layers_are_reached_through_two_lightweight_filters(tmp_path: Path) -> None:
    """Native below 802.3; a module without a filter has no handlers and is gone past."""
    run = everywhere(tmp_path).run(received(), sent(2))
    entered = [(record.frame, record.event.module, record.event.layer) for record in run.records
               if isinstance(record.event, ev.ModuleEntered)]
    bare = Bench(tmp_path)
    bare.add(policies.permit("only", layer=OUTBOUND_MAC_FRAME_ETHERNET))

    assert entered == [(1, "native", 58), (1, "802.3", 56), (2, "802.3", 57), (2, "native", 59)]
    assert [(one.module, one.layer) for one in bare.run(sent()).of(ev.ModuleBypassed)] == [("native", 59)]


@pytest.mark.parametrize(("anchors", "rules"), [(True, ["M02"]), (False, ["M01"])])
def test_s05_do_not_inject_where_you_have_no_filter(anchors: bool, rules: list[str], tmp_path: Path) -> None:
    """R-INJ-1: anybody's callout there makes it luck, nobody's makes it undefined."""
    body = SENDS.replace("self.inject(fwps, values, clone)", "self.inject(fwps, values, clone, 59)")
    run = injecting(tmp_path, body, anchors=anchors).run(sent())

    assert run.rules == rules
    assert bool(run.engine.stopped) is not anchors


REMOVES = """
    def start(self, fwps, config):
        super().start(fwps, config)
        status, self.engine = fwps.engine_open(None, 0, None, None)

    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.queue_work(self.later, fwps, layer_data)
        out.absorb()

    def later(self, fwps, nbl):
        {first}
        {second}
        fwps.dereference_net_buffer_list(nbl, False)

    def remove(self, fwps):
        assert fwps.filter_delete_by_key(self.engine, self.config["filter"]) == 0

    def send(self, fwps, nbl):
        status, clone = fwps.allocate_clone_net_buffer_list(nbl, None, None, 0)
        if not fwps.nt_success(fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, clone, self.completed, None)):
            self.release(fwps, clone)

    def stop(self, fwps):
        fwps.engine_close(self.engine)
        super().stop(fwps)
"""


@pytest.mark.parametrize(("first", "second", "rules"), [
    ("self.remove(fwps)", "self.send(fwps, nbl)", {"M03"}), ("self.send(fwps, nbl)", "pass", set()),
])  # fmt: skip
def test_s06_injection_goes_with_the_filter_of_the_driver(
    first: str, second: str, rules: set[str], tmp_path: Path
) -> None:
    """R-INJ-2: what was absorbed is injected while the filter is there."""
    key = policies.guid(77)
    bench = injecting(tmp_path, REMOVES.format(first=first, second=second), config={"filter": str(key)})
    bench.specs = [_with_key(one, key) if getattr(one, "name", "") == "driver" else one for one in bench.specs]
    run = bench.run(sent())

    assert run.failures == []
    assert set(run.rules) & {"M03", "M04"} == rules


def _with_key(spec: object, key: object) -> object:
    return msgspec.structs.replace(spec, key=key)


def test_s07_a_provider_leaves_the_filters_of_others_alone(tmp_path: Path) -> None:
    """BFE lets a kernel caller do it; the verifier says so (M05)."""
    other = policies.a_provider("other")
    theirs = policies.permit("theirs", provider=policies.key_of(other), layer=INBOUND_MAC_FRAME_ETHERNET)
    bench = Bench(tmp_path)
    bench.add(other, theirs)
    bench.driver("""
        def start(self, fwps, config):
            super().start(fwps, config)
            fwps.queue_work(self.tidy, fwps)

        def tidy(self, fwps):
            status, engine = fwps.engine_open(None, 0, None, None)
            assert fwps.filter_delete_by_key(engine, self.config["filter"]) == 0
            fwps.engine_close(engine)
    """)
    bench.calls("driver", config={"filter": str(policies.key_of(theirs))})
    run = bench.run(received())

    assert run.failures == []
    assert [one.rule for one in run.of(ev.RuleBroken)] == ["M05"]
    assert [one.key for one in run.of(ev.FilterDeleted)] == [policies.key_of(theirs)]


ORIGINAL = """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.queue_work(self.later, fwps, values.layer_id, layer_data)
        out.absorb()

    def later(self, fwps, layer, nbl):
        inject = fwps.inject_mac_send_async if layer in SENDS else fwps.inject_mac_receive_async
        assert inject(self.handle, None, 0, layer, 1, 0, nbl, self.completed, None) == 0

    def completed(self, fwps, context, nbl, dispatch_level):
        fwps.dereference_net_buffer_list(nbl, False)
"""
INVENTED = """
    def seen(self, fwps, values, meta, layer_data, out):
        status, nbl = self.copy(fwps, b"\\x02\\x00\\x00\\x00\\x00\\x09" * 2 + b"\\x88\\xcc" + bytes(46))
        assert self.inject(fwps, values, nbl) == 0
        out.permit()
"""
KINDS = {"ORIGINAL": ORIGINAL, "CLONE": SENDS, "NEW": INVENTED}


def provenances(folder: Path, kind: str, layer: Layer, frame: object) -> Run:
    return injecting(folder, KINDS[kind], layer).run(frame, completion_policy="single")


@pytest.mark.parametrize("kind", KINDS)
def test_s08_mac_receive_takes_originals_clones_and_invented_frames(kind: str, tmp_path: Path) -> None:
    run = provenances(tmp_path, kind, INBOUND_MAC_FRAME_NATIVE, received())

    accepted = run.one(ev.InjectAccepted)
    assert (accepted.function, accepted.layer) == ("FwpsInjectMacReceiveAsync0", 58)
    assert [one.kind.value for one in accepted.changed] == [kind]
    assert [(one.outcome, one.status) for one in run.of(ev.InjectionEnded)] == [("delivered", 0)]
    assert (run.failures, run.rules) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
def test_s09_mac_send_takes_originals_clones_and_invented_frames(kind: str, tmp_path: Path) -> None:
    run = provenances(tmp_path, kind, OUTBOUND_MAC_FRAME_ETHERNET, sent())

    accepted = run.one(ev.InjectAccepted)
    assert (accepted.function, accepted.layer) == ("FwpsInjectMacSendAsync0", 57)
    assert [one.kind.value for one in accepted.changed] == [kind]
    assert [(one.outcome, one.status) for one in run.of(ev.InjectionEnded)] == [("sent", 0)]
    assert (run.failures, run.rules) == ([], [])


CHAIN = """
    def seen(self, fwps, values, meta, layer_data, out):
        head = None
        for _ in range(4):
            status, copy = self.copy(fwps, layer_data.first_net_buffer.data())
            copy.next, head = head, copy
        assert self.inject(fwps, values, head) == 0
        out.absorb()
"""


@pytest.mark.parametrize(("policy", "segments"), [
    ("single", [("1.4", "1.3", "1.2", "1.1")]),
    ("each", [("1.4",), ("1.3",), ("1.2",), ("1.1",)]),
    ("reverse_each", [("1.1",), ("1.2",), ("1.3",), ("1.4",)]),
])  # fmt: skip
def test_s10_a_chain_is_completed_in_segments(
    policy: str, segments: list[tuple[str, ...]], tmp_path: Path
) -> None:
    run = injecting(tmp_path, CHAIN).run(sent(), completion_policy=policy)

    assert [one.nbls for one in run.of(ev.InjectCompleted)] == segments
    assert [one.outstanding for one in run.of(ev.InjectCompleted)][-1] == 0
    assert run.rules == []


def test_s10_the_order_of_the_segments_is_the_seeds(tmp_path: Path) -> None:
    def segments(seed: int) -> list[tuple[str, ...]]:
        return [one.nbls for one in injecting(tmp_path, CHAIN).run(sent(), seed=seed).of(ev.InjectCompleted)]

    found_by_seed = {seed: segments(seed) for seed in range(1, 9)}

    assert found_by_seed == {seed: segments(seed) for seed in range(1, 9)}
    assert len({tuple(one) for one in found_by_seed.values()}) > 2
    for one in found_by_seed.values():
        assert sorted(nbl for segment in one for nbl in segment) == ["1.1", "1.2", "1.3", "1.4"]


def test_s11_an_injected_frame_meets_the_same_filter_again_and_the_query_tells(tmp_path: Path) -> None:
    run = injecting(tmp_path, SENDS, anchors=False).run(sent())

    assert [(one.nbl, one.state) for one in run.of(ev.StateQueried)] == [
        ("1.0", "FWPS_PACKET_NOT_INJECTED"), ("1.1", "FWPS_PACKET_INJECTED_BY_SELF")]
    assert run.rules == []


@pytest.mark.parametrize(("policy", "completed", "stops"), [
    ("stop", 0, True), ("crash", 0, True), ("leak", 0, False), ("masked", 1, False),
])  # fmt: skip
def test_s12_where_no_callout_is_the_nbl_is_not_completed_to_you(
    policy: str, completed: int, stops: bool, tmp_path: Path
) -> None:
    """CH-29: the frame travels on, unclassified, and its completion goes to a stranger."""
    body = SENDS.replace("self.inject(fwps, values, clone)", "self.inject(fwps, values, clone, 59)")
    run = injecting(tmp_path, body, anchors=False).run(sent(), ub_policy=policy)

    assert len(run.of(ev.InjectCompleted)) == completed
    assert [one.reached for one in run.of(ev.ForeignHandOver)] == (
        ["the protocol, which never sent it"] if policy in ("crash", "leak") else [])
    assert bool(run.engine.stopped) is stops
    assert layers(run, 1) == [57]
    assert run.one(ev.FrameDelivered).to == "wire"


def test_s13_the_status_of_the_call_and_the_status_of_the_nbl_are_two(tmp_path: Path) -> None:
    run = injecting(tmp_path, SENDS).run(
        sent(), faults=[{"call": "completion", "nth": 1, "status": "0xC001000D"}])

    assert run.of(ev.InjectRefused) == []
    assert run.one(ev.InjectAccepted).changed[0].status is None
    assert run.one(ev.InjectCompleted).statuses == (0xC001000D,)


@pytest.mark.parametrize(("status", "success", "error"), [
    (0x00000000, True, False), (0x00000103, True, False), (0x40000000, True, False), (0x80000005, False, False),
    (0xC0000001, False, True),
])  # fmt: skip
def test_s14_nt_success_tells_zero_information_and_failure_apart(
    status: int, success: bool, error: bool, tmp_path: Path
) -> None:
    run = injecting(tmp_path, SENDS + f"""
    def completed(self, fwps, context, nbl, dispatch_level):
        assert fwps.nt_success(nbl.status) is {success}
        assert fwps.nt_error(nbl.status) is {error}
        fwps.free_clone_net_buffer_list(nbl, 0)
    """).run(sent(), faults=[{"call": "completion", "nth": 1, "status": status}])

    assert (run.failures, run.one(ev.InjectCompleted).statuses) == ([], (status,))
    assert nt_success(status) is success


LENGTHS = """
from engine.callouts import Callout

class Driver(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        nbl = layer_data
        while nbl is not None:
            nbl = nbl.next
        out.continue_()
"""


def chains(folder: Path, flags: object, script: str = LENGTHS) -> Run:
    bench = Bench(folder)
    bench.script(script)
    bench.calls("counts", flags=flags, action=UNKNOWN)
    return bench.run(*(received(number, time_ns=0) for number in (1, 2, 3)), rx_chain=3)


def test_s15_by_default_single_nbls_are_classified(tmp_path: Path) -> None:
    run = chains(tmp_path, 0)

    assert [one.nbls for one in run.of(ev.CalloutEntered)] == [("1.0",), ("2.0",), ("3.0",)]
    assert run.of(ev.ChainSplit)[0].reason == "counts callout has no batch flag"
    assert run.of(ev.ChainRelinked)[0].nbls == ("1.0", "2.0", "3.0")


def test_s16_a_chain_needs_the_flag_and_a_classify_that_can_take_it(tmp_path: Path) -> None:
    """M21: with the flag and a classify that looks at the head alone the verdict hits what was not inspected."""
    head_only = LENGTHS.replace("while nbl is not None:\n            nbl = nbl.next", "nbl.first_net_buffer")

    assert [(one.nbls, run.rules) for run in (chains(tmp_path, BATCH),) for one in run.of(ev.CalloutEntered)] == [
        (("1.0", "2.0", "3.0"), [])]
    assert chains(tmp_path, BATCH, head_only).rules == ["M21"]


FOUR = {
    "FwpsAllocateCloneNetBufferList0": ("fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)", "M22"),
    "FwpsReferenceNetBufferList0": ("fwps.reference_net_buffer_list(layer_data, False)", "M23"),
    "FwpsDereferenceNetBufferList0": ("fwps.dereference_net_buffer_list(layer_data, False)", "M24"),
    "FwpsFreeCloneNetBufferList0": ("fwps.free_clone_net_buffer_list(layer_data, 0)", "M25"),
}


@pytest.mark.parametrize("function", FOUR)
def test_s17_with_the_flag_four_functions_must_not_be_used(function: str, tmp_path: Path) -> None:
    call, rule = FOUR[function]
    runs = []
    for flags in (BATCH, 0):
        bench = Bench(tmp_path)
        bench.driver(f"def seen(self, fwps, values, meta, layer_data, out):\n    {call}\n    out.permit()\n")
        bench.calls("driver", flags=flags)
        runs.append(bench.run(received()))

    assert [rule in run.rules for run in runs] == [True, False]


def test_s18_with_the_flag_the_clone_call_always_fails_with_invalid_parameter(tmp_path: Path) -> None:
    """Also of a run of one NBL."""
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
            assert (status, clone) == (fwps.STATUS_INVALID_PARAMETER, None)
            out.permit()
    """)
    bench.calls("driver", flags=BATCH)
    run = bench.run(*(received(number, time_ns=0) for number in (1, 2, 3)), received(4), rx_chain=3)

    assert run.failures == []
    assert [(one.parent, one.clone, one.status) for one in run.of(ev.NblCloned)] == [
        ("1.0", None, 0xC000000D), ("4.0", None, 0xC000000D)]


VICTIM = """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        status, clone = self.clone(fwps, meta, layer_data)
        if fwps.nt_success(status):
            fwps.dereference_net_buffer_list(layer_data, True)
            self.inject(fwps, values, clone)
        out.absorb()
"""


def third_party(folder: Path, layer: Layer, with_neighbour: bool, size: int, option: str) -> Run:
    """A pended-clone callout of one vendor; at the same layer another's with the batch flag, or none."""
    bench = Bench(folder)
    bench.driver(VICTIM, "victim.py")
    bench.calls("victim", layer, script="victim.py")
    if with_neighbour:
        low = policies.a_sublayer_spec("low", weight=9)
        bench.script(LENGTHS, "neighbour.py")
        bench.add(low)
        bench.calls("neighbour", layer, script="neighbour.py", flags=BATCH, action=UNKNOWN,
                    sublayer=policies.key_of(low))
    frame = received if layer is INBOUND_MAC_FRAME_NATIVE else sent
    return bench.run(*(frame(number, time_ns=number * 2_000_000) for number in range(1, size + 3)), **{option: size})


@pytest.mark.parametrize(("layer", "option", "direction"), [
    (INBOUND_MAC_FRAME_NATIVE, "rx_ring_size", "inbound"), (OUTBOUND_MAC_FRAME_ETHERNET, "tx_window", "outbound"),
])  # fmt: skip
def test_s19_a_third_partys_callout_mishandles_references_and_send_and_receive_stop(
    layer: Layer, option: str, direction: str, tmp_path: Path
) -> None:
    """2.5: the clone fails for the flag of another's callout, its error path forgets the dereference (M26)."""
    run = third_party(tmp_path, layer, True, 3, option)

    stall = run.one(ev.StallDetected)
    assert (stall.direction, stall.interface, stall.held, stall.oldest, stall.age_ns) == (
        direction, 1, 3, "1.0", 6_000_000)
    assert run.outcomes == {1: "absorbed", 2: "absorbed", 3: "absorbed", 4: "skipped", 5: "skipped"}
    assert [one.clone for one in run.of(ev.NblCloned)] == [None, None, None]
    assert {one.driver for one in found(run, "M26")} == {"victim"}


def test_s19_without_the_neighbour_all_goes_well(tmp_path: Path) -> None:
    run = third_party(tmp_path, INBOUND_MAC_FRAME_NATIVE, False, 3, "rx_ring_size")

    assert (run.of(ev.StallDetected), run.rules) == ([], [])
    assert set(run.outcomes.values()) == {"absorbed"}


def test_s20_four_layers_and_their_field_enumerations() -> None:
    """The page calls the enumerations those of the virtual switch: a slip; they are the MAC layers'."""
    ethernet_names = ["INTERFACE_MAC_ADDRESS", "MAC_LOCAL_ADDRESS", "MAC_REMOTE_ADDRESS", "MAC_LOCAL_ADDRESS_TYPE",
                      "MAC_REMOTE_ADDRESS_TYPE", "ETHER_TYPE", "VLAN_ID", "INTERFACE", "INTERFACE_INDEX", "NDIS_PORT",
                      "L2_FLAGS", "COMPARTMENT_ID"]
    native_names = ["NDIS_MEDIA_TYPE", "NDIS_PHYSICAL_MEDIA_TYPE", "INTERFACE", "INTERFACE_TYPE", "INTERFACE_INDEX",
                    "NDIS_PORT", "L2_FLAGS", "COMPARTMENT_ID"]

    assert {layer.id: layer.short_name for layer in LAYERS} == {
        56: "INBOUND_MAC_FRAME_ETHERNET", 57: "OUTBOUND_MAC_FRAME_ETHERNET", 58: "INBOUND_MAC_FRAME_NATIVE",
        59: "OUTBOUND_MAC_FRAME_NATIVE"}
    assert [field.name for field in ETHERNET_FIELDS] == ethernet_names
    assert [field.name for field in NATIVE_FIELDS] == native_names
    for id_, names in ((56, ethernet_names), (57, ethernet_names), (58, native_names), (59, native_names)):
        layer = layer_by_id(id_)
        assert layer is not None
        assert [CONSTANTS[f"FIELD_{layer.short_name}_{name}"] for name in names] == list(range(len(names)))
    assert OUTBOUND_MAC_FRAME_NATIVE.fields is NATIVE_FIELDS
