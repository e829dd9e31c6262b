"""C: the batch flag (M21 to M26)."""

from __future__ import annotations

from pathlib import Path

from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.types import CalloutFlag
from tests.builders import policies
from tests.builders.engines import BATCH, HEAD, INSPECTION, NO_FLAGS, Bench, Run
from tests.builders.frames import received, sent
from tests.builders.misuses.case import CLASSIFY, Case, Story, alone, body

THREE = tuple(received(number, time_ns=0) for number in (1, 2, 3))
READS = body("READ\nout.permit()", CLASSIFY + "  # M21")


def chain(read: str) -> Story:
    return alone(READS.replace("READ", read), INBOUND_MAC_FRAME_NATIVE, *THREE, flags=BATCH, rx_chain=3)


def calling(lines: str, flags: CalloutFlag) -> Story:
    return alone(body(lines + "\nout.block(hard=True)"), OUTBOUND_MAC_FRAME_ETHERNET, sent(), flags=flags)


CLONES = """
status, clone = fwps.allocate_clone_net_buffer_list(layer_data)  # M22
if clone is not None:
    fwps.free_clone_net_buffer_list(clone, 0)
"""
REFERENCES = """
fwps.reference_net_buffer_list(layer_data, True)  # M23
fwps.dereference_net_buffer_list(layer_data, True)  # M24
"""

FREES = body("""
    if layer_data.parent_net_buffer_list is None:
        out.permit()
        return
    fwps.free_clone_net_buffer_list(layer_data, 0)  # M25
    out.block(hard=True)
""", CLASSIFY)

VICTIM = body("""
    fwps.reference_net_buffer_list(layer_data, True)
    fwps.queue_work(self.work, fwps, layer_data)
    out.absorb()
""", more="""
def work(self, fwps, nbl):
    status, clone = fwps.allocate_clone_net_buffer_list(nbl)  # M26
    if not fwps.nt_success(status):
        BALANCE
        return
    fwps.dereference_net_buffer_list(nbl, False)
    fwps.free_clone_net_buffer_list(clone, 0)
""")


def victim(balance: str) -> Story:
    """The neighbour's batch flag taints the frame: the driver's clone is refused."""

    def story(folder: Path) -> Run:
        bench = Bench(folder)
        bench.script(f"{HEAD}class Batch(Callout):\n    {CLASSIFY}\n        pass\n", "batch.py")
        high, low = (policies.a_sublayer_spec(name, weight=weight) for name, weight in (("batch", 2), ("victim", 1)))
        bench.add(high, low)
        bench.calls("batch", script="batch.py", class_="Batch", flags=BATCH, action=INSPECTION,
                    sublayer=policies.key_of(high))
        bench.driver(VICTIM.replace("BALANCE", balance))
        bench.calls("driver", sublayer=policies.key_of(low))
        return bench.run(received())

    return story


def freeing(flags: CalloutFlag) -> Story:
    """A clone that another driver has injected meets a callout that frees it."""

    def story(folder: Path) -> Run:
        bench = Bench(folder)
        bench.driver(body("""
            status, clone = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, clone)
            out.absorb()
        """), "clones.py")
        bench.driver(FREES)
        high, low = (policies.a_sublayer_spec(name, weight=weight) for name, weight in (("clones", 2), ("driver", 1)))
        bench.add(high, low)
        bench.calls("clones", OUTBOUND_MAC_FRAME_ETHERNET, script="clones.py", sublayer=policies.key_of(high))
        bench.calls("driver", OUTBOUND_MAC_FRAME_ETHERNET, flags=flags, sublayer=policies.key_of(low))
        return bench.run(sent(), batch_taint_scope="own")

    return story


CASES = {
    "M21": Case(trigger=chain("head = layer_data.first_net_buffer.data()"),
                near=chain("all_of_them = [nbl.first_net_buffer.data() for nbl in each(layer_data)]")),
    "M22": Case(trigger=calling(CLONES, BATCH), near=calling(CLONES, NO_FLAGS)),
    "M23": Case(trigger=calling(REFERENCES, BATCH), near=calling(REFERENCES, NO_FLAGS)),
    "M24": Case(trigger=calling(REFERENCES, BATCH), near=calling(REFERENCES, NO_FLAGS)),
    "M25": Case(trigger=freeing(BATCH), near=freeing(NO_FLAGS), near_breaks=frozenset({"M18"})),
    "M26": Case(trigger=victim("pass"), near=victim("fwps.dereference_net_buffer_list(nbl, False)"),
                near_breaks=frozenset({"M22", "M23", "M24", "M56"})),
}
