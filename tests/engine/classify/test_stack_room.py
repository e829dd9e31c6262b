"""The kernel sees how deep in a script it is called: at the end of a recursion nothing is begun that has no end."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.classify.kernel import pools
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE
from tests.builders.engines import HEAD, UNKNOWN, Bench
from tests.builders.frames import received

CALLS = {
    "from classify": ("fwps.allocate_net_buffer_list_pool(None)", 0),
    "from a function of it": ("self.f(fwps)", 0),
    "from a recursion": ("self.g(fwps, 9)", 1),
    "through a library": ("import functools; functools.reduce(lambda a, b: self.f(fwps), [1, 2])", 0),
    "from a recursion through a guard": ("getattr(Through(fwps), 'join')", 1),
    "from a recursion through a library": ("import copy; copy.copy(Copied(fwps))", 1),
}


@pytest.mark.parametrize(("body", "probes"), CALLS.values(), ids=CALLS.keys())
def test_the_stack_is_probed_where_a_script_may_have_filled_it(
        body: str, probes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probed: list[int] = []
    monkeypatch.setattr(pools, "need_room", probed.append)
    bench = Bench(tmp_path)
    bench.script(f"""{HEAD}
class Through:
    def __init__(self, fwps): self.fwps = fwps
    @property
    def join(self): self.fwps.allocate_net_buffer_list_pool(None)

class Copied(Through):
    def __copy__(self): self.join

class Driver(Callout):
    def f(self, fwps): fwps.allocate_net_buffer_list_pool(None)
    def g(self, fwps, left): self.g(fwps, left - 1) if left else self.f(fwps)
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        {body}
""")
    bench.calls("calls", INBOUND_MAC_FRAME_NATIVE, action=UNKNOWN)
    run = bench.run(received())

    assert run.failures == []
    assert probed == [pools.STACK_ROOM] * probes
