"""F: loading, unloading, levels (M64 to M71), and scripts that fail (X01)."""

from __future__ import annotations

from pathlib import Path

from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE
from engine.wfp.types import CalloutFlag, FilterFlag
from tests.builders.engines import NO_FLAGS, TERMINATING, Bench, Run
from tests.builders.frames import received
from tests.builders.misuses.buffers import doing
from tests.builders.misuses.case import CLASSIFY, Case, Story, alone, body
from tests.builders.policies import calls


def unregistered(flags: FilterFlag) -> Story:
    """A terminating filter whose callout has no driver."""

    def story(folder: Path) -> Run:
        bench = Bench(folder)
        callout = bench.callout("nobody", script="", class_="", registered=False)
        bench.add(calls(callout, "nobody", layer=INBOUND_MAC_FRAME_NATIVE, action=TERMINATING, flags=flags))
        return bench.run(received())

    return story


WAITS_FOR_FLOWS = body("out.permit()", CLASSIFY + "  # M71")

CASES = {
    "M64": doing("pass", "super().stop(fwps)", "out.permit()", """
def start(self, fwps, config):
    status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)  # M64
    self.pool = fwps.allocate_net_buffer_list_pool(None)

def stop(self, fwps):
    WRONG
"""),
    "M65": doing("100_000_000_000", "1_000", "fwps.set_timer(WRONG, str)  # M65\nout.permit()"),
    "M66": Case(trigger=unregistered(FilterFlag(0)),
                near=unregistered(FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED), script=None,
                has_evidence=False),
    "M69": doing("self.work(fwps)", "fwps.queue_work(self.work, fwps)", more="""
def work(self, fwps):
    status, handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)  # M69
    fwps.injection_handle_destroy(handle)  # M69
"""),
    "M71": Case(trigger=alone(WAITS_FOR_FLOWS, INBOUND_MAC_FRAME_NATIVE,
                              flags=CalloutFlag.FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW),
                near=alone(WAITS_FOR_FLOWS, INBOUND_MAC_FRAME_NATIVE, flags=NO_FLAGS)),
    "X01": doing("int('x')  # X01", "int('1')"),
}
