"""E: NBLs, handles and parameters (M37 to M61), and an original that nobody holds (X02)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.types import CalloutFlag
from tests.builders import policies
from tests.builders.engines import NO_FLAGS, Bench, Run
from tests.builders.frames import an_interface, received, sent
from tests.builders.misuses.case import CLASSIFY, Case, Story, alone, among_anchors, body
from tests.builders.misuses.completions import LOST, case, cloning

IP = bytes.fromhex("4500002e00000000401100000a0000010a000002") + bytes(26)
TWO_CARDS = (sent(1, interface=an_interface(1)), sent(2, interface=an_interface(0)))
NO_RETREAT = {"call": "NdisRetreatNetBufferDataStart", "nth": 1, "status": "0xC000009A"}


def doing(wrong: str, right: str, lines: str = "WRONG\nout.permit()", more: str = "", **members: Any) -> Case:
    """`seen` does these lines; where WRONG stands, the one or the other."""
    options = {key: members.pop(key) for key in ("faults", "layer", "frames", "config") if key in members}
    layer = options.pop("layer", OUTBOUND_MAC_FRAME_ETHERNET)
    frames = options.pop("frames", ())
    trigger, near = (among_anchors(body(lines.replace("WRONG", one), more=more.replace("WRONG", one)), layer, *frames,
                                   **options) for one in (wrong, right))
    return Case(trigger=trigger, near=near, **members)


OUT_OF_BAND = """
fwps.reference_net_buffer_list(layer_data, True)
fwps.queue_work(self.work, fwps, layer_data, values)
out.absorb()
"""
CHANGES_NEXT = body("layer_data.next = WRONG\nout.permit()", CLASSIFY + "  # M39")
CHANGES_BUFFERS = body("""
    status, clone = self.clone(fwps, meta, layer_data)
    layer_data.first_net_buffer.next = WRONG
    fwps.free_clone_net_buffer_list(clone, 0)
    out.permit()
""", CLASSIFY + "  # M39a")
RETREATS = body("""
    buffer = layer_data.first_net_buffer
    status = fwps.retreat_net_buffer_data_start(buffer, 14)
    WRONG
    out.permit()
""", CLASSIFY + "  # M43")
TWO_BUFFERS = body("""
    status, clone = self.clone(fwps, meta, layer_data)
    status, other = self.clone(fwps, meta, layer_data)
    first = clone.first_net_buffer
    if WRONG:
        first.next = other.first_net_buffer
    status = fwps.inject_mac_receive_async(  # M40
        self.handle, None, 0, 58, 1, 0, clone, self.completed, None)
    fwps.free_clone_net_buffer_list(other, 0)
    if status:
        first.next = None
        fwps.free_clone_net_buffer_list(clone, 0)
        out.block(hard=True)
    else:
        out.absorb()
""")
OWN_HEADER = """
status, clone = self.clone(fwps, meta, layer_data)
buffer = clone.first_net_buffer
self.old = buffer.mdl_chain
self.new = fwps.allocate_mdl(None, bytearray(buffer.data()[:14]), 14)
self.new.next = self.old.next
buffer.mdl_chain = self.new
fwps.adjust_net_buffer_current_mdl(buffer)
self.inject(fwps, values, clone)
out.absorb()
"""
TAGS = body("""
    status, clone = self.clone(fwps, meta, layer_data)
    clone.net_buffer_list_info[fwps.IEEE8021Q_NET_BUFFER_LIST_INFO] = 5 << 4
    self.inject(fwps, values, clone)
    out.absorb()
""")
COPIES = body("""
    if not layer_data.net_buffer_list_info[4]:
        out.permit()
        return
    status, copy = self.copy(fwps, layer_data.first_net_buffer.data())
    WRONG
    status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, copy, self.completed, None)  # M57
    out.absorb()
""")
SPLIT = """
data = layer_data.first_net_buffer.data()
parts = [fwps.allocate_mdl(None, bytearray(part), len(part)) for part in (data[:WRONG], data[WRONG:])]
parts[0].next = parts[1]
status, new = fwps.allocate_net_buffer_and_net_buffer_list(self.pool, 0, 0, parts[0], 0, len(data))
self.parts = parts
status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, new, self.completed, None)  # M58
out.absorb()
"""
FREES_PARTS = """
def release(self, fwps, nbl):
    fwps.free_net_buffer_list(nbl)
    for mdl in self.parts:
        fwps.free_mdl(mdl)
"""
OTHER_HANDLE = """
def start(self, fwps, config):
    status, self.handle = fwps.injection_handle_create(WRONG
    self.pool = fwps.allocate_net_buffer_list_pool(None)
    self.completed_with = []
"""
SENDS = """
status, clone = self.clone(fwps, meta, layer_data)
status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, clone, self.completed, None)  # M51
if status:
    fwps.free_clone_net_buffer_list(clone, 0)
    out.block(hard=True)
else:
    out.absorb()
"""


def copying(copy_info: str) -> Story:
    """A tagger puts the VLAN id beside the frame; the driver makes a deep copy of what it injects."""

    def story(folder: Path) -> Run:
        bench = Bench(folder)
        bench.driver(COPIES.replace("WRONG", copy_info))
        bench.driver(TAGS, "tagger.py")
        for weight, name in ((200, "driver"), (100, "tagger")):
            sublayer = policies.a_sublayer_spec(name, weight=weight)
            bench.add(sublayer)
            bench.calls(name, OUTBOUND_MAC_FRAME_ETHERNET, script=f"{name}.py", sublayer=policies.key_of(sublayer))
        return bench.run(sent())

    return story


def lent(resources: str) -> Story:
    """A frame of an indication with, or without, NDIS_RECEIVE_FLAGS_RESOURCES is kept."""
    return among_anchors(body("""
        fwps.reference_net_buffer_list(layer_data, True)  # M62
        fwps.set_timer(1_000, fwps.dereference_net_buffer_list, layer_data, True)
        out.absorb()
    """), INBOUND_MAC_FRAME_NATIVE, receive_resources=resources)


def coalesced(flags: CalloutFlag) -> Story:
    """A frame longer than the medium carries is cloned."""
    return alone(body("""
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data)  # M59
        fwps.free_clone_net_buffer_list(clone, 0)
        out.permit()
    """), INBOUND_MAC_FRAME_NATIVE, received(payload=bytes(4000)), flags=flags)


CASES = {
    "M37": doing("values", "values.layer_id", """
        fwps.set_timer(1_000, self.later, WRONG)
        out.permit()
        """, "def later(self, given):\n    index = getattr(given, 'INTERFACE_INDEX', given)  # M37\n"),
    "M39": Case(trigger=alone(CHANGES_NEXT.replace("WRONG", "self.copy(fwps, bytes(60))[1]")),
                near=alone(CHANGES_NEXT.replace("WRONG", "None")), near_breaks=frozenset({"M47"})),
    "M39a": Case(trigger=alone(CHANGES_BUFFERS.replace("WRONG", "clone.first_net_buffer")),
                 near=alone(CHANGES_BUFFERS.replace("WRONG", "None")), near_breaks=LOST),
    "M40": Case(trigger=among_anchors(TWO_BUFFERS.replace("WRONG", "True"), INBOUND_MAC_FRAME_NATIVE),
                near=among_anchors(TWO_BUFFERS.replace("WRONG", "False"), INBOUND_MAC_FRAME_NATIVE)),
    "M41": doing("2", "1", OUT_OF_BAND, """
        def work(self, fwps, nbl, values):
            status, clone = fwps.allocate_clone_net_buffer_list(nbl)
            fwps.dereference_net_buffer_list(nbl, False)
            status = fwps.inject_mac_send_async(self.handle, None, 0, 57, WRONG, 0, clone, self.completed, None)  # M41
        """, frames=(TWO_CARDS[1],)),
    "M42": doing("False", "True", """
        self.at_ip_header = WRONG
        status, clone = self.clone(fwps, meta, layer_data)
        status = fwps.inject_mac_receive_async(self.handle, None, 0, 56, 1, 0, clone, self.completed, None)  # M42
        out.absorb()
        """, layer=INBOUND_MAC_FRAME_ETHERNET, frames=(received(payload=IP),)),
    "M44": doing("layer_data.first_net_buffer.write(0, bytes(6))  # M44", "layer_data.first_net_buffer.data()"),
    "M43": Case(trigger=among_anchors(RETREATS.replace("WRONG", "pass"), INBOUND_MAC_FRAME_ETHERNET),
                near=among_anchors(RETREATS.replace(
                    "WRONG", "fwps.advance_net_buffer_data_start(buffer, 14)"), INBOUND_MAC_FRAME_ETHERNET)),
    "M45": doing("pass", "nbl.first_net_buffer.mdl_chain = self.old", OWN_HEADER, """
def release(self, fwps, nbl):
    WRONG
    fwps.free_clone_net_buffer_list(nbl, 0)  # M45
    fwps.free_mdl(self.new)
"""),
    "M46": doing("fwps.injection_handle_destroy(self.handle)  # M46", "pass", """
status, copy = self.copy(fwps, layer_data.first_net_buffer.data())
self.inject(fwps, values, copy)
out.absorb()
""", """
def completed(self, fwps, context, net_buffer_list, dispatch_level):
    super().completed(fwps, context, net_buffer_list, dispatch_level)
    WRONG
"""),
    "M47": doing("pass", "fwps.free_clone_net_buffer_list(clone, 0)", """
status, clone = fwps.allocate_clone_net_buffer_list(layer_data)  # M47
WRONG
out.permit()
"""),
    "M48": doing("2_000_000_000", "500_000_000", """
fwps.reference_net_buffer_list(layer_data, True)  # M48
fwps.set_timer(WRONG, fwps.dereference_net_buffer_list, layer_data, True)
out.absorb()
"""),
    "M49": case(cloning("""
status, second = fwps.allocate_clone_net_buffer_list(clone)
for one in WRONG:
    fwps.free_clone_net_buffer_list(one, 0)  # M49
""", wrong="(clone, second)", right="(second, clone)"), near_breaks=LOST),
    "M50": doing("2, fwps.INJECTION_TYPE_L2)  # M50", "None, fwps.INJECTION_TYPE_L2)", "out.permit()", OTHER_HANDLE),
    "M51": doing("None, fwps.INJECTION_TYPE_NETWORK)", "None, fwps.INJECTION_TYPE_L2)", SENDS, OTHER_HANDLE),
    "M52": doing("fwps.injection_handle_destroy(self.handle)", "pass", """
status, clone = self.clone(fwps, meta, layer_data)
fwps.queue_work(self.work, fwps, clone)
out.absorb()
""", """
def work(self, fwps, clone):
    WRONG
    status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, clone, self.completed, None)  # M52
    if status:
        fwps.free_clone_net_buffer_list(clone, 0)
"""),
    "M53": case(cloning("fwps.free_clone_net_buffer_list(clone, WRONG)  # M53", wrong="4", right="0"),
                near_breaks=LOST),
    "M54": doing("58", "59", """
        status, clone = self.clone(fwps, meta, layer_data)
        status = fwps.inject_mac_send_async(self.handle, None, 0, WRONG, 1, 0, clone, self.completed, None)  # M54
        if status:
            fwps.free_clone_net_buffer_list(clone, 0)
            out.block(hard=True)
        else:
            out.absorb()
        """, near_breaks=frozenset({"M02"})),
    "M55": doing("layer_data.net_buffer_list_info[10] = 1  # M55", "layer_data.net_buffer_list_info[5] = 1"),
    "M56": doing("fwps.dereference_net_buffer_list(layer_data, True)  # M56", "pass", """
        fwps.reference_net_buffer_list(layer_data, False)
        fwps.dereference_net_buffer_list(layer_data, True)
        WRONG
        out.permit()
        """),
    "M56a": doing("True", "False", OUT_OF_BAND, """
        def work(self, fwps, nbl, values):
            fwps.dereference_net_buffer_list(nbl, WRONG)  # M56a
        """),
    "M57": Case(trigger=copying("pass"), near=copying("fwps.copy_send_net_buffer_list_info(copy, layer_data)")),
    "M58": doing("12", "14", SPLIT, FREES_PARTS),
    "M59": Case(trigger=coalesced(CalloutFlag.FWP_CALLOUT_FLAG_ALLOW_URO), near=coalesced(NO_FLAGS)),
    "M60": doing("pass", "if head is None:\n    out.permit()\n    return", """
head = fwps.get_data_buffer(layer_data.first_net_buffer, 200, None)
WRONG
kind = head[12:14]  # M60
out.permit()
"""),
    "M61": doing("pass", "if not fwps.nt_success(status):\n    out.permit()\n    return", """
buffer = layer_data.first_net_buffer
status = fwps.retreat_net_buffer_data_start(buffer, 14)
WRONG
fwps.advance_net_buffer_data_start(buffer, 14)  # M61
out.permit()
""", layer=INBOUND_MAC_FRAME_ETHERNET, faults=(NO_RETREAT,)),
    "M62": Case(trigger=lent("on"), near=lent("off")),
    "X02": doing("pass", "fwps.reference_net_buffer_list(layer_data, True)", """
        WRONG
        fwps.queue_work(self.work, fwps, layer_data)
        out.absorb()
        """, """
        def work(self, fwps, nbl):
            status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, nbl, self.completed, None)  # X02

        def release(self, fwps, nbl):
            fwps.dereference_net_buffer_list(nbl, False)
        """),
    "X03": doing("57", "56", """
status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
buffer = clone.first_net_buffer
status = fwps.retreat_net_buffer_data_start(buffer, 14, 0, None)
buffer.write(0, b"\\x02" * 12 + b"\\x08\\x00")
inject = fwps.inject_mac_send_async if WRONG == 57 else fwps.inject_mac_receive_async
status = inject(self.handle, None, 0, WRONG, 1, 0, clone, self.completed, None)  # X03
out.absorb()
""", """
def release(self, fwps, nbl):
    fwps.advance_net_buffer_data_start(nbl.first_net_buffer, 14, True, None)
    fwps.free_clone_net_buffer_list(nbl, 0)
""", layer=INBOUND_MAC_FRAME_ETHERNET),
    "X04": doing("5_000", "46", """
status, clone = self.clone(fwps, meta, layer_data)
clone.first_net_buffer.data_length = WRONG
state = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, clone, self.completed, None)  # X04
out.absorb()
"""),
}
