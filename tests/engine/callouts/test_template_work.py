"""What each shipped callout is there for: it does that. Source: 9.3, C01 to C20."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.trace import events as ev
from engine.trace.folding import apply
from engine.trace.world import World
from engine.wfp.document import with_object
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_ETHERNET,
    INBOUND_MAC_FRAME_NATIVE,
    OUTBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_NATIVE,
    Layer,
)
from engine.wfp.objects import CalloutSpec, Weight
from engine.wfp.types import ActionType, DataType, FilterFlag
from engine.wfp.validation import key_of
from tests.builders import policies
from tests.builders.captures import ethernet
from tests.builders.engines import Run, run
from tests.builders.frames import BROADCAST, HOST, PEER, received, sent
from tests.builders.templates import BY_ID, arp_request, datagram, document_of, mixed, run_template

IE, OE, IN, ON = (INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE,
                  OUTBOUND_MAC_FRAME_NATIVE)
MS = 1_000_000
ARP, IPV4 = 0x0806, 0x0800
FREE_CLONE = "FwpsFreeCloneNetBufferList0"


def callout(done: Run) -> Any:
    """The first instance of the only driver."""
    (driver,) = done.engine._host.drivers.values()
    return next(iter(driver.instances.values()))


def on_the_wire(done: Run) -> list[bytes]:
    """Bytes of what was delivered or sent, in order."""
    world, found = World(), []
    for record in done.records:
        apply(world, record)
        if isinstance(record.event, ev.FrameDelivered):
            found += [world.frame_bytes(nbl) for nbl in record.event.nbls]
    return found


def times(done: Run, kind: type[ev.Event]) -> dict[int, int]:
    """When an event happened, by frame."""
    return {record.frame: record.time_ns for record in done.records if isinstance(record.event, kind)}


def outcomes(done: Run) -> list[str]:
    return [done.outcomes[number] for number in sorted(done.outcomes)]


@pytest.mark.parametrize("layer", BY_ID["C01"].layers, ids=lambda layer: layer.short_name)
def test_c01_counts_by_ether_type_wherever_the_data_begins(layer: Layer, tmp_path: Path):
    make = received if layer.direction == "inbound" else sent
    done = run_template(tmp_path, "C01", layer, make(1), make(2, ARP), make(3))

    assert (callout(done).seen, callout(done).too_short) == ({IPV4: 2, ARP: 1}, 0)
    assert set(outcomes(done)) <= {"delivered", "sent"}


def test_c02_permits_hard_where_the_filter_asks_for_it_and_leaves_a_block_alone(tmp_path: Path):
    document = document_of(tmp_path, BY_ID["C02"], IN)
    above = policies.a_sublayer_spec("above", weight=65000)
    blocks = policies.block("blocks", layer=IN, sublayer=key_of(above), flags=FilterFlag(0))
    assert outcomes(run(document, [received(1)])) == ["delivered"]
    assert outcomes(run(with_object(with_object(document, above), blocks), [received(1)])) == ["blocked"]


@pytest.mark.parametrize(("config", "dropped"), [
    ({"ether_type": "0x0806"}, [2]),
    ({"ether_type": "0x0800", "vlan": 20}, [3]),
    ({"ether_type": "0x0800", "address": PEER}, [1, 3, 4]),
    ({"vlan": 21, "ether_type": "0x0800"}, []),
])
@pytest.mark.parametrize("layer", [IN, IE], ids=lambda layer: layer.short_name)
def test_c03_drops_what_matches_all_that_is_given(config: dict[str, Any], dropped: list[int], layer: Layer,
                                                  tmp_path: Path):
    frames = [received(1), received(2, ARP), received(3, tags=((0x8100, 0x6014),)),
              received(4, tags=((0x88A8, 5), (0x8100, 20)))]
    for absorb, outcome in ((False, "blocked"), (True, "absorbed")):
        done = run_template(tmp_path, "C03", layer, *frames, config=config | {"absorb": absorb})
        assert [number for number, one in sorted(done.outcomes.items()) if one == outcome] == dropped
        assert len(done.of(ev.DropAudited)) == (0 if absorb else len(dropped))


def test_c03_sees_a_tag_that_stands_beside_the_frame(tmp_path: Path):
    frames = [received(1), received(2, tags=((0x8100, 20),))]
    done = run_template(tmp_path, "C03", IN, *frames, config={"vlan": 20, "ether_type": "0x0800"}, vlan_tag="oob")

    assert outcomes(done) == ["delivered", "blocked"]


def test_c04_says_nothing_of_what_it_does_not_block_and_a_lower_filter_decides(tmp_path: Path):
    document = document_of(tmp_path, BY_ID["C04"], IN, longest=100)
    lower = policies.block("lower", layer=IN, weight=Weight(type=DataType.FWP_UINT8, value=0))
    done = run(with_object(document, lower), [received(1), received(2, payload=bytes(300))])

    assert outcomes(done) == ["blocked", "blocked"]
    deciders = [done.filter_name(event.filter) for event in done.of(ev.ClassifyEnded) if event.layer == IN.id]
    assert deciders == ["lower", "Conditional opinion"]


def test_c05_loses_the_same_share_of_the_frames_in_every_run(tmp_path: Path):
    frames = [received(number) for number in range(1, 101)]
    first, again = (run_template(tmp_path, "C05", IN, *frames, config={"share": 0.2, "seed": 3}) for _ in range(2))
    other = run_template(tmp_path, "C05", IN, *frames, config={"share": 0.2, "seed": 4})

    assert outcomes(first) == outcomes(again) != outcomes(other)
    assert 10 <= outcomes(first).count("absorbed") <= 30


@pytest.mark.parametrize("id_", ["C06", "C09"])
@pytest.mark.parametrize("layer", BY_ID["C06"].layers, ids=lambda layer: layer.short_name)
def test_c06_and_c09_bring_the_same_bytes_where_the_frame_was_going(id_: str, layer: Layer, tmp_path: Path):
    frames = mixed(layer.direction == "inbound")[2:]
    plain = run_template(tmp_path, "C02", layer, *frames)
    done = run_template(tmp_path, id_, layer, *frames)

    assert sorted(on_the_wire(done)) == sorted(on_the_wire(plain))
    assert set(outcomes(done)) == {"absorbed"}
    assert callout(done).lost == 0


@pytest.mark.parametrize("layer", [IE, OE], ids=lambda layer: layer.short_name)
def test_c07_changes_the_addresses_and_nothing_else(layer: Layer, tmp_path: Path):
    make = received if layer is IE else sent
    config = {"destination": "02:00:00:00:00:fe", "source": "02:00:00:00:00:fd"}
    done = run_template(tmp_path, "C07", layer, make(1, payload=bytes(range(100))), config=config)

    (data,) = on_the_wire(done)
    assert data == ethernet("02:00:00:00:00:fe", "02:00:00:00:00:fd", IPV4, bytes(range(100)))
    assert done.of(ev.DataWritten) == []


def test_c08_tags_and_strips_beside_the_bytes(tmp_path: Path):
    done = run_template(tmp_path, "C08", OE, sent(1), config={"vlan": 100, "priority": 3})

    (written,) = done.of(ev.MemberWritten)
    assert (written.nbl, written.member, written.new) == ("1.1", "Ieee8021Q", f"0x{100 << 4 | 3:X}")
    assert on_the_wire(done) == [sent(1).data]
    assert outcomes(run_template(tmp_path, "C08", IE, received(1))) == ["delivered"]  # there is nothing to strip
    stripped = run_template(tmp_path, "C08", IE, received(1, tags=((0x8100, 20),)), vlan_tag="oob")
    assert [(one.nbl, one.old, one.new) for one in stripped.of(ev.MemberWritten)] == [("1.1", f"0x{20 << 4:X}", "0x0")]


def test_c10_holds_each_frame_for_its_time_and_drops_what_is_too_much(tmp_path: Path):
    frames = [sent(number, time_ns=number * 1000) for number in range(1, 6)]
    done = run_template(tmp_path, "C10", OE, *frames, config={"delay_us": 5000, "frames": 3})

    assert outcomes(done) == ["absorbed"] * 3 + ["blocked"] * 2
    came, went = times(done, ev.NblReferenced), times(done, ev.InjectAccepted)
    assert {number: went[number] - came[number] for number in came} == dict.fromkeys((1, 2, 3), 5 * MS)
    assert callout(done).lost == 2


def test_c11_drops_and_permits_as_it_is_answered_and_copies_what_waits_too_long(tmp_path: Path):
    frames = [sent(1, destination=PEER), sent(2, destination="02:00:00:00:00:99")]
    config = {"answers": {PEER: "drop"}, "answer_ms": 1500, "hold_limit_ms": 500}
    done = run_template(tmp_path, "C11", OE, *frames, config=config)

    assert on_the_wire(done) == [frames[1].data]
    came, released = times(done, ev.NblReferenced), times(done, ev.OriginalReleased)
    assert {number: released[number] - came[number] for number in came} == {1: 500 * MS, 2: 500 * MS}
    quick = run_template(tmp_path, "C11", OE, frames[1], config=config | {"answer_ms": 100})
    assert [event.function for one in (done, quick) for event in one.of(ev.NblFreed)] == [FREE_CLONE] * 3
    assert [len(one.of(ev.MdlAllocated)) for one in (done, quick)] == [2, 0]  # deep clones have memory of their own
    assert on_the_wire(quick) == [frames[1].data]


def test_c12_sends_every_frame_back(tmp_path: Path):
    done = run_template(tmp_path, "C12", IN, received(1, payload=b"\x11" * 60))

    assert on_the_wire(done) == [ethernet(PEER, HOST, IPV4, b"\x11" * 60)]
    assert outcomes(done) == ["absorbed"]


@pytest.mark.parametrize("layer", [IN, IE], ids=lambda layer: layer.short_name)
@pytest.mark.parametrize("tags", [(), ((0x8100, 20),)])
def test_c13_answers_for_its_address_and_for_no_other(layer: Layer, tags: Any, tmp_path: Path):
    asked, other = (arp_request(bytes([192, 0, 2, last])).ljust(46, b"\0") for last in (200, 201))
    frames = [received(number, ARP, payload=payload, destination=BROADCAST, tags=tags)
              for number, payload in ((1, asked), (2, other))]
    done = run_template(tmp_path, "C13", layer, *frames, received(3))

    assert outcomes(done) == ["absorbed", "delivered", "delivered"]
    answer = on_the_wire(done)[0]
    mine, peer = (bytes.fromhex(mac.replace(":", "")) for mac in ("02:00:00:00:00:c8", PEER))
    head = peer + mine + (b"\x81\x00\x00\x14" if tags else b"") + b"\x08\x06"
    body = bytes.fromhex("0001080006040002") + mine + bytes([192, 0, 2, 200]) + peer + bytes([192, 0, 2, 9])
    assert answer == (head + body).ljust(60, b"\0")


@pytest.mark.parametrize("layer", BY_ID["C14"].layers, ids=lambda layer: layer.short_name)
def test_c14_sends_a_copy_out_on_the_other_interface_and_lets_the_frame_go_on(layer: Layer, tmp_path: Path):
    first, second, frame, *_ = mixed(layer.direction == "inbound")
    done = run_template(tmp_path, "C14", layer, first, second, frame)

    called = done.of(ev.InjectCalled)
    assert {(event.interface, event.function) for event in called} == {(2, "FwpsInjectMacSendAsync0")}
    assert on_the_wire(done).count(frame.data) == 2
    assert outcomes(done).count("delivered") + outcomes(done).count("sent") == 3


def test_c15_counts_every_frame_of_every_chain(tmp_path: Path):
    frames = [received(number, time_ns=number) for number in range(1, 9)]
    done = run_template(tmp_path, "C15", IN, *frames, rx_chain=4)

    assert (callout(done).chains, callout(done).frames, callout(done).bytes) == (2, 8, 8 * 60)


@pytest.mark.parametrize("layer", [IE, OE], ids=lambda layer: layer.short_name)
def test_c16_drops_the_unwanted_frames_of_a_chain_and_keeps_the_others(layer: Layer, tmp_path: Path):
    make = received if layer is IE else sent
    ports = (53, 23, 80, 123)
    frames = [make(number, time_ns=number, payload=datagram(port)) for number, port in enumerate(ports, 1)]
    done = run_template(tmp_path, "C16", layer, *frames, rx_chain=4, tx_chain=4)

    assert sorted(on_the_wire(done)) == sorted(frame.data for frame, port in zip(frames, ports, strict=True)
                                               if port != 23)
    (accepted,) = done.of(ev.InjectAccepted)
    assert len(accepted.nbls) == 3
    assert outcomes(done) == ["absorbed"] * 4


@pytest.mark.parametrize("layer", [OE, ON], ids=lambda layer: layer.short_name)
def test_c17_sends_full_chains_at_once_and_the_rest_after_a_while(layer: Layer, tmp_path: Path):
    frames = [sent(number, time_ns=number * 1000, payload=bytes([number]) * 46) for number in range(1, 7)]
    done = run_template(tmp_path, "C17", layer, *frames, config={"frames": 4, "wait_us": 2000})

    assert [len(event.nbls) for event in done.of(ev.InjectAccepted)] == [4, 2]
    assert sorted(on_the_wire(done)) == sorted(frame.data for frame in frames)


def test_c18_vetoes_a_hard_permit_and_only_that(tmp_path: Path):
    document = document_of(tmp_path, BY_ID["C18"], IN, longest=100)
    above = policies.a_sublayer_spec("above", weight=65000)
    hard = policies.a_filter("hard", layer=IN, sublayer=key_of(above), action=ActionType.FWP_ACTION_PERMIT,
                             flags=FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT)
    frames = [received(1), received(2, payload=bytes(300))]
    done = run(with_object(with_object(document, above), hard), frames)

    assert (outcomes(done), done.rules) == (["delivered", "blocked"], ["M36b"])
    assert outcomes(run(document, frames)) == ["delivered", "delivered"]


def test_c19_sends_again_what_has_failed_and_gives_up_after_so_many_tries(tmp_path: Path):
    twice = [{"call": "completion", "nth": nth, "status": "0xC001000D"} for nth in (1, 2)]
    document = document_of(tmp_path, BY_ID["C19"], OE, tries=3)
    done = run(replace(document, faults=tuple(twice)), [sent(1)])
    hopeless = run(replace(document, faults=({"call": "completion", "share": 1.0, "status": "0xC001000D"},)), [sent(1)])

    assert (callout(done).retries, callout(done).lost) == (2, 0)
    assert (callout(hopeless).retries, callout(hopeless).lost) == (2, 1)
    assert [len(one.of(ev.InjectAccepted)) for one in (done, hopeless)] == [3, 3]


def test_c20_hears_what_becomes_of_a_frame(tmp_path: Path):
    done = run_template(tmp_path, "C20", OE, sent(1), sent(2), config={"keep": 1})

    (story,) = callout(done).stories.values()
    assert story[0] == ("tagged at layer", OE.id)
    assert [event for kind, event in story[1:] if kind == "event"] == [8, 6, 5]


PAIRS = '''
from engine.callouts import Callout, InjectionState

class Pairs(Callout):
    """Sends two frames in one NBL for each that it absorbs: itself, and one whose last byte is another."""

    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        self.pool = fwps.allocate_net_buffer_list_pool(None)

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state != InjectionState.NOT_INJECTED:
            out.permit()
            return
        data = layer_data.first_net_buffer.data()
        first, second = self.copy(fwps, data), self.copy(fwps, data[:-1] + b"!")
        first.first_net_buffer.next = second.first_net_buffer
        fwps.inject_mac_send_async(self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT,
                                   first, self.completed, second)
        out.absorb()

    def copy(self, fwps, data):
        mdl = fwps.allocate_mdl(None, bytearray(data), len(data))
        return fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, mdl, 0, len(data))[1]

    def completed(self, fwps, second, first, dispatch_level):
        fwps.nt_success(first.status)
        first.first_net_buffer.next = None
        for one in (first, second):
            mdl = one.first_net_buffer.mdl_chain
            fwps.free_net_buffer_list(one)
            fwps.free_mdl(mdl)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
        fwps.free_net_buffer_list_pool(self.pool)
'''


@pytest.mark.parametrize("id_", ["C06", "C07", "C08", "C09", "C10", "C11", "C16", "C17", "C19"])
def test_an_nbl_with_two_frames_arrives_with_both(id_: str, tmp_path: Path):
    (tmp_path / "pairs.py").write_text(PAIRS, encoding="utf-8")
    document = document_of(tmp_path, BY_ID[id_], OE)
    above = policies.a_sublayer_spec("above", weight=65000)
    pairs = CalloutSpec(name="pairs", layer=OE.name, script="pairs.py", class_="Pairs")
    for spec in (above, pairs, policies.calls(pairs, "pairs", layer=OE, sublayer=key_of(above))):
        document = with_object(document, spec)
    frames = [sent(number, time_ns=number * 1000, payload=datagram(port)) for number, port in enumerate((53, 80), 1)]
    done = run(document, frames)

    wanted = [data for frame in frames for data in (frame.data, frame.data[:-1] + b"!")]
    arrived = [data if id_ != "C07" else wanted[0][:6] + data[6:] for data in _each_frame(done)]
    assert sorted(arrived) == sorted(wanted)
    assert (done.rules, done.failures) == ([], [])


def _each_frame(done: Run) -> list[bytes]:
    """As `on_the_wire`, of every NET_BUFFER that leaves by the first interface."""
    world, found = World(), []
    for record in done.records:
        apply(world, record)
        if isinstance(record.event, ev.FrameDelivered):
            for nbl in record.event.nbls:
                for buffer in world.nbls[nbl].net_buffers:
                    data = b"".join(world.memories[mdl.memory][mdl.start:mdl.start + mdl.byte_count]
                                    for mdl in buffer.mdls)
                    found.append(data[buffer.data_offset:buffer.data_offset + buffer.data_length])
    return found
