"""What the window is asked to do, and how long it took."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, process_time

from engine.debugger.moves import StepKind
from engine.wfp.document import set_enabled
from engine.wfp.validation import key_of
from gui.models.stories import first_story
from gui.views.frames.table import FrameTable
from tests.bench import bulk
from tests.bench.mixed_capture import write_pcap
from tests.bench.window.driver import Driver, Stalls, reached, told
from tests.bench.window.wire import new_wire

Row = tuple[str, str, str]

START_GOAL_S, FIRST_ROWS_GOAL_S = 2.0, 0.5
STEP_GOAL_MS, SELECT_GOAL_MS, STALL_GOAL_MS, CANCEL_GOAL_MS, EDIT_GOAL_MS, THEME_GOAL_MS = 16, 50, 100, 200, 300, 500
STARTS, STEPS, SELECTIONS, EDITS, CHANGES_OF_THEME = 3, 150, 30, 10, 4
LARGE_FRAMES, FRAMES = 10_000_000, 1_000_000
RUN_S, LIVE_S = 6.0, 6.0


def start() -> Iterator[Row]:
    """From the start of the process; the third is the best of warm disks, as users see it from the second time on."""
    found = []
    for _ in range(STARTS):
        command = [sys.executable, "-m", "tests.bench.window.cold", str(monotonic())]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    for name, what in (("painted", "start of the process to a painted window"),
                       ("stepped", "start of the process to a story opened and stepped")):
        wall = min(each[name] for each in found)
        own = min(each[f"{name}_worked"] for each in found)
        kept = reached(wall * 1000, own * 1000, START_GOAL_S * 1000)
        yield what, f"{wall:.2f} s, own {own:.2f} s", f"best of {STARTS}; goal {START_GOAL_S:.0f} s: {kept}"


def step() -> Iterator[Row]:
    """Into and back over the first story's events, as the window comes and with all its views in sight."""
    driver = Driver()
    driver.open(first_story())
    for what, prepare in (("with the docks as they come", None), ("with every view in sight", driver.tile)):
        driver.bridge.restart()
        driver.settle()
        others = None if prepare is None else prepare()
        for name, kind in (("step", StepKind.INTO), ("step back", StepKind.BACK_INTO)):
            times = [driver.do(partial(driver.bridge.step, kind)) for _ in range(STEPS)]
            yield f"{name}, {what}", *told(times, STEP_GOAL_MS)
        if others is not None:
            others.close()
    driver.close()


def capture() -> Iterator[Row]:
    """Ten million frames come while the user scrolls; then frames are selected here and there."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ten.pcap"
        write_pcap(path, LARGE_FRAMES)
        driver, rows = Driver(), []
        bridge, table = driver.bridge, driver.window.findChild(FrameTable)
        bridge.rows_grown.connect(lambda count: rows.append((perf_counter(), count)))
        began, worked = perf_counter(), process_time()
        with Stalls() as stalls:
            bridge.open([path])
            driver.wait(lambda: bool(rows))
            driver.draw()
            first_s, own_s = perf_counter() - began, process_time() - worked
            while bridge.index_seconds is None:
                table.verticalScrollBar().setValue(table.verticalScrollBar().maximum() // 2)
                driver.pause(0.03)
            driver.settle()
            driver.pause(1.0)
        kept = reached(first_s * 1000, own_s * 1000, FIRST_ROWS_GOAL_S * 1000)
        yield (f"first rows of {LARGE_FRAMES:,} frames", f"{first_s * 1000:.0f} ms, own {own_s * 1000:.0f} ms",
               f"goal {FIRST_ROWS_GOAL_S * 1000:.0f} ms: {kept}")
        yield f"{LARGE_FRAMES:,} frames while they load, scrolled", stalls.figure(), stalls.note(STALL_GOAL_MS)
        yield "selecting any frame of them", *_selected(driver)
        yield "Cancel while they load", *_cancelled(driver, path)
        driver.close()


def _selected(driver: Driver) -> tuple[str, str]:
    numbers = [1 + n * 6_700_417 % LARGE_FRAMES for n in range(1, SELECTIONS + 1)]
    times = []
    for number in numbers:
        times.append(driver.do(partial(driver.bridge.select_frame, number)))
        driver.pause(0.02)
    return told(times, SELECT_GOAL_MS)


def _cancelled(driver: Driver, path: Path) -> tuple[str, str]:
    bridge, times = driver.bridge, []
    for _ in range(3):
        bridge.open([path])
        driver.wait(lambda: not bridge.is_busy)
        driver.pause(0.2)
        is_over = bridge.index_seconds is not None
        began, worked = perf_counter(), process_time()
        bridge.cancel()
        driver.wait(lambda: bridge.index_seconds is not None)
        if not is_over:
            times.append((perf_counter() - began, process_time() - worked))
        driver.settle()
    return told(times, CANCEL_GOAL_MS) if times else ("-", "it was over before it could be cancelled")


def run() -> Iterator[Row]:
    """A large capture runs frame by frame through 20 filters, and is paused."""
    with TemporaryDirectory() as folder:
        path, policy = Path(folder) / "million.pcap", _policy(Path(folder))
        write_pcap(path, FRAMES)
        driver = Driver()
        driver.open(path, policy)
        with Stalls() as stalls:
            driver.bridge.run()
            driver.pause(RUN_S)
        session = driver.bridge.session
        assert session is not None
        yield f"running over {FRAMES:,} frames", stalls.figure(), stalls.note(STALL_GOAL_MS)
        ran = session.trace[len(session.trace) - 1].frame
        yield "frames run beside the drawing window", f"{ran / RUN_S:,.0f} frames/s", "recorded, engine and window"
        times = []
        for _ in range(5):
            began, worked = perf_counter(), process_time()
            driver.bridge.pause()
            driver.wait(lambda: not driver.bridge.is_busy)
            times.append((perf_counter() - began, process_time() - worked))
            driver.bridge.run()
            driver.pause(0.4)
        yield "Pause of the run", *told(times, CANCEL_GOAL_MS)
        driver.bridge.pause()
        driver.settle()
        driver.close()


def what_if() -> Iterator[Row]:
    """From an edit until the frames with another fate are known, without the rest that typing is given."""
    with TemporaryDirectory() as folder:
        path, policy = Path(folder) / "million.pcap", _policy(Path(folder))
        write_pcap(path, FRAMES)
        driver = Driver()
        driver.open(path, policy)
        runner = driver.bridge.what_if
        driver.window.set_layout("policy")
        runner.watch(True)
        driver.wait(lambda: runner.compared is not None)
        times = []
        for number in range(EDITS):
            document = driver.bridge.document
            turned = document.filters[number % len(document.filters)]
            before, began, worked = runner.compared, perf_counter(), process_time()
            driver.bridge.edit(set_enabled(document, key_of(turned), not turned.enabled), "Turn a filter")
            driver.wait(lambda before=before: runner.compared is not before)  # type: ignore[misc]  # the default binds it
            driver.draw()
            times.append((perf_counter() - began, process_time() - worked))
        yield f"a what-if edit over {FRAMES:,} frames, all counted", *told(times, EDIT_GOAL_MS)
        driver.close()


def theme() -> Iterator[Row]:
    """Another theme for the whole window, a story in sight."""
    driver = Driver()
    driver.open(first_story())
    driver.bridge.step_frame(12)
    driver.settle()
    names = ("light", "dark") * CHANGES_OF_THEME
    times = [driver.do(partial(driver.window.choose_setting, "theme", name)) for name in names]
    yield "another theme", *told(times, THEME_GOAL_MS)
    driver.close()


def live() -> Iterator[Row]:
    """Frames from an interface that another one feeds as fast as Python sends, in a network namespace of our own."""
    wire = new_wire()
    if wire is None:
        yield "live at full rate", "-", "needs Linux, iproute2, and the right to make a network namespace"
        return
    driver = Driver()
    driver.open(first_story())
    sender = subprocess.Popen([sys.executable, "-m", "tests.bench.window.sender", wire[1], str(LIVE_S + 2)])
    try:
        with Stalls() as stalls:
            driver.bridge.live(wire[0])
            driver.pause(LIVE_S)
        session = driver.bridge.session
        assert session is not None
        yield "live at full rate", stalls.figure(), stalls.note(STALL_GOAL_MS)
        yield "frames classified live", f"{len(session.rows) / LIVE_S:,.0f} frames/s", "with the sample story's policy"
        driver.bridge.stop_live()
        driver.settle()
    finally:
        sender.wait()
    driver.close()


def _policy(folder: Path) -> Path:
    path = folder / "policy.json"
    path.write_text(json.dumps({"format": "l2scope-policy", "version": 1, "filters": bulk.filters()}))
    return path


MEASURES: dict[str, Callable[[], Iterator[Row]]] = {
    "start": start, "step": step, "capture": capture, "run": run, "what_if": what_if, "theme": theme, "live": live,
}
