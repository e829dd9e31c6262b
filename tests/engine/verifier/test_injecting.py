"""What is wrong with an injection that is accepted, or with a refused one: M10, M20a, M20d, M41, M42, M57, M58."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from engine.classify.verifier.injecting import looks_like_ip
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_ETHERNET, Layer
from tests.builders import policies
from tests.builders.captures import ethernet
from tests.builders.engines import Bench, Run
from tests.builders.findings import assert_found, found
from tests.builders.frames import HOST, IPV4, PEER, an_interface, received, sent
from tests.builders.injections import injecting

REFUSED = {"call": "FwpsInjectMacSendAsync0", "nth": 1, "status": "0xC000009A"}
IP = bytes.fromhex("4500002e00000000401100000a0000010a000002") + bytes(26)
CARD_GONE_IP = bytes.fromhex("6000000000061140") + bytes(38)


def seeing(folder: Path, body: str, layer: Layer = OUTBOUND_MAC_FRAME_ETHERNET, *frames: object, config: object = None,
           more: str = "", faults: tuple[dict[str, object], ...] = ()) -> Run:
    """A driver whose `seen` has this body, among anchors."""
    lines = "\n".join(f"    {line}" for line in dedent(body).strip().splitlines())
    bench = injecting(folder, f"def seen(self, fwps, values, meta, layer_data, out):\n{lines}\n{dedent(more)}", layer,
                      config=config)
    return bench.run(*(frames or (sent(),)), faults=faults)


def test_m20a_a_refused_clone_is_never_freed(tmp_path: Path) -> None:
    run = seeing(tmp_path, """
        status, clone = self.clone(fwps, meta, layer_data)
        self.inject(fwps, values, clone)
        out.block(hard=True)
        """, faults=(REFUSED,))

    # `inject` of the tools makes the call, so the finding stands there.
    (leaked,) = found(run, "M20a")
    assert (leaked.nbl, leaked.driver) == ("1.1", "driver")
    source = (tmp_path / "driver.py").read_text(encoding="utf-8").splitlines()
    assert "return inject(given" in source[int(str(leaked.line).partition(":")[2]) - 1]


@pytest.mark.parametrize("then", [
    "fwps.free_clone_net_buffer_list(clone, 0)\nout.block(hard=True)",
    "assert fwps.nt_success(self.inject(fwps, values, clone))\nout.absorb()",
])
def test_m20a_not_when_it_is_freed_or_injected_again(then: str, tmp_path: Path) -> None:
    run = seeing(tmp_path, f"""
status, clone = self.clone(fwps, meta, layer_data)
assert not fwps.nt_success(self.inject(fwps, values, clone))
{then}
        """, faults=(REFUSED,))

    assert run.rules == []


ORIGINAL = """
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.queue_work(self.work, fwps, layer_data, values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT)
        out.absorb()
        """
INJECTS_ORIGINAL = """
def work(self, fwps, nbl, *where):
    WRITE
    layer, index, port = where
    status = fwps.inject_mac_send_async(self.handle, None, 0, layer, index, port, nbl, None, None)  # M20d
    fwps.dereference_net_buffer_list(nbl, False)
"""


def test_m20d_a_changed_original_goes_as_unaltered(tmp_path: Path) -> None:
    run = seeing(tmp_path, ORIGINAL,
                 more=INJECTS_ORIGINAL.replace("WRITE", "nbl.first_net_buffer.write(0, bytes([2, 0, 0, 0, 0, 9]))"))

    assert_found(run, tmp_path, "M20d", "1.0")


def test_m20d_not_for_an_original_as_it_came(tmp_path: Path) -> None:
    assert found(seeing(tmp_path, ORIGINAL, more=INJECTS_ORIGINAL.replace("WRITE", "pass")), "M20d") == []


OUT_OF_BAND = """
        fwps.reference_net_buffer_list(layer_data, True)
        fwps.queue_work(self.work, fwps, layer_data, values.layer_id)
        out.absorb()
        """
ELSEWHERE = """
def work(self, fwps, nbl, layer):
    status, clone = fwps.allocate_clone_net_buffer_list(nbl)
    fwps.dereference_net_buffer_list(nbl, False)
    status = fwps.inject_mac_send_async(self.handle, None, 0, layer, INDEX, 0, clone, self.completed, None)  # M41
"""
TWO_CARDS = (sent(1, interface=an_interface(1)), sent(2, interface=an_interface(0)))


def test_m41_the_clone_of_an_absorbed_frame_goes_to_another_interface(tmp_path: Path) -> None:
    run = seeing(tmp_path, OUT_OF_BAND, OUTBOUND_MAC_FRAME_ETHERNET, *TWO_CARDS, more=ELSEWHERE.replace("INDEX", "2"))

    assert_found(run, tmp_path, "M41", "2.1")


@pytest.mark.parametrize(("index", "config"), [("nbl.net_buffer_list_info[26] or 2", {"redirector": True})])
def test_m41_not_for_a_redirector(index: str, config: object, tmp_path: Path) -> None:
    run = seeing(tmp_path, OUT_OF_BAND, OUTBOUND_MAC_FRAME_ETHERNET, *TWO_CARDS, config=config,
                 more=ELSEWHERE.replace("INDEX", index))

    assert run.rules == []


CLONES = """
        self.at_ip_header = AT
        status, clone = self.clone(fwps, meta, layer_data)
        status = fwps.inject_mac_receive_async(  # M42
            self.handle, None, 0, values.layer_id, values.INTERFACE_INDEX, values.NDIS_PORT, clone, self.completed,
            None)
        out.absorb()
        """


@pytest.mark.parametrize("frame", [
    received(payload=IP),
    received(ether_type=0x0806, payload=bytes.fromhex("000108000604000202000000000a0a0000010200000000010a000002")),
    received(ether_type=0x86DD, payload=CARD_GONE_IP),
])
def test_m42_a_clone_without_retreat_begins_at_the_ip_header(frame: object, tmp_path: Path) -> None:
    run = seeing(tmp_path, CLONES.replace("AT", "False"), INBOUND_MAC_FRAME_ETHERNET, frame)

    (wrong,) = found(run, "M42")
    assert (wrong.nbl, wrong.driver) == ("1.1", "driver")


def test_m42_not_after_the_retreat(tmp_path: Path) -> None:
    run = seeing(tmp_path, CLONES.replace("AT", "True"), INBOUND_MAC_FRAME_ETHERNET, received(payload=IP))

    assert run.rules == []


def test_m42_a_mac_address_that_begins_like_a_version_is_no_ip_header() -> None:
    frame = ethernet("45:00:00:3c:00:00", PEER, IPV4, IP)
    assert not looks_like_ip(frame, len(frame))
    frame = ethernet("60:00:00:00:00:14", HOST, 0x88B5, bytes(46))
    assert not looks_like_ip(frame, len(frame))


COPIES = """
        if values.layer_id == 57 and not layer_data.net_buffer_list_info[4]:
            layer_data = None
            return
        status, copy = self.copy(fwps, layer_data.first_net_buffer.data())
        COPY
        self.inject(fwps, values, copy)
        out.absorb()
        """
TAGS = """
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        clone.net_buffer_list_info[fwps.IEEE8021Q_NET_BUFFER_LIST_INFO] = 5 << 4
        self.inject(fwps, values, clone)
        out.absorb()
"""


def copying(folder: Path, copy: str) -> Run:
    """A tagger puts the VLAN id beside the frame; a second driver makes a deep copy of what it injects."""
    bench = Bench(folder)
    lines = dedent(COPIES.replace("COPY", copy)).strip().splitlines()
    bench.driver("def seen(self, fwps, values, meta, layer_data, out):\n" + "\n".join(f"    {line}" for line in lines))
    bench.driver(TAGS, "tagger.py")
    for weight, name in ((200, "driver"), (100, "tagger")):
        sublayer = policies.a_sublayer_spec(name, weight=weight)
        bench.add(sublayer)
        bench.calls(name, OUTBOUND_MAC_FRAME_ETHERNET, script=f"{name}.py", sublayer=policies.key_of(sublayer))
    return bench.run(sent())


def test_m57_a_deep_copy_forgets_the_vlan_tag(tmp_path: Path) -> None:
    run = copying(tmp_path, "pass")

    lost = found(run, "M57")[0]
    assert (lost.nbl, lost.driver) == ("1.2", "driver")
    assert "Ieee8021Q" in lost.detail


def test_m57_not_when_the_info_is_copied(tmp_path: Path) -> None:
    run = copying(tmp_path, "fwps.copy_send_net_buffer_list_info(copy, layer_data)")

    assert found(run, "M57") == []


SPLIT = """
        data = layer_data.first_net_buffer.data()
        parts = [fwps.allocate_mdl(None, bytearray(part), len(part)) for part in (data[:CUT], data[CUT:])]
        parts[0].next = parts[1]
        status, new = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, parts[0], 0, len(data))
        self.parts = parts
        self.inject(fwps, values, new)
        out.absorb()
        """
FREES_PARTS = """
def release(self, fwps, nbl):
    fwps.free_net_buffer_list(nbl)
    for mdl in self.parts:
        fwps.free_mdl(mdl)
"""


def test_m58_the_mac_header_lies_in_two_mdls(tmp_path: Path) -> None:
    run = seeing(tmp_path, SPLIT.replace("CUT", "12"), more=FREES_PARTS)

    assert run.rules == ["M58"]
    assert found(run, "M58")[0].nbl == "1.1"


def test_m58_not_when_only_the_payload_is_apart(tmp_path: Path) -> None:
    assert seeing(tmp_path, SPLIT.replace("CUT", "14"), more=FREES_PARTS).rules == []


PING_PONG = """
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):  # M10
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        out.permit()
        if state in OWN or self.config.get("watch"):
            return
        status, one = MAKE
        assert fwps.nt_success(self.inject(fwps, values, one))
        out.absorb()
"""


def ping_pong(folder: Path, make: str) -> Run:
    bench = Bench(folder)
    for weight, name in ((20, "X"), (10, "Y")):
        sublayer = policies.a_sublayer_spec(name, weight=weight)
        bench.add(sublayer)
        bench.driver(PING_PONG.replace("MAKE", make), f"{name}.py")
        where = {"script": f"{name}.py", "sublayer": policies.key_of(sublayer)}
        bench.calls(name, OUTBOUND_MAC_FRAME_ETHERNET, config={}, **where)
    return bench.run(sent(), loop_limit=3)


def test_m10_two_drivers_inject_copies_of_each_others_copies(tmp_path: Path) -> None:
    run = ping_pong(tmp_path, "self.copy(fwps, layer_data.first_net_buffer.data())")

    (loop,) = found(run, "M10")
    assert "X and Y" in loop.detail
    assert "M06" in run.rules


def test_m10_not_when_they_clone(tmp_path: Path) -> None:
    assert found(ping_pong(tmp_path, "self.clone(fwps, meta, layer_data)"), "M10") == []
