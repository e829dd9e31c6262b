"""An injecting driver among anchors: permit-only callouts that stand where injections must be completed."""

from __future__ import annotations

from pathlib import Path

from engine.trace import events as ev
from engine.wfp.layers import (
    INBOUND_MAC_FRAME_NATIVE,
    LAYERS,
    OUTBOUND_MAC_FRAME_ETHERNET,
    Layer,
)
from tests.builders import policies
from tests.builders.engines import UNKNOWN, Bench, Run
from tests.builders.frames import received, sent

CLONE_AND_INJECT = """
    at_ip_header = {at_ip_header}
    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        status = self.inject(fwps, values, clone)
        if fwps.nt_success(status):
            out.absorb()
        else:
            fwps.free_clone_net_buffer_list(clone, 0)
            out.block(hard=True)
"""

ANCHOR = '''
from engine.callouts import Callout

class Anchor(Callout):
    """The permit-only callout that stands at a layer so that injections there are completed."""
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()
'''


def injecting(
    folder: Path, body: str, layer: Layer = OUTBOUND_MAC_FRAME_ETHERNET, *, anchors: bool = True, config: object = None
) -> Bench:
    """A driver at one layer; anchors of another vendor at every layer."""
    bench = Bench(folder)
    bench.driver(body)
    bench.calls("driver", layer, config=config)
    if anchors:
        bench.script(ANCHOR, "anchor.py")
        for one in LAYERS:
            sublayer = policies.a_sublayer_spec(f"anchor {one.id}", weight=one.id)
            bench.add(sublayer)
            bench.calls(
                f"anchor {one.id}",
                one,
                script="anchor.py",
                class_="Anchor",
                action=UNKNOWN,
                sublayer=policies.key_of(sublayer),
            )
    return bench


def seeing(folder: Path, body: str, layer: Layer = INBOUND_MAC_FRAME_NATIVE, *frames: object, **members: object) -> Run:
    """Run a callout whose `seen` has this body."""
    bench = Bench(folder)
    lines = "\n".join("    " + line for line in body.strip().splitlines())
    bench.driver(f"def seen(self, fwps, values, meta, layer_data, out):\n{lines}\n")
    bench.calls("driver", layer, action=UNKNOWN, **members)
    return bench.run(*(frames or [received() if layer.direction == "inbound" else sent()]))


FRAME = 1


QUIET = (ev.SublayerEntered, ev.SublayerDecided, ev.FilterTested, ev.FilterDecided, ev.ActionArbitrated)


def story(run: Run) -> list[str]:
    """Kinds of the frame's own lineage, without the walk through filters."""
    return run.kinds(*QUIET, frame=FRAME)
