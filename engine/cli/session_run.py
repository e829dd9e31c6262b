"""One run of the engine over a stream of frames: what `run` and `live` have in common."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext, redirect_stdout
from time import perf_counter

from engine.classify.engine import Engine
from engine.cli.engine_arguments import run_seed
from engine.cli.interrupts import INTERRUPTED, Interrupts
from engine.cli.progress import Progress
from engine.cli.results import FAIL_ON, Results, open_results
from engine.cli.watch import ProcessWatch
from engine.frames.frame import Frame
from engine.report.session_report import session_facts

Feed = Callable[[Results, Progress, Interrupts], None]


def run_session(
    args: argparse.Namespace, engine: Engine, source: str, frames: Iterable[Frame | None], inputs: Sequence[str],
    feed: Feed | None = None, *, begun: float | None = None,
) -> int:
    """Bring the frames through the engine and write the results; return the exit status. Raises EngineError.

    None among the frames means that there is nothing more for now: what is there is brought out. `inputs` are files
    that are being read. `feed` brings the frames through a started engine in another way than one by one. `begun` is
    when reading began, on the clock of `perf_counter`; None: now.
    """
    facts = session_facts(engine, source, args.policy, run_seed(args))
    is_progress_wanted = not args.quiet and "-" not in (args.verdicts, args.trace)
    begun = perf_counter() if begun is None else begun
    status = 0  # stays where whoever read standard output has gone
    watch = engine.watch if isinstance(engine.watch, ProcessWatch) else nullcontext()
    with Interrupts() as interrupts, watch, open_results(args, engine, facts, inputs) as results:
        progress = Progress(is_wanted=is_progress_wanted)
        with redirect_stdout(sys.stderr):  # a callout may print; `--verdicts -` stays JSON lines
            for event in engine.start():
                results.take(event)
            if feed is None:
                step_frames(engine, interrupts.until_asked(frames), results, progress)
            else:
                feed(results, progress, interrupts)
            for event in engine.finish():
                results.take(event)
            results.finish()
        progress.clear()
        results.write(args, perf_counter() - begun)
        status = 1 if results.summary.severities & FAIL_ON[args.fail_on] else 0
        if interrupts.is_asked:
            status = INTERRUPTED
    return status


def step_frames(engine: Engine, frames: Iterable[Frame | None], results: Results, progress: Progress) -> None:
    """Bring frames through a started engine one by one; None is as for `run_session`."""
    take = results.take
    count = 0
    for frame in frames:
        if frame is None:
            results.flush()
            continue
        results.expect(frame)
        for event in engine.take(frame):
            take(event)
        count += 1
        progress.tick(count)
