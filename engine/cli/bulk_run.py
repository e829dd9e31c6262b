"""`l2scope run` over a large capture: what meets no callout is settled in bulk. Same results, see engine.bulk.mixed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from engine.bulk.mixed import MixedRun, Plain, is_possible
from engine.bulk.samples import samples_of
from engine.bulk.scan import can_scan
from engine.classify.engine import Engine
from engine.cli.early_scan import EarlyScan
from engine.cli.interrupts import Interrupts
from engine.cli.progress import Progress
from engine.cli.results import Results
from engine.cli.session_run import step_frames
from engine.cli.source_options import refuse_no_frames
from engine.frames.frame import Frame
from engine.report.class_verdicts import ClassVerdicts

__all__ = ["is_possible", "run_in_bulk"]

_LINES_AT_ONCE = 1 << 13


def run_in_bulk(args: argparse.Namespace, engine: Engine, early: EarlyScan, frames: Iterator[Frame | None],
                results: Results, progress: Progress, interrupts: Interrupts) -> None:
    """Bring the capture through a started engine into the results; ends early when the user asks for it.

    `frames` are those of the capture one by one: a compressed one of which there is no whole copy is stepped.
    """
    capture, scanned = early.capture, early.scanned
    for done, _ in interrupts.until_asked(early.read()):
        progress.tick(done)
    if not can_scan(capture):
        step_frames(engine, interrupts.until_asked(frames), results, progress)
        return
    run = MixedRun(engine, capture, scanned, group_from=None if results.report is None else 0)
    if not run.wanted and not interrupts.is_asked:
        refuse_no_frames(args, capture)
    lines = ClassVerdicts(engine.policy, run.classes, run.found) if results.wants_verdicts else None
    counts = np.zeros(len(run.classes), np.int64)
    samples = None if results.report is None else samples_of(run)
    if results.report is not None and samples is not None:
        results.report.remember(samples.firsts.tolist())
    for todo in interrupts.until_asked(run.walk(None if samples is None else samples.numbers)):
        if isinstance(todo, Plain):
            for part, some in interrupts.until_asked(_settled(run, todo, lines)):
                if some:
                    results.verdict_lines(some)
                run.count(part, counts)
                progress.tick(part.last)
            continue
        frame = capture.read(todo)
        results.expect(frame)
        for event in engine.take(frame):
            results.take(event)
        progress.tick(todo)
    found = run.settled(counts)
    results.summary.add(int(counts.sum()), found.outcomes, found.layers, found.filters)
    if results.report is not None and samples is not None:
        for first, others in zip(samples.firsts.tolist(), counts.tolist(), strict=True):
            if others:
                results.report.add_like(first, others)


def _settled(run: MixedRun, plain: Plain, lines: ClassVerdicts | None) -> Iterator[tuple[Plain, bytes]]:
    """A stretch of frames as a whole, or where lines are wanted some thousand frames at a time with theirs."""
    if lines is None:
        yield plain, b""
        return
    number = plain.first
    for part in run.group_parts(plain):
        for begin in range(0, len(part), _LINES_AT_ONCE):
            some = part[begin : begin + _LINES_AT_ONCE].tolist()
            yield Plain(number, number + len(some) - 1), lines.lines(number, some)
            number += len(some)
