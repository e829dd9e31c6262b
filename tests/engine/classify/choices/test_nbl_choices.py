"""Clones, history, references and holds, where the model has chosen: each other choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.types import CalloutFlag
from tests.builders import policies
from tests.builders.engines import BATCH, Bench, Run
from tests.builders.findings import assert_found, found
from tests.builders.frames import SECOND_NS, received, sent
from tests.builders.injections import injecting

TWICE = """
    def start(self, fwps, config):
        super().start(fwps, config)
        self.contexts = []

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        self.contexts.append(context)
        if len(self.contexts) > 2:
            out.permit()
            return
        status, clone = self.clone(fwps, meta, layer_data)
        self.inject(fwps, values, clone, context=f"time {len(self.contexts)}")
        out.absorb()
"""


@pytest.mark.parametrize(("choice", "contexts"), [
    ("latest", [None, "'time 1'", "'time 2'"]), ("first", [None, "'time 1'", "'time 1'"]),
])  # fmt: skip
def test_ch_31_the_context_after_two_injections_of_one_handle(
    choice: str, contexts: list[str | None], tmp_path: Path
) -> None:
    run = injecting(tmp_path, TWICE, anchors=False).run(sent(), injection_context=choice)

    assert [one.context for one in run.of(ev.StateQueried)] == contexts


@pytest.mark.parametrize(("choice", "parents"), [("copy", "INJECTED_BY_SELF"), ("move", "NOT_INJECTED")])
def test_ch_32_the_history_of_an_nbl_that_is_cloned(choice: str, parents: str, tmp_path: Path) -> None:
    run = injecting(tmp_path, """
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, _ = fwps.query_packet_injection_state(self.handle, layer_data)
        status, clone = self.clone(fwps, meta, layer_data)
        if state in OWN:
            fwps.query_packet_injection_state(self.handle, clone)
            fwps.query_packet_injection_state(self.handle, layer_data)
            fwps.free_clone_net_buffer_list(clone, 0)
            out.permit()
        else:
            self.inject(fwps, values, clone)
            out.absorb()
    """, anchors=False).run(sent(), injection_history=choice)

    assert [(one.nbl, one.state) for one in run.of(ev.StateQueried)][1:] == [
        ("1.1", "FWPS_PACKET_INJECTED_BY_SELF"), ("1.2", "FWPS_PACKET_INJECTED_BY_SELF"),
        ("1.1", f"FWPS_PACKET_{parents}")]


@pytest.mark.parametrize(("choice", "clones"), [("head", ["1.1"]), ("whole", ["1.1", "2.1", "3.1"])])
def test_ch_33_cloning_the_head_of_a_chain(choice: str, clones: list[str], tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
            assert status == 0
            self.count = len(list(each(clone)))
            for one in each(clone):
                fwps.free_clone_net_buffer_list(one, 0)
            out.permit()
    """)
    bench.calls("batch", flags=BATCH)
    frames = [received(number, time_ns=0) for number in (1, 2, 3)]
    forbidden = bench.run(*frames, rx_chain=3, clone_of_chain=choice)
    assert forbidden.of(ev.NblCloned)[0].clone is None  # 2.4: under the flag there is no clone at all

    # A completed chain is its driver's, and is cloned outside of any traversal.
    run = injecting(tmp_path, """
    def seen(self, fwps, values, meta, layer_data, out):
        self.chain = getattr(self, "chain", []) + [self.copy(fwps, layer_data.first_net_buffer.data())[1]]
        if len(self.chain) == 3:
            for one, following in zip(self.chain, self.chain[1:]):
                one.next = following
            status, clone = fwps.allocate_clone_net_buffer_list(self.chain[0], None, None, 0)
            for one in list(each(clone)):
                fwps.free_clone_net_buffer_list(one, 0)
            for one in self.chain:
                self.release(fwps, one)
        out.permit()
    """).run(*(sent(number) for number in (1, 2, 3)), clone_of_chain=choice)

    assert [one.clone.partition(".")[0] for one in run.of(ev.NblCloned) if one.clone] == [
        one.partition(".")[0] for one in clones]
    assert run.rules == []


# --- copies of the engine's own ------------------------------------------------------------------------------------

PENDS = """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)
        {later}
        out.absorb()

    def later(self, fwps, values, nbl):
        status, clone = fwps.allocate_clone_net_buffer_list(nbl, None, None, 0)
        fwps.dereference_net_buffer_list(nbl, False)
        clone.first_net_buffer.write(0, b"\\xff")
        assert nbl.first_net_buffer.data()[0] == {first}
        self.release(fwps, clone)
"""
WORK = "fwps.queue_work(self.later, fwps, values, layer_data)"
TIMER = "fwps.set_timer(5, self.later, fwps, values, layer_data)"


@pytest.mark.parametrize(("choice", "later", "copies"), [
    ("off", WORK, []), ("on", WORK, ["1.0"]), ("on", TIMER, []),
])  # fmt: skip
def test_ch_07_the_engine_copies_what_a_work_item_clones(
    choice: str, later: str, copies: list[str], tmp_path: Path
) -> None:
    """In a DPC on the processor that classified the frame no copy is made [drv: packet-modification-examples.md]."""
    body = PENDS.format(later=later, first="2" if copies else "255")
    run = injecting(tmp_path, body).run(sent(), cross_cpu_copy=choice, classify_arguments="live")

    assert run.failures == []
    assert [one.nbl for one in run.of(ev.DeepCopiedByEngine)] == copies
    assert ("M44" in run.rules) is (not copies)


HOLDS = """
    def seen(self, fwps, values, meta, layer_data, out):
        fwps.reference_net_buffer_list(layer_data, True)  # M62
        fwps.set_timer(1_000, self.later, fwps, layer_data)
        out.absorb()

    def later(self, fwps, nbl):
        self.data = nbl.first_net_buffer.data()
        fwps.dereference_net_buffer_list(nbl, True)
"""


def test_ch_35_m62_the_engine_copies_what_is_referenced_of_an_indication_with_the_resources_flag(
    tmp_path: Path
) -> None:
    run = injecting(tmp_path, HOLDS, INBOUND_MAC_FRAME_NATIVE).run(received(), receive_resources="on")

    assert_found(run, tmp_path, "M62", "1.0")
    assert [one.severity for one in found(run, "M62")] == ["I"]
    copied = run.one(ev.DeepCopiedByEngine)
    memories = run.world.memories
    (mdl,) = copied.changed[0].net_buffers[0].mdls
    assert (copied.nbl, list(copied.memories)) == ("1.0", [mdl.memory])
    assert memories[mdl.memory] == received().data
    assert run.rules == ["M62"]


def test_ch_35_m62_nothing_protects_a_driver_if_so_chosen(tmp_path: Path) -> None:
    run = injecting(tmp_path, HOLDS, INBOUND_MAC_FRAME_NATIVE).run(
        received(), receive_resources="on", resources_hold="unprotected")

    assert [(one.nbl, one.severity) for one in found(run, "M62")] == [("1.0", "E")]
    assert "M19" in run.rules  # the work item touches what the miniport has back
    assert run.of(ev.DeepCopiedByEngine) == []
    kinds = run.kinds(frame=1)
    assert kinds.index("OriginalReturned") < kinds.index("WorkStarted")


@pytest.mark.parametrize("times", [0, 1])
def test_ch_35_m62_not_for_what_is_let_go_in_classify(times: int, tmp_path: Path) -> None:
    run = injecting(tmp_path, f"""
    def seen(self, fwps, values, meta, layer_data, out):
        for _ in range({times}):
            fwps.reference_net_buffer_list(layer_data, False)
            fwps.dereference_net_buffer_list(layer_data, False)
        out.permit()
    """, INBOUND_MAC_FRAME_NATIVE).run(received(), receive_resources="on", resources_hold="unprotected")

    assert (run.rules, run.outcomes) == ([], {1: "delivered"})


def test_ch_35_m62_not_without_the_flag_and_not_on_send(tmp_path: Path) -> None:
    inbound = injecting(tmp_path, HOLDS, INBOUND_MAC_FRAME_NATIVE).run(received())
    outbound = injecting(tmp_path, HOLDS, OUTBOUND_MAC_FRAME_ETHERNET).run(sent(), receive_resources="on")

    assert [found(run, "M62") for run in (inbound, outbound)] == [[], []]


# --- coalesced -----------------------------------------------------------------------------------------------------

CLONES = """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)  # M59
        self.release(fwps, clone)
        out.permit()
"""


def coalescing(folder: Path, flags: int, length: int, **options: int) -> Run:
    bench = Bench(folder)
    bench.driver(CLONES)
    bench.calls("clones", flags=CalloutFlag(flags))
    return bench.run(received(payload=bytes(length)), **options)


@pytest.mark.parametrize("flags", [0x40, 0x200, 0x240])
def test_m59_a_clone_of_a_coalesced_frame_by_a_callout_that_allows_coalescing(flags: int, tmp_path: Path) -> None:
    assert_found(coalescing(tmp_path, flags, 1501), tmp_path, "M59", "1.0")


@pytest.mark.parametrize(("flags", "length", "mtu"), [(0x200, 1500, 1500), (0x200, 2000, 9000), (0, 2000, 1500)])
def test_m59_not_for_a_frame_that_fits_and_not_without_the_flag(
    flags: int, length: int, mtu: int, tmp_path: Path
) -> None:
    assert found(coalescing(tmp_path, flags, length, mtu=mtu), "M59") == []


# --- limits --------------------------------------------------------------------------------------------------------


def test_ch_36_the_limits_of_a_hold_can_be_others(tmp_path: Path) -> None:
    body = HOLDS.replace("1_000", str(SECOND_NS // 2))
    run = injecting(tmp_path, body, INBOUND_MAC_FRAME_NATIVE).run(
        received(), hold_warning_ms=100, hold_error_ms=200, hold_fatal_ms=300)

    assert [(one.severity, one.detail.partition(" (")[0]) for one in found(run, "M48")] == [
        (severity, f"1.0 has been held for {age} s") for severity, age in (("W", "0.1"), ("E", "0.2"), ("F", "0.3"))]


def test_ch_36_limits_out_of_order_are_taken_as_ages(tmp_path: Path) -> None:
    body = HOLDS.replace("1_000", str(SECOND_NS // 2))
    run = injecting(tmp_path, body, INBOUND_MAC_FRAME_NATIVE).run(received(), hold_error_ms=50, hold_warning_ms=100)

    assert [one.severity for one in found(run, "M48")] == ["E", "W"]


# --- several NET_BUFFERs -------------------------------------------------------------------------------------------

TWO_BUFFERS = """
    def seen(self, fwps, values, meta, layer_data, out):
        first, second = (self.copy(fwps, data)[1] for data in ({first}, {second}))
        first.first_net_buffer.next = second.first_net_buffer
        self.second, self.seconds_buffer = second, second.first_net_buffer
        second.first_net_buffer = None
        self.inject(fwps, values, first)
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        net_buffer_list.first_net_buffer.next = None
        self.second.first_net_buffer = self.seconds_buffer
        self.release(fwps, net_buffer_list)
        self.release(fwps, self.second)
"""


@pytest.mark.parametrize(("choice", "outcome"), [("first", "sent"), ("last", "blocked")])
def test_ch_34_which_net_buffer_the_values_describe(choice: str, outcome: str, tmp_path: Path) -> None:
    def data(ether_type: int) -> str:
        return f"b'\\x02' * 12 + ({ether_type}).to_bytes(2, 'big') + bytes(46)"

    body = TWO_BUFFERS.format(first=data(0x0800), second=data(0x0806))
    bench = injecting(tmp_path, body)
    top = policies.a_sublayer_spec("top", weight=60000)
    bench.add(top, policies.block("no ARP", policies.ether_type(0x0806), layer=OUTBOUND_MAC_FRAME_ETHERNET,
                                  sublayer=policies.key_of(top)))
    run = bench.run(sent(), multi_nb_values=choice)

    assert [one.outcome for one in run.of(ev.InjectionEnded)] == [outcome]
    assert run.failures == []
