"""Scripts: read, instrumented, loaded; what cannot be loaded is an error of the policy that names its line."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from engine.callouts.instrument import STEP, StepCounter, StepLimitExceeded, instrument
from engine.callouts.texts import function_name, one_line, type_name, value_text
from engine.errors import PolicyError
from engine.trace import events as ev
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE
from tests.builders.engines import HEAD, UNKNOWN, Bench
from tests.builders.frames import received

CLASS = "class Driver(Callout):\n    pass\n"

UNLOADABLE = {
    "a syntax error": ("def f(:\n", "line 1"),
    "what is raised at its top": (f"{HEAD}x = 1\nraise ValueError('no')\n", "line 4: ValueError: no"),
    "an import that is not there": (f"{HEAD}import nothing_of_that_name\n", "line 3: ModuleNotFoundError"),
    "an import of the engine": (f"{HEAD}import engine.classify\n", "line 3: ImportError"),
    "an endless top level": (f"{HEAD}while True:\n    pass\n", "it does not end"),
    "sys.exit": (f"{HEAD}import sys\nsys.exit(0)\n", "SystemExit"),
    "no callout class": (f"{HEAD}class Other(Callout):\n    pass\n", "has no callout class 'Driver'; it has Other"),
    "a class that is no callout": ("class Driver:\n    pass\n", "it has no class derived from Callout"),
    "a constructor that raises": (
        f"{HEAD}class Driver(Callout):\n    def __init__(self):\n        1 / 0\n",
        "line 5: ZeroDivisionError",
    ),
    "NUL bytes": ("x = 1\0\n", "driver.py"),
    "too deep": ("(" * 10_000, "driver.py"),
    "a deep expression": ("x = " + "-" * 5_000 + "1\n", "driver.py"),
    "a surrogate in the text": (f"{HEAD}raise ValueError('\\ud800')\n", "ValueError"),
}


@pytest.mark.parametrize("what", UNLOADABLE)
def test_a_script_that_cannot_be_loaded_is_one_line_with_its_place(what: str, tmp_path: Path) -> None:
    text, part = UNLOADABLE[what]
    bench = Bench(tmp_path)
    (tmp_path / "driver.py").write_text(text)
    bench.calls("calls", INBOUND_MAC_FRAME_NATIVE)

    with pytest.raises(PolicyError) as caught:
        bench.run(received(), callout_step_limit=5_000)

    assert part in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'policy.json'}, $.callouts[0].")


def test_a_script_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (tmp_path / "driver.py").write_bytes(b"x = '\xff'\n")
    bench.calls("calls")
    with pytest.raises(PolicyError, match="UTF-8"):
        bench.run(received())


def test_one_file_is_one_driver_whose_callouts_share_their_module(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(
        f"{HEAD}met = []\n"
        + "".join(
            f"""
class {name}(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        met.append("{name}")
        assert met[0] == "One"
"""
            for name in ("One", "Two")
        )
    )
    bench.calls("one", class_="One", weight=2, action=UNKNOWN)
    bench.calls("two", class_="Two", weight=1, action=UNKNOWN)
    run = bench.run(received())

    assert run.failures == []
    assert [event.driver for event in run.of(ev.DriverStarted)] == ["driver"]
    assert [event.driver for event in run.of(ev.CalloutEntered)] == ["driver", "driver"]


def test_scripts_of_one_name_in_several_folders_are_drivers_of_their_own(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for folder in ("a", "b", "c/b"):
        (tmp_path / folder).mkdir(parents=True)
        bench.script(HEAD + CLASS, f"{folder}/driver.py")
        bench.calls(folder, script=f"{folder}/driver.py")
    run = bench.run(received())

    names = [event.driver for event in run.of(ev.DriverStarted)]
    assert len(set(names)) == len(names) == 3


def test_a_later_run_starts_from_a_fresh_module(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script(f"""{HEAD}count = []
class Driver(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        count.append(1)
        assert len(count) == 1
""")
    bench.calls("calls")

    assert bench.run(received()).failures == bench.run(received()).failures == []


@pytest.mark.parametrize(
    "text",
    [
        "for i in range(3):\n    pass",
        "while x:\n    x -= 1",
        "def f():\n    'doc'\n    return 1",
        "[i for i in y if i]",
        "lambda: 1",
        "async def f():\n    async for i in y:\n        pass",
        "class A:\n    def f(self): pass",
        "def f():\n    'only a docstring'",
        "for i in (): pass\nelse: pass",
    ],
)
def test_counting_steps_keeps_the_lines_and_the_docstrings(text: str) -> None:
    plain, counted = ast.parse(text), instrument(text, "a.py")

    assert STEP in ast.unparse(counted)
    compile(counted, "a.py", "exec")
    for one, other in zip(plain.body, counted.body, strict=True):
        assert (one.lineno, one.end_lineno) == (other.lineno, other.end_lineno)
        if isinstance(one, ast.FunctionDef) and isinstance(other, ast.FunctionDef):
            assert ast.get_docstring(one) == ast.get_docstring(other)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("for i in range(5): pass", 5),
        ("x = [i for i in range(4) for j in range(3)]", 16),
        ("f = lambda: 1\nf(); f()", 2),
        ("def f(n):\n    return n and f(n - 1)\nf(9)", 10),
        ("i = 0\nwhile i < 7: i += 1", 7),
    ],
)
def test_a_step_is_a_turn_of_a_loop_or_a_call(text: str, steps: int) -> None:
    counter = StepCounter(100)
    exec(compile(instrument(text, "a.py"), "a.py", "exec"), {STEP: counter})
    assert counter.taken == steps


def test_the_counter_raises_at_every_step_past_its_limit() -> None:
    counter = StepCounter(2)
    assert counter()
    assert counter()
    for _ in range(3):
        with pytest.raises(StepLimitExceeded):
            counter()
    assert not issubclass(StepLimitExceeded, Exception)


class Liar(type):
    @property
    def __name__(cls) -> str:
        raise SystemExit


class Lying(metaclass=Liar):
    def __repr__(self) -> str:
        raise SystemExit

    def __getattr__(self, name: str) -> object:
        raise SystemExit


class Number(int):
    def __repr__(self) -> str:
        raise SystemExit

    __int__ = __str__ = __repr__


def test_a_value_is_shown_without_asking_it() -> None:
    shown = {
        "None": None, "True": True, "1.5": 1.5, '"it\'s"': "it's", "b'x'": b"x", "<list>": [1], "<int>": 10**100,
        "<object>": object(), "'" + "x" * 63: "x" * 500,
    }  # fmt: skip
    assert {value_text(value): value for value in shown.values()} == shown
    assert (value_text(Number(7)), value_text(Lying())) == ("7", "<Lying>")


def test_names_are_shown_without_asking_for_them() -> None:
    assert (type_name(Lying()), function_name(Lying()), function_name(len)) == ("Lying", "Lying", "len")
    assert function_name(test_names_are_shown_without_asking_for_them).startswith("test_names")
    assert function_name(StepCounter(1).__call__) == "__call__"


def test_an_error_is_one_line_without_addresses() -> None:
    assert one_line(ValueError("a\n  b")) == "ValueError: a b"
    assert one_line(KeyError()) == "KeyError"
    assert one_line(ValueError(object())) == "ValueError: <object object at 0x…>"
    assert one_line(ValueError("status 0xC000009A")) == "ValueError: status 0xC000009A"
