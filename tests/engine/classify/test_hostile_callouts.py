"""Callouts that mean harm, or are merely broken: the run goes on, the trace stays whole, and each is named.

Loops in C code and ways out of a script have their tests beside `engine/callouts/guards.py`, which says what is left.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from tests.builders.engines import HEAD, UNKNOWN, Bench, Run, assert_whole
from tests.builders.frames import received, sent

LIMIT = 2_000


def classifying(body: str) -> str:
    lines = "\n".join("        " + line for line in body.strip().splitlines())
    return (
        f"{HEAD}class Driver(Callout):\n"
        "    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):\n"
        f"{lines}\n"
    )


def run_script(folder: Path, script: str, count: int = 2, **options: object) -> Run:
    bench = Bench(folder)
    bench.script(script)
    bench.calls("calls", INBOUND_MAC_FRAME_NATIVE, action=UNKNOWN)
    run = bench.run(*(received(number) for number in range(1, count + 1)), callout_step_limit=LIMIT, **options)
    assert_whole(run)
    return run


ENDLESS = {
    "while": "while True:\n    pass",
    "for over a count": "import itertools\nfor i in itertools.count():\n    pass",
    "a comprehension": "import itertools\n[i for i in itertools.count()]",
    "a comprehension that keeps nothing": "import itertools\n[i for i in itertools.count() if i < 0]",
    "a set comprehension": "import itertools\n{i for i in itertools.repeat(1)}",
    "a dict comprehension": "import itertools\n{i: i for i in itertools.repeat(1)}",
    "a generator consumed by C": "import itertools\nsum(i for i in itertools.count())",
    "a generator function": "def g():\n    while True:\n        yield 1\nsum(g())",
    "a lambda": "import itertools\nlist(map(lambda i: i, itertools.count()))",
    "a predicate": "import itertools\nnext(filter(lambda i: False, itertools.count()))",
    "swallowing everything inside": "while 1:\n  try:\n    while 1:\n      pass\n  except:\n    pass",
    "swallowing everything around": "while 1:\n  try:\n    raise ValueError\n  except BaseException:\n    continue",
    "for ever in finally": "try:\n    pass\nfinally:\n    while True:\n        pass",
    "recursion that swallows": "def f():\n    try:\n        f()\n    except:\n        f()\nf()",
    "for else": "while True:\n    for i in ():\n        pass\n    else:\n        continue",
    "a class body": "class A:\n    while True:\n        pass",
    "mutual recursion through C": "def f():\n  return max([1], key=lambda one: g())\ndef g():\n  return f()\nf()",
    "an iterator of its own": "class I:\n  def __iter__(self): return self\n  def __next__(self): return 1\nlist(I())",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS.keys())
def test_an_endless_loop_ends_and_the_frame_goes_on(body: str, tmp_path: Path) -> None:
    run = run_script(tmp_path, classifying(body))

    assert len(run.failures) == 2
    assert set(run.rules) == {"X01"}
    assert run.outcomes == {1: "delivered", 2: "delivered"}


RAISES = {
    "an exception": "raise ValueError('no')",
    "SystemExit": "raise SystemExit(3)",
    "sys.exit": "import sys\nsys.exit()",
    "GeneratorExit": "raise GeneratorExit",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "KeyboardInterrupt by its instance": "raise KeyboardInterrupt('now')",
    "StopIteration": "raise StopIteration",
    "recursion": "def f():\n    f()\nf()",
    "an assertion": "assert False",
    "a hostile text": "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E",
    "an endless text": "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
    "a text that is no text": "class E(Exception):\n    def __str__(self): return 7\nraise E",
    "a text of lines": "class E(Exception):\n    def __str__(self): return 'a\\n' * 10**6\nraise E",
    "a text of half surrogates": "raise ValueError('\\ud800')",
    "a lying text class": "class S(str):\n    def split(self, *a): raise SystemExit\n"
    "class E(Exception):\n    def __str__(self): return S('x')\nraise E",
    "a lying class name": "class M(type):\n    @property\n    def __name__(cls): raise SystemExit\n"
    "class E(Exception, metaclass=M): pass\nraise E",
    "a name of lines": "raise type('A\\nB' * 10000, (Exception,), {})",
    "a lying traceback": "class E(Exception):\n    @property\n    def __traceback__(self): raise SystemExit\nraise E",
    "an address": "raise ValueError(object())",
    "an exception group": "raise BaseExceptionGroup('g', [SystemExit(), ValueError()])",
    "a chain of exceptions": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e",
}


@pytest.mark.parametrize("body", RAISES.values(), ids=RAISES.keys())
def test_whatever_a_callout_raises_is_told_in_a_bounded_line(body: str, tmp_path: Path) -> None:
    run = run_script(tmp_path, classifying(body))

    assert len(run.failures) == 2
    assert run.rules == ["X01", "X01"]
    assert all(len(error) < 400 and "\n" not in error for error in run.failures)
    assert run.outcomes == {1: "delivered", 2: "delivered"}


def test_a_failure_names_the_line_of_the_script_and_leaves_classify_out_untouched(tmp_path: Path) -> None:
    run = run_script(tmp_path, classifying("out.absorb()\nout.flags = 3\nraise ValueError('after absorb')"), count=1)

    failed, returned, ended = run.one(ev.CalloutFailed), run.one(ev.CalloutReturned), run.one(ev.ClassifyEnded)
    assert (failed.driver, failed.function, failed.error) == ("driver", "classify", "ValueError: after absorb")
    assert failed.traceback == ("driver.py:7 in classify: raise ValueError('after absorb')",)
    assert (returned.action, returned.rights, returned.flags) == ("FWP_ACTION_CONTINUE", True, 0)
    assert ended.action == "FWP_ACTION_PERMIT"
    assert run.one(ev.RuleBroken).line == "driver.py:7"


@pytest.mark.parametrize("method", ["start", "notify", "stop"])
def test_a_failure_outside_of_classify_is_told_and_the_run_goes_on(method: str, tmp_path: Path) -> None:
    run = run_script(
        tmp_path, f"{HEAD}class Driver(Callout):\n    def {method}(self, *args):\n        while True: pass\n"
    )

    assert [event.function for event in run.of(ev.CalloutFailed)] == [method]
    expected = "blocked" if method == "start" else "delivered"  # C21: nobody has registered it
    assert run.outcomes == {1: expected, 2: expected}


def test_failures_in_completions_and_in_workers_are_told_and_the_run_goes_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver("""
        def seen(self, fwps, values, meta, layer_data, out):
            status, clone = self.clone(fwps, meta, layer_data)
            self.inject(fwps, values, clone)
            fwps.queue_work(self.works)
            fwps.set_timer(1000, self.works)
            out.absorb()

        def works(self):
            raise SystemExit

        def completed(self, fwps, context, net_buffer_list, dispatch_level):
            while True:
                pass
    """)
    bench.calls("calls", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent(), callout_step_limit=LIMIT)

    assert_whole(run)
    assert sorted(event.function for event in run.of(ev.CalloutFailed)) == ["completed", "works", "works"]
    assert run.rules.count("X01") == 3
    assert "M47" in run.rules


WRONG_ARGUMENTS = """
import itertools
class Strange:
    def __getattr__(self, name): raise SystemExit
    def __int__(self): raise SystemExit
    def __repr__(self): raise SystemExit
class Number(int):
    def __int__(self): raise SystemExit
    def __repr__(self): raise SystemExit
    def __lt__(self, other): raise SystemExit
nb = layer_data.first_net_buffer
mdl = nb.mdl_chain
bad = [None, -1, 1.5, 'text', b'bytes', [], {}, object(), Strange(), 10**100, True, layer_data, nb, mdl, fwps,
       Number(3), bytearray(3), lambda: 0, Strange]
names = [name for name in dir(type(fwps)) if not name.startswith('_')]
for name in names:
    function = getattr(fwps, name)
    for size in range(0, 10):
        for value in bad:
            try:
                function(*[value] * size)
            except BaseException as e:
                if type(e).__name__ == 'StepLimitExceeded':
                    raise
for view in (layer_data, nb, mdl, out, filter, meta, values, fwps):
    for name in dir(type(view)) + ['anything']:
        if name.startswith('_'):
            continue
        for value in bad:
            try:
                setattr(view, name, value)
            except BaseException as e:
                if type(e).__name__ == 'StepLimitExceeded':
                    raise
for a, b in itertools.product(bad, bad):
    for function in (nb.write, mdl.write, nb.data, values.__getitem__, layer_data.net_buffer_list_info.__setitem__,
                     layer_data.net_buffer_list_info.__getitem__):
        for arguments in ((), (a,), (a, b)):
            try:
                function(*arguments)
            except BaseException as e:
                if type(e).__name__ == 'StepLimitExceeded':
                    raise
"""


def test_wrong_arguments_to_every_function_and_member_break_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(classifying(WRONG_ARGUMENTS))
    bench.calls("calls", INBOUND_MAC_FRAME_NATIVE, action=UNKNOWN)
    run = bench.run(received(1), received(2), callout_step_limit=10**7)

    assert_whole(run)
    assert "classify" not in [event.function for event in run.of(ev.CalloutFailed)]
    assert run.outcomes.keys() == {1, 2}


@pytest.mark.parametrize(
    "line",
    [
        "import engine.classify",
        "import gui",
        "import engine",
        "from engine import classify",
        "from engine.callouts import loader",
        "from engine.callouts import views, Callout",
        "import engine.callouts.api",
        "from engine.callouts.api import Mortal",
        "import gui.app",
        "import engine.callouts",
    ],
)
def test_nothing_but_the_callout_api_can_be_imported(line: str, tmp_path: Path) -> None:
    run = run_script(tmp_path, classifying(line), count=1)

    assert run.failures[0].startswith("ImportError")


def test_the_arguments_cannot_be_changed(tmp_path: Path) -> None:
    run = run_script(
        tmp_path,
        classifying("""
changed = []
for thing, name in ((fwps, 'STATUS_SUCCESS'), (fwps, 'free_mdl'), (values, 'NDIS_PORT'), (meta, 'frame_length'),
                    (out, 'anything'), (filter, 'weight'), (layer_data, 'child_ref_count'), (layer_data, 'anything')):
    try:
        setattr(thing, name, 1)
        changed.append(name)
    except AttributeError:
        pass
assert changed == []
"""),
        count=1,
    )

    assert run.failures == []


def test_arguments_used_after_the_return_are_noticed_and_still_answer(tmp_path: Path) -> None:
    run = run_script(
        tmp_path,
        HEAD
        + """
class Driver(Callout):
    kept = None
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if self.kept:
            old_values, old_filter, old_out, old_meta = self.kept
            assert old_values.NDIS_PORT == 0
            assert old_filter.filter_id == filter.filter_id
            old_out.action_type = int(Action.BLOCK)
            old_meta.frame_length
        self.kept = values, filter, out, meta
""",
    )

    assert run.failures == []
    assert run.rules == ["M37", "M37", "M37", "M37"]
    assert run.outcomes == {1: "delivered", 2: "delivered"}


def test_the_memory_behind_an_mdl_cannot_be_resized(tmp_path: Path) -> None:
    run = run_script(
        tmp_path,
        classifying("""
memory = bytearray(60)
mdl = fwps.allocate_mdl(None, memory, 60)
try:
    del memory[10:]
finally:
    fwps.free_mdl(mdl)
    memory.clear()
"""),
        count=1,
    )

    assert run.failures[0].startswith("BufferError")
    assert run.rules == ["X01"]
