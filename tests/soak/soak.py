"""Rounds of a user's acts until the time is over, with a sample between two rounds."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from time import monotonic

from PySide6.QtWidgets import QApplication

from gui.session_bridge.worker import close_event_loop
from tests.bench import bulk
from tests.bench.mixed_capture import write_pcap
from tests.bench.window.driver import Driver
from tests.bench.window.wire import new_wire
from tests.soak.acts import round_of
from tests.soak.held import Held, held, is_flat, slope_an_hour

FRAMES = 60_000
SIZE = (1680, 1000)
LEAST_ROUNDS = 6
WORDS = {"resident_mib": "MiB", "objects": "objects", "widgets": "widgets"}


def soak(minutes: float) -> int:
    """Use the window for so long; 0 if what it holds stays the same."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for variable in ("CONFIG", "DATA", "STATE"):
            os.environ[f"XDG_{variable}_HOME"] = name
        capture, policy = folder / "mixed.pcap", folder / "policy.json"
        write_pcap(capture, FRAMES)
        policy.write_text(json.dumps({"format": "l2scope-policy", "version": 1, "filters": bulk.filters()}))
        driver = Driver(SIZE)
        complaints: list[str] = []
        driver.bridge.message.connect(lambda severity, text: complaints.append(text) if severity == "error" else None)
        samples = _rounds(driver, minutes * 60, capture, policy)
        driver.close()
        driver.bridge.close()
        close_event_loop()
    for text in sorted(set(complaints)):
        print(f"told {complaints.count(text)} times: {text}")
    flat = is_flat(samples)
    grown = ", ".join(f"{slope_an_hour(samples, member):+,.0f} {word}" for member, word in WORDS.items())
    print(f"{len(samples)} rounds; after the warm-up {grown} an hour: {'flat' if flat else 'NOT FLAT'}", flush=True)
    return 0 if flat and not complaints else 1


def _rounds(driver: Driver, seconds: float, capture: Path, policy: Path) -> list[Held]:
    samples: list[Held] = []
    began, wire = monotonic(), new_wire()
    while monotonic() - began < seconds or len(samples) < LEAST_ROUNDS:
        for _ in round_of(driver, len(samples), capture, policy, wire):
            driver.draw()
        samples.append(held(monotonic() - began, len(QApplication.allWidgets())))
        print(samples[-1].line(), flush=True)
    return samples
