"""Drivers that register and manage by themselves, and what they come to.

`Citizen` registers its callout, adds its sublayer and its filter in a dynamic session, and unloads in the order of T11.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET, Layer
from tests.builders.engines import TOOLS, Bench, Run
from tests.builders.policies import guid

CALLOUT, FILTER, SUBLAYER, OTHER = guid(0xCA), guid(0xF1), guid(0x5B), guid(0xCB)

CITIZEN = TOOLS + f"\nCALLOUT, FILTER, SUBLAYER = {CALLOUT!r}, {FILTER!r}, {SUBLAYER!r}\n" + '''

class Citizen(Driver):
    """Clones what is sent and injects it; everything of its own making."""

    registers_itself = True
    session = {"flags": 1}
    version, flags, key, flow_delete_fn = 2, 0, CALLOUT, None

    def start(self, fwps, config):
        super().start(fwps, config)
        self.statuses = []
        self.say(fwps.callout_register(None, {"callout_key": self.key, "flags": self.flags, "version": self.version,
                                              "flow_delete_fn": self.flow_delete_fn})[0])
        status, self.engine = fwps.engine_open(None, 10, None, self.session)
        self.say(status)
        self.install(fwps)

    def say(self, status):
        self.statuses.append(f"0x{status:08X}")

    def install(self, fwps):
        self.say(fwps.transaction_begin(self.engine, 0))
        self.say(fwps.sub_layer_add(self.engine, {"key": SUBLAYER, "name": "its own", "weight": 900}, None))
        status, self.filter_id = fwps.filter_add(self.engine, self.filter(), None)
        self.say(status)
        self.say(fwps.transaction_commit(self.engine))

    def filter(self):
        return {"key": FILTER, "name": "its filter", "layer": LAYER, "sublayer": SUBLAYER,
                "action": "FWP_ACTION_CALLOUT_TERMINATING", "callout": CALLOUT}

    def seen(self, fwps, values, meta, layer_data, out):
        status, clone = self.clone(fwps, meta, layer_data)
        status = self.inject(fwps, values, clone)
        if fwps.nt_success(status):
            out.absorb()
        else:
            fwps.free_clone_net_buffer_list(clone, 0)
            out.block(hard=True)

    def stop(self, fwps):
        self.say(fwps.engine_close(self.engine))
        self.say(fwps.callout_unregister_by_key(self.key))
        super().stop(fwps)
'''


def citizen(folder: Path, body: str = "", layer: Layer = OUTBOUND_MAC_FRAME_ETHERNET) -> Bench:
    """A policy with nothing but the management callout of a `Citizen`, changed by `body`."""
    bench = Bench(folder)
    own = indent(dedent(body) or "pass\n", "    ")
    bench.script(CITIZEN + f"\n\nLAYER = {layer.name!r}\n\n\nclass Driver(Citizen):\n" + own)
    bench.callout("its callout", layer, key=CALLOUT)
    return bench


def statuses(run: Run) -> list[str]:
    """What the driver's calls came to, from its own notes."""
    (driver,) = run.engine._host.drivers.values()
    (instance,) = {id(one): one for one in driver.instances.values()}.values()
    return list(instance.statuses)  # type: ignore[attr-defined]
