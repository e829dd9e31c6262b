"""A: layers, filters, and injections that come round again (M01 to M10)."""

from __future__ import annotations

from pathlib import Path

from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders import policies
from tests.builders.engines import Bench, Run
from tests.builders.frames import sent
from tests.builders.misuses.case import CLASSIFY, Case, Story, among_anchors, body

ELSEWHERE = body("""
    status, clone = self.clone(fwps, meta, layer_data)
    status = fwps.inject_mac_send_async(self.handle, None, 0, LAYER, 1, 0, clone, self.completed, None)  # RULE
    out.absorb()
""")


def elsewhere(rule: str, layer: int, *, anchors: bool) -> Story:
    return among_anchors(ELSEWHERE.replace("RULE", rule).replace("LAYER", str(layer)), anchors=anchors)


ENDLESS = body("""
    state, _ = fwps.query_packet_injection_state(self.handle, layer_data)
    if STOPS:
        out.permit()
        return
    status, clone = self.clone(fwps, meta, layer_data)
    status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, clone, self.completed, None)  # M06
    out.absorb()
""", CLASSIFY + "  # M06")

NEVER_ASKS = body("""
    ASKS
    if layer_data.parent_net_buffer_list is not None:
        out.permit()
        return
    status, clone = self.clone(fwps, meta, layer_data)
    self.inject(fwps, values, clone)
    out.absorb()
""", CLASSIFY + "  # M07")

TWO_HANDLES = body("""
    state, _ = fwps.query_packet_injection_state(HANDLE, layer_data)  # M08
    if layer_data.parent_net_buffer_list is not None:
        out.permit()
        return
    status, clone = self.clone(fwps, meta, layer_data)
    self.inject(fwps, values, clone)
    out.absorb()
""", CLASSIFY, """
def start(self, fwps, config):
    super().start(fwps, config)
    status, self.second = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)

def stop(self, fwps):
    super().stop(fwps)
    fwps.injection_handle_destroy(self.second)
""")

TAKES_AGAIN = body("""
    state, _ = fwps.query_packet_injection_state(self.handle, layer_data)
    if state in OWN and layer_data.parent_net_buffer_listPARENT is not None:
        out.permit()
        return
    status, clone = self.clone(fwps, meta, layer_data)
    self.inject(fwps, values, clone)
    out.absorb()  # M09
""", CLASSIFY)

PING_PONG = body("""
    if not out.rights & fwps.RIGHT_ACTION_WRITE:
        return
    state, context = fwps.query_packet_injection_state(self.handle, layer_data)
    if state in OWN:
        out.permit()
        return
    status, one = MAKE
    status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, one, self.completed, None)  # M10
    out.absorb()
""", CLASSIFY)


def ping_pong(make: str) -> Story:
    def story(folder: Path) -> Run:
        bench = Bench(folder)
        for weight, name in ((20, "X"), (10, "Y")):
            sublayer = policies.a_sublayer_spec(name, weight=weight)
            bench.add(sublayer)
            bench.driver(PING_PONG.replace("MAKE", make), f"{name}.py")
            bench.calls(name, OUTBOUND_MAC_FRAME_ETHERNET, script=f"{name}.py", sublayer=policies.key_of(sublayer))
        return bench.run(sent(), loop_limit=3)

    return story


CASES = {
    "M01": Case(trigger=elsewhere("M01", 59, anchors=False), near=elsewhere("M01", 57, anchors=False),
                near_breaks=frozenset({"M07"})),
    "M02": Case(trigger=elsewhere("M02", 59, anchors=True), near=elsewhere("M02", 57, anchors=True)),
    "M06": Case(trigger=among_anchors(ENDLESS.replace("STOPS", "False")),
                near=among_anchors(ENDLESS.replace("STOPS", "state in OWN"))),
    "M07": Case(trigger=among_anchors(NEVER_ASKS.replace("ASKS", "pass")),
                near=among_anchors(NEVER_ASKS.replace(
                    "ASKS", "fwps.query_packet_injection_state(self.handle, layer_data)"))),
    "M08": Case(trigger=among_anchors(TWO_HANDLES.replace("HANDLE", "self.second")),
                near=among_anchors(TWO_HANDLES.replace("HANDLE", "self.handle"))),
    "M09": Case(trigger=among_anchors(TAKES_AGAIN.replace("PARENT", ".parent_net_buffer_list")),
                near=among_anchors(TAKES_AGAIN.replace("PARENT", ""))),
    "M10": Case(trigger=ping_pong("self.copy(fwps, layer_data.first_net_buffer.data())"),
                near=ping_pong("self.clone(fwps, meta, layer_data)"), script="X.py"),
}
