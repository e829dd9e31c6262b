"""What the soak's user does in one round."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from engine.debugger.moves import StepKind
from engine.wfp.document import set_enabled
from engine.wfp.validation import key_of
from gui.models.stories import stories
from tests.bench.window.driver import Driver

STEPS, BATCH = 30, 0.4
LAYOUTS = ("step", "live", "policy")
VIEWS = ("packet", "nbl_chain", "completions", "findings", "ledger", "explain", "what_if", "callout_source", "steps")


def round_of(driver: Driver, number: int, capture: Path, policy: Path, wire: tuple[str, str] | None) -> Iterator[str]:
    """One round: the name of each act as it is done, so that whoever counts may stop between two."""
    every = stories()
    story = every[number % len(every)].folder
    driver.open(story)
    yield f"open {story.name}"
    for kind in (StepKind.INTO, StepKind.OVER, StepKind.BACK_INTO, StepKind.FRAME, StepKind.BACK_FRAME):
        for _ in range(STEPS // 5):
            driver.do(lambda kind=kind: driver.bridge.step(kind))  # type: ignore[misc]  # the default binds it
    yield "step"
    for view in VIEWS:
        driver.window.show_view(view)
        driver.draw()
    yield "views"
    driver.bridge.run()
    driver.settle()
    yield "run"
    _edit(driver)
    yield "edit, apply, undo"
    driver.window.choose_setting("theme", ("light", "dark")[number % 2])
    driver.window.set_layout(LAYOUTS[number % len(LAYOUTS)])
    driver.draw()
    yield "theme and layout"
    driver.bridge.open([capture, policy])
    driver.wait(lambda: not driver.bridge.is_busy)
    driver.settle()
    driver.bridge.run()
    driver.pause(BATCH)
    driver.bridge.select_frame(number * 7919 % 20_000 + 1)
    driver.bridge.cancel()
    driver.settle()
    yield "run a capture, cancel"
    if wire is not None:
        _listen(driver, *wire)
        yield "live"
    driver.bridge.close_session()
    driver.settle()
    yield "close"


def _edit(driver: Driver) -> None:
    """Turn a filter off, look at what would change, apply it, undo it."""
    bridge = driver.bridge
    document = bridge.document
    if not document.filters:
        return
    first = document.filters[0]
    bridge.edit(set_enabled(document, key_of(first), not first.enabled), "Turn a filter")
    driver.pause(0.2)
    bridge.apply()
    driver.settle()
    bridge.undo_stack.undo()
    driver.settle()


def _listen(driver: Driver, interface: str, other: str) -> None:
    sender = subprocess.Popen([sys.executable, "-m", "tests.bench.window.sender", other, "0.6"],
                              env=dict(os.environ))
    driver.bridge.live(interface)
    driver.pause(0.8)
    driver.bridge.stop_live()
    driver.settle()
    sender.wait()
