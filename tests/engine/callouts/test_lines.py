"""A script's lines as steps: each in its order, with what changed, and without any effect on the script itself."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.callouts.instrument import instrument
from engine.callouts.line_hooks import hooked_lines
from engine.frames.capture import open_capture
from engine.trace import events as ev
from engine.trace.trace import Record
from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.policy_file import load_policy
from tests.builders.engines import HEAD, INSPECTION, Bench, Run, run
from tests.builders.frames import received, sent
from tests.scenarios.stories import SAMPLES, SEED

LINES = (ev.LineExecuted, ev.FunctionReturned, ev.LinesLeftOut)
CLASSIFY = "def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):"


def recorded(folder: Path, body: str, *, before: str = "", **options: object) -> Run:
    """One frame through a callout whose `classify` has this body, lines on."""
    bench = Bench(folder)
    inside = "\n".join(f"        {line}" if line else "" for line in dedent(body).strip().splitlines())
    bench.script(f"{HEAD}{dedent(before)}\nclass Driver(Callout):\n    {CLASSIFY}\n{inside}\n")
    bench.calls("asks", action=INSPECTION)
    return bench.run(received(1), record_lines="on", **options)


def told(run: Run) -> list[tuple[int, str, dict[str, str]]]:
    """`(level, text or what came back, locals that changed)` of one classify, without its arguments."""
    given_names = {"self", "values", "meta", "layer_data", "classify_context", "filter", "flow_context", "out"}
    found = []
    for event in run.events:
        if isinstance(event, ev.LineExecuted | ev.FunctionReturned):
            text = event.text if isinstance(event, ev.LineExecuted) else f"= {event.raised or event.value}"
            found.append((event.level, text, {k: v for k, v in event.locals.items() if k not in given_names}))
    return found


def test_each_line_comes_before_it_runs_with_what_the_line_before_changed(tmp_path: Path) -> None:
    run = recorded(
        tmp_path,
        """
        count = 2
        while count:
            count -= 1
        if count:
            pass
        elif not count:
            name = "x"
        try:
            1 / count
        except ZeroDivisionError as error:
            del name
        return 7
        """,
    )

    assert told(run) == [
        (0, "count = 2", {}),
        (0, "while count:", {"count": "2"}),
        (0, "count -= 1", {}),
        (0, "while count:", {"count": "1"}),
        (0, "count -= 1", {}),
        (0, "while count:", {"count": "0"}),
        (0, "if count:", {}),
        (0, "elif not count:", {}),
        (0, 'name = "x"', {}),
        (0, "try:", {"name": "'x'"}),
        (0, "1 / count", {}),
        (0, "del name", {"error": "<ZeroDivisionError>"}),
        (0, "return 7", {"name": "", "error": ""}),
        (0, "= 7", {}),
    ]


def test_functions_of_the_script_are_a_level_deeper_and_recursions_keep_their_own_locals(tmp_path: Path) -> None:
    run = recorded(
        tmp_path,
        "total = add(1)",
        before="""
        def add(depth):
            \"\"\"Adds.\"\"\"
            if depth < 2:
                return depth + add(depth + 1)
            return depth
        """,
    )

    assert told(run) == [
        (0, "total = add(1)", {}),
        (1, "if depth < 2:", {"depth": "1"}),
        (1, "return depth + add(depth + 1)", {}),
        (2, "if depth < 2:", {"depth": "2"}),
        (2, "return depth", {}),
        (2, "= 2", {}),
        (1, "= 3", {}),
        (0, "= None", {"total": "3"}),
    ]
    steps = run.of(ev.LineExecuted)
    assert [step.call - steps[0].call for step in steps] == [0, 1, 1, 2, 2]


def test_a_function_that_raises_says_so_and_the_failure_follows(tmp_path: Path) -> None:
    run = recorded(tmp_path, "fail()", before="def fail():\n    raise ValueError('no')\n")

    assert told(run) == [
        (0, "fail()", {}),
        (1, "raise ValueError('no')", {}),
        (1, "= ValueError", {}),
        (0, "= ValueError", {}),
    ]
    kinds = run.kinds()
    assert kinds[kinds.index("CalloutFailed") - 1] == "FunctionReturned"
    assert run.one(ev.CalloutFailed).traceback == (
        "driver.py:8 in classify: fail()", "driver.py:4 in fail: raise ValueError('no')")  # fmt: skip


def test_generators_lambdas_and_closures_are_followed_by_their_lines(tmp_path: Path) -> None:
    run = recorded(
        tmp_path,
        """
        def inner():
            nonlocal seen
            seen += 1
        seen = 0
        for item in twice(3):
            inner()
        (lambda: inner())()
        """,
        before="""
        def twice(value):
            yield value
            yield value + 1
        """,
    )

    assert [(level, text) for level, text, _ in told(run)] == [
        (0, "def inner():"),
        (0, "seen = 0"),
        (0, "for item in twice(3):"),
        (1, "yield value"),
        (0, "inner()"),
        (1, "seen += 1"),
        (1, "= None"),
        (1, "yield value + 1"),
        (0, "inner()"),
        (1, "seen += 1"),
        (1, "= None"),
        (0, "(lambda: inner())()"),
        (1, "seen += 1"),
        (1, "= None"),
        (0, "= None"),
    ]


def test_what_a_line_calls_follows_it_one_deeper(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.driver(
        """
        def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
            self.take(fwps, layer_data)
            fwps.dereference_net_buffer_list(layer_data, False)

        def take(self, fwps, nbl):
            fwps.reference_net_buffer_list(nbl, False)
        """
    )
    bench.calls("asks", OUTBOUND_MAC_FRAME_ETHERNET, action=INSPECTION)
    run = bench.run(sent(1), record_lines="on")

    start = next(n for n, record in enumerate(run.records) if isinstance(record.event, ev.CalloutEntered))
    called = run.records[start]
    shown = []
    for record in run.records[start:]:
        shown.append((record.depth - called.depth, type(record.event).__name__))
        if isinstance(record.event, ev.CalloutReturned):
            break
    assert shown == [
        (0, "CalloutEntered"),
        (1, "LineExecuted"),
        (2, "LineExecuted"),
        (3, "NblReferenced"),
        (2, "FunctionReturned"),
        (1, "LineExecuted"),
        (2, "NblDereferenced"),
        (1, "FunctionReturned"),
        (0, "CalloutReturned"),
    ]


def without_lines(run: Run) -> list[tuple[int, int, int, ev.TraceEvent]]:
    def bare(record: Record) -> ev.TraceEvent:
        event = record.event
        if isinstance(event, ev.SessionBegan):
            return msgspec.structs.replace(event, options={})
        return msgspec.structs.replace(event, evidence=()) if isinstance(event, ev.RuleBroken) else event

    return [(record.frame, record.time_ns, record.irql, bare(record))
            for record in run.records if not isinstance(record.event, LINES)]  # fmt: skip


def story(name: str, **options: str) -> Run:
    with open_capture(SAMPLES / name / "capture.pcapng") as capture:
        return run(load_policy(SAMPLES / name / "policy.json"), list(capture), seed=SEED, **options)


STORIES = sorted(folder.name for folder in SAMPLES.iterdir() if (folder / "callouts").is_dir())


@pytest.mark.parametrize("name", STORIES)
def test_a_story_with_lines_is_the_same_story(name: str) -> None:
    plain, lined = story(name), story(name, record_lines="on")

    assert lined.of(ev.LineExecuted)
    assert without_lines(lined) == without_lines(plain)
    assert story(name, record_lines="on").lines == lined.lines
    assert min(record.depth for record in lined.records) == 0


def test_lines_are_off_unless_they_are_asked_for(tmp_path: Path) -> None:
    run = recorded(tmp_path, "x = 1")
    bench = Bench(tmp_path)
    bench.calls("asks", action=INSPECTION)

    assert (len(run.of(ev.LineExecuted)), bench.run(received(1)).of(ev.LineExecuted)) == (1, [])


def test_every_entry_into_a_script_is_recorded(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(
        HEAD
        + """
class Driver(Callout):
    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)

    def notify(self, fwps, notify_type, filter_key, filter):
        return 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if fwps.query_packet_injection_state(self.handle, layer_data)[0]:
            return
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data)
        fwps.queue_work(self.work, fwps, clone, values.INTERFACE_INDEX)
        out.absorb()

    def work(self, fwps, clone, index):
        fwps.inject_mac_send_async(self.handle, None, 0, 57, index, 0, clone, self.done, None)

    def done(self, fwps, context, clone, dispatch_level):
        fwps.free_clone_net_buffer_list(clone, 0)

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
"""
    )
    bench.calls("asks", OUTBOUND_MAC_FRAME_ETHERNET)
    run = bench.run(sent(1), record_lines="on")

    entered = []
    for step in run.of(ev.LineExecuted):
        if step.function not in entered:
            entered.append(step.function)
    assert entered == ["start", "notify", "classify", "work", "done", "stop"]


def test_a_long_call_is_recorded_up_to_its_limit_and_ends_in_order(tmp_path: Path) -> None:
    run = recorded(tmp_path, "for number in range(50):\n    count(number)", line_limit=7,
                   before="def count(number):\n    return number\n")  # fmt: skip

    assert [text for _, text, _ in told(run)] == [
        "for number in range(50):", "count(number)", "return number", "= 0", "count(number)", "return number", "= 1",
        "count(number)", "return number", "= None"]  # fmt: skip
    assert run.one(ev.LinesLeftOut) == ev.LinesLeftOut("driver", "driver.py:9", "classify", 7)
    kinds = run.kinds()
    first, last = kinds.index("CalloutEntered"), kinds.index("CalloutReturned")
    assert run.records[first].depth == run.records[last].depth
    assert kinds[last - 1] == "FunctionReturned"


HOSTILE = """
class Liar:
    @property
    def __class__(self):
        raise SystemExit("asked for its class")
    def __repr__(self):
        while True:
            pass
    __str__ = __len__ = __iter__ = __eq__ = __hash__ = __bool__ = __getattribute__ = __repr__

class Text(str):
    __repr__ = __str__ = __len__ = __getitem__ = lambda *_: 1 / 0

class Number(int):
    __repr__ = __int__ = __index__ = bit_length = lambda *_: 1 / 0

class Rows(list):
    __iter__ = __len__ = __getitem__ = lambda *_: 1 / 0

class Space(dict):
    items = keys = values = __iter__ = __len__ = lambda *_: 1 / 0

class Meta(type):
    @property
    def __name__(cls):
        raise SystemExit("asked for its name")

class Named(metaclass=Meta):
    pass
"""


def test_texts_of_locals_never_ask_the_script(tmp_path: Path) -> None:
    run = recorded(
        tmp_path,
        """
        liar, text, number, rows, named = Liar(), Text("secret"), Number(7), Rows([1]), Named()
        both = [liar, {"key": text}]
        own = []
        own.append(own)
        self.liar = liar
        self.__dict__ = Space(self.__dict__)
        self.__dict__["\\ud800 \\n"] = 1
        long = "y" * 500
        data = bytearray(range(40))
        many = list(range(20))
        names = {"b", "a", 3}
        big = 1 << 4000
        flags = 0x10001
        pass
        """,
        before=HOSTILE,
    )

    assert run.failures == []
    seen: dict[str, str] = {}
    for step in run.of(ev.LineExecuted):
        seen.update(step.locals)
    for name in ("self", "values", "meta", "layer_data", "classify_context", "filter", "flow_context", "out"):
        seen.pop(name)
    assert seen == {
        "liar": "<Liar>",
        "text": "<Text>",
        "number": "<Number 7>",
        "rows": "<Rows>",
        "named": "<Named>",
        "both": "[<Liar>, {'key': <Text>}]",
        "own": "[[<list of 1>]]",
        "self.liar": "<Liar>",
        "self.'\\ud800 \\n'": "1",
        "long": "'" + "y" * 103 + "… (500 long)",
        "data": "bytearray(40) " + bytes(range(24)).hex(" ") + " …",
        "many": "[0, 1, 2, 3, 4, 5, 6, 7, … 12 more]",
        "names": "set({'a', 'b', 3})",
        "big": "<int of 4001 bits>",
        "flags": "0x10001",
    }
    assert run.lines


def test_engine_objects_are_named_as_everywhere(tmp_path: Path) -> None:
    run = recorded(
        tmp_path,
        """
        buffer = layer_data.first_net_buffer
        mdl = buffer.mdl_chain
        state = InjectionState.INJECTED_BY_SELF
        out.block(hard=True)
        pass
        """,
    )

    seen: dict[str, str] = {}
    for step in run.of(ev.LineExecuted):
        seen.update(step.locals)
    names = ("layer_data", "buffer", "mdl", "state", "out")
    assert [seen[name] for name in names] == [
        "NBL 1.0",
        "NET_BUFFER of 1.0",
        "MDL 1:1",
        "InjectionState.INJECTED_BY_SELF",
        "BLOCK, rights cleared",
    ]
    assert run.failures == []


def test_a_script_cannot_take_the_hooks_away_for_the_next_call(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(
        f"{HEAD}class Driver(Callout):\n    {CLASSIFY}\n"
        "        x = 1\n        globals()['__l2scope_line__'] = lambda _: True\n        y = 2\n"
    )
    bench.calls("asks", action=INSPECTION)
    run = bench.run(received(1), received(2), record_lines="on")

    texts = [step.text for step in run.of(ev.LineExecuted)]
    assert texts[:2] == texts[2:4] == ["x = 1", "globals()['__l2scope_line__'] = lambda _: True"]


CODE = st.recursive(
    st.sampled_from(["x = 1", "pass", "return x", "raise ValueError", "x += 1", "del x", "f()", "assert x"]).map(
        lambda line: [line]
    ),
    lambda inner: st.tuples(
        st.sampled_from(["if x:", "while x < 3:", "for x in (1, 2):", "try:", "with open(x) as f:"]),
        st.lists(inner, min_size=1, max_size=3),
    ).map(lambda made: [
        made[0],
        *(f"    {line}" for block in made[1] for line in block),
        *(["except (ValueError, NameError):", "    pass"] if made[0] == "try:" else []),
    ]),
    max_leaves=8,
)


@given(body=CODE)
@settings(max_examples=60, deadline=None)
def test_hooks_stand_on_lines_that_the_script_has_and_keep_it_compilable(body: list[str]) -> None:
    text = "def f(x=0):\n" + "\n".join(f"    {line}" for line in body)
    tree = instrument(text, "f.py", lines=True)

    compile(tree, "f.py", "exec")
    hooked = {node.args[0].value for node in ast.walk(tree)
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
              and node.func.id == "__l2scope_line__"}  # fmt: skip
    statements = {node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)} - {1}
    assert hooked == statements


def test_a_script_that_calls_the_hooks_itself_gets_nothing_of_it(tmp_path: Path) -> None:
    run = recorded(
        tmp_path,
        """
        known = globals()["__builtins__"]
        hooks = [known[f"__l2scope_{name}__"] for name in ("line", "return", "leave")]
        hooks[0]("a" * 100)
        hooks[1](Liar())
        hooks[2]()
        return 1
        """,
        before=HOSTILE,
    )

    assert run.failures == []
    assert [text for _, text, _ in told(run)][-3:] == ["= <Liar>", "return 1", "= 1"]
    assert run.lines


def test_the_lines_that_can_be_stopped_at_are_those_that_are_recorded() -> None:
    text = dedent(
        '''
        """Not this."""
        import os

        def f(x):
            """Nor this."""
            global y
            if x:

                return [
                    1]
            else:
                class C:
                    z = 3
                    def g(self): return 4
        '''
    )

    assert hooked_lines(text) == (8, 10, 13, 15)
    assert (hooked_lines("def f(:"), hooked_lines("x = 1")) == ((), ())
