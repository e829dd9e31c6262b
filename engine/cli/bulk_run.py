"""`l2scope run` over a large capture: what meets no callout is settled in bulk. Same results, see engine.bulk.mixed."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from engine.bulk.capture_classes import CaptureClasses
from engine.bulk.mixed import MixedRun, Plain, is_possible
from engine.bulk.scan import can_scan
from engine.classify.engine import Engine
from engine.cli.interrupts import Interrupts
from engine.cli.progress import Progress
from engine.cli.results import Results
from engine.frames.capture import CaptureFile
from engine.report.class_verdicts import ClassVerdicts


def is_usable(engine: Engine, capture: CaptureFile) -> bool:
    """The capture and the run's options allow it: all frames between the first and the last wanted one are run."""
    return can_scan(capture) and not capture.options.gaps and is_possible(engine)


def run_in_bulk(args: argparse.Namespace, engine: Engine, capture: CaptureFile, results: Results, progress: Progress,
                interrupts: Interrupts) -> None:
    """Bring the capture through a started engine into the results; ends early when the user asks for it."""
    scanned = CaptureClasses(capture, Path(args.capture))
    for frames, _ in interrupts.until_asked(scanned.read()):
        progress.tick(frames)
    run = MixedRun(engine, capture, scanned)
    lines = ClassVerdicts(engine.policy, run.classes, run.found) if results.wants_verdicts else None
    counts = np.zeros(len(run.classes), np.int64)
    for todo in interrupts.until_asked(run.walk()):
        if isinstance(todo, Plain):
            run.count(todo, counts)
            if lines is not None:
                _write(run, todo, lines, results)
            continue
        frame = capture.read(todo)
        results.expect(frame)
        for event in engine.take(frame):
            results.take(event)
        progress.tick(todo)
    found = run.settled(counts)
    results.summary.add(int(counts.sum()), found.outcomes, found.layers, found.filters)


def _write(run: MixedRun, plain: Plain, lines: ClassVerdicts, results: Results) -> None:
    number = plain.first
    for part in run.class_parts(plain):
        for class_ in part.tolist():
            results.verdict_line(lines.line(number, class_))
            number += 1
