"""The process beside the program: what it takes for a call that never returns, and what it then says and does."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.watchman import ALIVE, STUCK, Place, Watchman, act, place_in, source_line

ENGINE = "/opt/l2scope/engine"
DOOR = f'  File "{ENGINE}/classify/scripts.py", line 34 in run_script'
INVOKED = f'  File "{ENGINE}/classify/invocation.py", line 140 in <lambda>'
TIMEOUT = "Timeout (0:00:10)!"
HEAD = "Thread 0x00007f0000000001 (most recent call first):"
QT = ["Thread 0x00007f0000000002 (most recent call first):", '  File "/opt/l2scope/gui/app/start.py", line 60 in main']


def stack(*inner: str) -> list[str]:
    return [HEAD, *inner, INVOKED, DOOR, f'  File "{ENGINE}/classify/engine.py", line 200 in take', "", *QT]


def frame(line: int, file: str = "/scripts/bad.py", function: str = "classify") -> str:
    return f'  File "{file}", line {line} in {function}'


def heard(*lines: str) -> list[Place]:
    watchman = Watchman()
    return [place for line in lines if (place := watchman.hear(line)) is not None]


def test_the_same_line_of_a_script_in_two_stacks_and_a_third_that_is_due_is_a_call_that_never_returns():
    once = [TIMEOUT, *stack(frame(7))]

    assert heard(*once, *once) == []
    assert heard(*once, *once, TIMEOUT) == [Place("/scripts/bad.py", 7, "classify")]


def test_a_sign_of_life_between_two_stacks_begins_anew():
    once = [TIMEOUT, *stack(frame(7))]

    assert heard(*once, ALIVE, *once, ALIVE, *once, *once) == []
    assert heard(*once, "half of a line" + ALIVE, *once, *once, TIMEOUT) == [Place("/scripts/bad.py", 7, "classify")]


def test_a_function_that_is_called_alive_is_no_sign_of_life():
    once = [TIMEOUT, *stack(frame(7, function="alive"))]

    assert len(heard(*once, *once, TIMEOUT)) == 1


def test_a_program_that_waits_without_a_script_on_its_stack_is_left_alone():
    waits = [TIMEOUT, HEAD, f'  File "{ENGINE}/frames/live.py", line 30 in __next__', *QT]

    assert heard(*waits * 5) == []


def test_a_script_that_moves_is_left_alone():
    lines = [line for number in range(5) for line in (TIMEOUT, *stack(frame(number)))]

    assert heard(*lines) == []


def test_the_line_is_the_scripts_also_where_a_library_or_a_guard_works_for_it():
    library = '  File "/usr/lib/python3.11/json/encoder.py", line 202 in encode'
    guard = f'  File "{ENGINE}/callouts/bounds.py", line 70 in mul'

    assert place_in(stack(library, frame(9), frame(3, function="outer"))) == Place("/scripts/bad.py", 9, "classify")
    assert place_in(stack(guard, frame(9))) == Place("/scripts/bad.py", 9, "classify")
    assert place_in([HEAD, *stack(guard)[1:]]) is None


def test_a_stack_too_deep_to_be_shown_whole_still_names_its_script():
    assert place_in([HEAD, *[frame(5)] * 100, "  ...", *QT]) == Place("/scripts/bad.py", 5, "classify")


def test_a_packaged_program_and_windows_name_their_files_in_their_own_ways():
    packaged = [HEAD, frame(2), '  File "engine/classify/scripts.py", line 34 in run_script']
    door = r'  File "C:\l\engine\callouts\loader.py", line 9 in x'
    windows = [HEAD, r'  File "C:\a\bad.py", line 2 in classify', door]

    assert place_in(packaged) == Place("/scripts/bad.py", 2, "classify")
    assert place_in(windows) == Place(r"C:\a\bad.py", 2, "classify")


def test_the_source_line_is_shown_on_one_line_and_in_bounds(tmp_path: Path):
    script = tmp_path / "bad.py"
    script.write_text("first\n    a == b\x1b[31m" + "c" * 500 + "\n", encoding="utf-8")

    assert source_line(Place(str(script), 2, "f")) == "a == b [31m" + "c" * 109
    assert source_line(Place(str(script), 9, "f")) == source_line(Place(str(tmp_path / "gone.py"), 1, "f")) == ""


@pytest.fixture
def stuck_child():
    """A process that does not end by itself; it is not ours to end, since we are not its child."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield child
    child.kill()
    child.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="there processes are told by number alone")
def test_only_the_program_that_started_it_is_ended(stuck_child):
    act(Place("/no/such.py", 3, "classify"), {"pid": stuck_child.pid, "seconds": 30}, io.StringIO())

    assert stuck_child.poll() is None


def test_a_command_is_told_in_one_line_why_it_ended():
    err = io.StringIO()
    act(Place("/no/such.py", 3, "classify"), {"pid": 0, "seconds": 30}, err)

    assert err.getvalue() == (
        "l2scope: such.py line 3 has not returned for 30 s; nothing can stop it, so the run ends here: mend the "
        "callout, or disable the filters that call it\n")


def test_a_window_is_started_anew_and_learns_what_happened(tmp_path: Path):
    told = tmp_path / "told.json"
    again = [sys.executable, "-c", f"import os; open({str(told)!r}, 'w').write(os.environ[{STUCK!r}])"]
    watched = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); from engine.watchman import *\n"
        "act(Place('/no/such.py', 3, 'classify'), {'pid': 0, 'seconds': 30, 'again': sys.argv[2:], 'files': ['a.pcap'],"
        " 'frame': 7}, sys.stderr)\nos.wait()\n")
    done = subprocess.run([sys.executable, "-c", watched, str(Path(__file__).parents[2]), *again],
                          capture_output=True, text=True, timeout=30, check=True)

    what = "such.py line 3 has not returned for 30 s"
    assert done.stderr == f"l2scope: {what}; the window is started anew\n"
    assert json.loads(told.read_text(encoding="utf-8")) == {
        "files": ["a.pcap"], "frame": 7, "pid": 0,
        "script": "/no/such.py", "line": 3, "function": "classify", "told": what}


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_is_the_programs_and_it_ends_with_it():
    from engine import watchman

    beside = subprocess.Popen([sys.executable, "-I", "-S", watchman.__file__], stdin=subprocess.PIPE)
    assert beside.stdin is not None
    beside.stdin.write(b"{}\n")
    beside.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        beside.wait(0.3)
    os.kill(beside.pid, signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        beside.wait(0.1)
    beside.stdin.close()
    assert beside.wait(5) == 0
