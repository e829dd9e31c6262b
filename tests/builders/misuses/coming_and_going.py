"""A and F: filters and callouts that come and go, power and cost (M03 to M05, M20b, M27, M63 to M73)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.frames.frame import Frame
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_NATIVE
from tests.builders.drivers import OTHER, citizen
from tests.builders.engines import Run
from tests.builders.frames import sent
from tests.builders.misuses.case import CLASSIFY, Case, Story, alone, among_anchors, body
from tests.builders.misuses.completions import REFUSED
from tests.builders.policies import a_provider, guid, permit


def citizens(text: str, *frames: Frame, wrong: str, right: str, near_breaks: frozenset[str] = frozenset(),
             **options: Any) -> Case:
    """A driver of its own making; where WRONG stands, the one or the other."""

    def story(one: str) -> Story:
        return lambda folder: citizen(folder, text.replace("WRONG", one)).run(*(frames or (sent(1),)), **options)

    return Case(trigger=story(wrong), near=story(right), near_breaks=near_breaks)


DELETES = "fwps.filter_delete_by_key(self.engine, FILTER)"
QUEUES = """
def seen(self, fwps, values, meta, layer_data, out):
    fwps.reference_net_buffer_list(layer_data, True)
    fwps.queue_work(self.go, fwps, layer_data, values.INTERFACE_INDEX)
    out.absorb()

def go(self, fwps, original, interface):
    FIRST
    status, clone = fwps.allocate_clone_net_buffer_list(original, None, None, 0)
    fwps.dereference_net_buffer_list(original, False)
    status = fwps.inject_mac_send_async(self.handle, None, 0, 57, interface, 0, clone, self.completed, None)  # M03
    if not fwps.nt_success(status):
        fwps.free_clone_net_buffer_list(clone, 0)
    THEN
"""


def foreign(deletes: str) -> Story:
    """The driver deletes one of two filters, of which it has added the one."""

    def story(folder: Path) -> Run:
        bench = citizen(folder, f"""
        def away(self, fwps):
            status, engine = fwps.engine_open()
            {deletes}  # M05
            fwps.engine_close(engine)

        def seen(self, fwps, values, meta, layer_data, out):
            out.permit()
            fwps.queue_work(self.away, fwps)
        """)
        bench.add(a_provider("them", key=guid(3)))
        bench.add(permit("theirs", layer=OUTBOUND_MAC_FRAME_NATIVE, key=guid(9), provider=guid(3)))
        return bench.run(sent(1))

    return story


COUNTS = body("""
    status, clone = self.clone(fwps, meta, layer_data)
    self.out = getattr(self, "out", 0) + 1
    status = self.inject(fwps, values, clone)
    if fwps.nt_success(status):
        out.absorb()
    else:
        WRONG
        fwps.free_clone_net_buffer_list(clone, 0)
        out.block(hard=True)
""", more="""
def completed(self, fwps, context, net_buffer_list, dispatch_level):
    super().completed(fwps, context, net_buffer_list, dispatch_level)
    self.out -= 1

def drained(self):
    return not self.out

def stop(self, fwps):
    fwps.wait_until(self.drained)  # M20b
    super().stop(fwps)
""")


def counting(failure: str) -> Story:
    return among_anchors(COUNTS.replace("WRONG", failure), faults=(REFUSED,))


AGAIN = """
def install(self, fwps):
    fwps.callout_unregister_by_key(CALLOUT)
    fwps.callout_register(None, {"callout_key": KEY, "flags": 0x80, "version": VERSION})  # RULE
    super().install(fwps)

def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
    out.permit()

def stop(self, fwps):
    fwps.engine_close(self.engine)
    UNREGISTERS
    super(Citizen, self).stop(fwps)
"""


def registering(rule: str, wrong: str, right: str, near_breaks: frozenset[str] = frozenset(), **holes: str) -> Case:
    """The callout is registered a second time, at a line that can be named."""
    text = AGAIN.replace("RULE", rule)
    known = {"KEY": "CALLOUT", "VERSION": "2", "UNREGISTERS": "fwps.callout_unregister_by_key(KEY)"} | holes
    for hole in ("UNREGISTERS", "KEY", "VERSION"):
        text = text.replace(hole, known[hole])
    return citizens(text, wrong=wrong, right=right, near_breaks=near_breaks)


UNREGISTERS = """
def stop(self, fwps):
    fwps.engine_close(self.engine)
    while fwps.callout_unregister_by_key(CALLOUT):  # M67
        WRONG
    super(Citizen, self).stop(fwps)
"""
NOTIFIES = """
def notify(self, fwps, notify_type, filter_key, filter):  # M68
    return WRONG
"""
BUSY = {"call": "FwpsCalloutUnregisterByKey0", "nth": 1, "status": "0x80000011"}
TURNS = body("for turn in range(WRONG):\n    pass\nout.permit()", CLASSIFY + "  # M70")
POWER = body("""
    self.fwps = fwps
    fwps.reference_net_buffer_list(layer_data, True)  # M73
    self.queue.append(layer_data)
    out.absorb()
""", more="""
def start(self, fwps, config):
    super().start(fwps, config)
    self.queue = []
    self.callback = fwps.register_power_callback(WRONG)

def drop(self, leaving):
    while self.queue:
        self.fwps.dereference_net_buffer_list(self.queue.pop(), False)

def stop(self, fwps):
    self.drop(True)
    fwps.unregister_power_callback(self.callback)
    super().stop(fwps)
""")


def asleep(callback: str) -> Story:
    frames = [sent(number, time_ns=number * 1_000_000) for number in (1, 2, 3)]
    sleeps = {"do": "leave_s0", "frame": 3, "for_ns": 1_000}
    return among_anchors(POWER.replace("WRONG", callback), OUTBOUND_MAC_FRAME_ETHERNET, *frames, faults=(sleeps,))


PAUSED = body("""
    state, context = fwps.query_packet_injection_state(self.handle, layer_data)
    if state in OWN:
        out.permit()
        return
    status, clone = fwps.allocate_clone_net_buffer_list(layer_data)
    fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, clone, self.completed, None)  # X05
    out.absorb()
""")


def paused(delay_ns: int) -> Story:
    """The completion of an injection comes late, and its module is to restart meanwhile."""
    frames = [sent(1), sent(2, time_ns=1_000_100_000)]
    late = {"do": "delay_completion", "nth": 1, "ns": delay_ns}
    restarts = {"do": "restart_module", "module": "802.3", "frame": 2}
    return among_anchors(PAUSED, OUTBOUND_MAC_FRAME_ETHERNET, *frames, faults=(late, restarts))


CASES = {
    "M03": citizens(QUEUES.replace("FIRST", "WRONG").replace("THEN", "pass"), wrong=DELETES, right="pass"),
    "M04": citizens(QUEUES.replace("FIRST", "pass").replace("THEN", "WRONG"), wrong=DELETES + "  # M04",
                    right="fwps.wait_until(lambda: self.completed_with)\n    " + DELETES),
    "M05": Case(trigger=foreign(f"fwps.filter_delete_by_key(engine, {guid(9)!r})"), near=foreign(DELETES)),
    "M20b": Case(trigger=counting("pass"), near=counting("self.out -= 1")),
    "M27": replace(registering("M27", "1", "2", VERSION="WRONG"), has_evidence=False),
    "M63": registering("M63", "pass", "fwps.callout_unregister_by_key(CALLOUT)", UNREGISTERS="WRONG"),
    "M67": citizens(UNREGISTERS, wrong="break", right="pass", faults=(BUSY,)),
    "M68": citizens(NOTIFIES, wrong="0xC0000001 if notify_type == 1 else 0", right="0"),
    "M70": Case(trigger=alone(TURNS.replace("WRONG", "6_000"), INBOUND_MAC_FRAME_NATIVE),
                near=alone(TURNS.replace("WRONG", "4_000"), INBOUND_MAC_FRAME_NATIVE)),
    "M72": registering("M72", repr(OTHER), "CALLOUT", KEY="WRONG"),
    "X05": Case(trigger=paused(12_000_000_000), near=paused(9_000_000_000), near_breaks=frozenset({"M48"})),
    "M73": Case(trigger=asleep("str"), near=asleep("self.drop")),
}
