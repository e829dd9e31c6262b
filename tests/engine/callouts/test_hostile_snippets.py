"""Random hostile scripts: the engine survives, the next frame goes on, and a second run has the same trace."""

from __future__ import annotations

import ast
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import indent

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE
from tests.builders.engines import HEAD, UNKNOWN, Bench, Run, assert_whole
from tests.builders.frames import received

values = st.sampled_from([
    "0", "10**6", "'ab'", "b'ab'", "[1, 2]", "None", "layer_data", "out", "fwps", "self", "values", "filter_", "meta",
    "(lambda *a: a)", "range(10**12)", "itertools.count()", "itertools.cycle('ab')", "layer_data.first_net_buffer",
    "layer_data.first_net_buffer.data()", "1 << 4000", "{1: 2}", "frozenset('ab')", "type(fwps)", "Callout", "json",
    "StrangeNumber(3)", "Strange()", "iter(int, 1)", "object()", "ValueError('x')", "1.5", "'%s' * 9", "bytearray(9)",
])
expressions = st.recursive(values, lambda inner: st.one_of(
    st.tuples(st.sampled_from(["{} + {}", "{} * {}", "{} ** {}", "{} << {}", "{} % {}", "{} in {}", "{} == {}",
                               "{} < {}", "({}, {})", "getattr({}, str({}))", "zip({}, {})", "map({}, {})"]),
              inner, inner).map(lambda one: "(" + one[0].format(one[1], one[2]) + ")"),
    st.tuples(st.sampled_from(["sum", "list", "max", "len", "bytes", "sorted", "set", "repr", "str", "hash", "int",
                               "''.join", "next", "any", "iter", "range", "tuple", "dir", "vars", "type", "format",
                               "fwps.free_mdl", "fwps.queue_work", "out.block", "fwps.nt_success", "json.dumps",
                               "fwps.reference_net_buffer_list", "fwps.injection_handle_destroy", "'{:>9}'.format",
                               "layer_data.first_net_buffer.write", "fwps.allocate_net_buffer_list_pool"]),
              inner).map(lambda one: f"{one[0]}({one[1]})"),
    inner.map(lambda one: f"[x for x in {one}]"),
    inner.map(lambda one: f"f'{{{one}!r:>20}}'" if "'" not in one and "{" not in one else one),
), max_leaves=6)
statements = st.one_of(
    expressions,
    expressions.map("x = {}".format),
    st.tuples(st.sampled_from(["x", "self.x", "self.d['x']"]), st.sampled_from(["+=", "*=", "**=", "<<=", "%="]),
              expressions).map(" ".join),
    st.tuples(st.sampled_from(["fwps.x", "out.flags", "layer_data.next", "self.__class__", "Callout.x", "json.loads",
                               "values.x", "type(out).permit", "layer_data.first_net_buffer.next"]),
              expressions).map(" = ".join),
    expressions.map("raise {}".format),
    expressions.map("while True:\n    {}".format),
    expressions.map("for x in itertools.count():\n    {}".format),
    expressions.map("try:\n    {}\nexcept BaseException:\n    while True:\n        pass".format),
    expressions.map("def again():\n    {}\n    again()\nagain()".format),
)
bodies = st.lists(statements, min_size=1, max_size=5).map("\n".join)

TOP = HEAD + """
import itertools, json

class Strange:
    def __getattr__(self, name): raise SystemExit
    def __repr__(self): raise SystemExit
    def __eq__(self, other): raise KeyError
    def __hash__(self): raise SystemExit
    def __len__(self): return 10**12
    def __iter__(self): return self
    def __next__(self): return self
    def __index__(self): raise KeyboardInterrupt

class StrangeNumber(int):
    def __repr__(self): raise SystemExit
    def __int__(self): raise SystemExit
    def __mul__(self, other): return self
    def __index__(self): raise SystemExit
    def __format__(self, spec): raise SystemExit
"""


def ran(folder: Path, body: str) -> Run:
    bench = Bench(folder)
    bench.script(f"{TOP}class Driver(Callout):\n    x = 1\n    d = {{'x': 1}}\n"
                 "    def classify(self, fwps, values, meta, layer_data, classify_context, filter_, flow, out):\n"
                 f"        x = 1\n{indent(body, ' ' * 8)}\n")
    bench.calls("calls", INBOUND_MAC_FRAME_NATIVE, action=UNKNOWN)
    return bench.run(received(1), received(2), callout_step_limit=2_000, callout_memory_limit_mb=16)


@settings(max_examples=150, deadline=None)
@given(bodies)
def test_random_hostile_scripts_end_and_the_next_frame_goes_on_the_same_in_every_run(body: str) -> None:
    ast.parse(body)
    with TemporaryDirectory() as folder:
        first, second = ran(Path(folder), body), ran(Path(folder), body)

    assert_whole(first)
    assert first.outcomes.keys() == {1, 2}
    assert len(first.of(ev.CalloutReturned)) >= 2
    assert first.lines == second.lines
