"""`l2scope explore`: many runs under many adversities, and the smallest one for each distinct finding."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack, redirect_stdout
from itertools import islice
from pathlib import Path

import msgspec

from engine.cli.engine_arguments import add_engine_options, run_seed
from engine.cli.engine_options import files_read, make_engine, read_engine_options
from engine.cli.interrupts import INTERRUPTED, Interrupts
from engine.cli.output import LineOutput, is_same_file, open_output
from engine.cli.printable import printable
from engine.cli.progress import Progress
from engine.cli.results import FAIL_ON
from engine.cli.source_options import add_source_options, refuse_no_frames, source_options
from engine.cli.watch import ProcessWatch
from engine.errors import OptionError
from engine.explore.discovery import Discovery, Explored
from engine.explore.discovery import Progress as Step
from engine.explore.explorer import Exploring, explore
from engine.explore.laboratory import Laboratory
from engine.explore.reproduction import Given, discovery_line, discovery_text
from engine.explore.walk import walk
from engine.frames.capture import open_capture
from engine.frames.frame import Frame

MOST_FRAMES = 2_000
"""Frames that are run again and again."""
RUNS = 100
MOST_RUNS = 1_000_000


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "explore",
        help="many seeds and adversities; each distinct finding with the smallest run that shows it",
        description="Run a capture under many seeds and adversities and say, for each distinct finding, the smallest "
                    "run that shows it. The first run has no adversity.",
    )  # fmt: skip
    parser.add_argument(
        "capture", metavar="CAPTURE", help="pcap or pcapng file, plain or compressed with gzip, zstd or LZ4")
    parser.add_argument("--runs", metavar="N", help=f"how many runs (default: {RUNS})")
    parser.add_argument("--exhaustive", action="store_true",
                        help="fail each allocation, injection and completion in turn, until no new one appears; end at "
                             "the first that leaks, stalls or breaks a rule; what is broken without comes before")
    parser.add_argument("--all", action="store_true", help="with --exhaustive: go on behind the first")
    add_engine_options(parser)
    add_source_options(parser)
    parser.add_argument("--out", metavar="F", help="JSON lines, one for each distinct finding; - is standard output")
    parser.add_argument("--fail-on", metavar="error|warning|never", choices=FAIL_ON, default="error",
                        help="findings that make the exit status 1 (default: error)")
    parser.add_argument("--quiet", action="store_true", help="no progress, and no text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it; with Ctrl-C what was found so far stands. Raises EngineError."""
    runs, seed = _runs(args), run_seed(args)
    engine = make_engine(args)  # what is wrong with the policy is said before anything is read
    _check_out(args, files_read(args, engine))
    document, options = read_engine_options(args)
    frames = _frames(args)
    with ProcessWatch(args.last_resort) as watch:
        laboratory = Laboratory(document, options, frames, watch=watch)
        if args.exhaustive:
            return _Exploration(args, len(frames)).run(walk(laboratory, seed, all_findings=args.all))
        return _Exploration(args, len(frames)).run(explore(laboratory, runs, seed))


class _Exploration:
    """Writes what comes, as it comes."""

    def __init__(self, args: argparse.Namespace, frames: int) -> None:
        self._args, self._frames = args, frames
        self._given = _given(args)
        self._encode = msgspec.json.Encoder().encode
        self._fails = False
        self._found = 0
        self._is_text_wanted = not args.quiet and args.out != "-"

    def run(self, exploring: Exploring) -> int:
        args = self._args
        with Interrupts() as interrupts, ExitStack() as stack:
            out = None if args.out is None else stack.enter_context(
                open_output("--out", args.out, capture=args.capture))
            text = stack.enter_context(open_output("standard output", "-")) if self._is_text_wanted else None
            progress = Progress(is_wanted=not args.quiet)
            nowhere = stack.enter_context(Path(os.devnull).open("w"))
            step, end = Step(0, 0, "run", 0), None
            try:
                while not interrupts.is_asked:
                    with redirect_stdout(nowhere):  # callouts may print, in every run anew
                        now = next(exploring)
                    if isinstance(now, Discovery):
                        progress.clear()
                        self._show(now, out, text)
                    else:
                        step = now
                        progress.say(_progress_text(now))
            except StopIteration as stop:
                end = stop.value
            progress.clear()
            if text is not None:
                text.line(printable(self._summary(step, end)).encode(errors="backslashreplace"))
        return INTERRUPTED if interrupts.is_asked else int(self._fails)

    def _show(self, found: Discovery, out: LineOutput | None, text: LineOutput | None) -> None:
        self._found += 1
        self._fails |= found.seen.severity in FAIL_ON[self._args.fail_on]
        if out is not None:
            out.line(self._encode(discovery_line(found, self._given)))
            out.flush()
        if text is not None:
            for line in (*discovery_text(found, self._given), ""):
                text.line(printable(line).encode(errors="backslashreplace"))
            text.flush()

    def _summary(self, step: Step, end: Explored | None) -> str:
        done = step.done if end is None else end.runs
        noun = "failures tried" if self._args.exhaustive else "runs"
        parts = [f"{self._args.capture}: {self._frames} frames, {done} {noun}"]
        if end is not None and self._args.exhaustive:
            parts.append(f"{end.sites} call paths met" + ("" if end.is_whole else ", not all were tried"))
        if end is not None and end.cut:
            parts.append(f"{end.cut} runs cut because they did not come to an end")
        parts.append(f"{self._found} distinct finding{'s' * (self._found != 1)}" if self._found else "no finding")
        if end is None:
            parts.append("interrupted")
        return ", ".join(parts)


def _progress_text(step: Step) -> str:
    what = "" if step.what == "run" else f", {step.what}"
    return f"{step.done} of {step.of} runs{what}, {step.findings} findings"


def _check_out(args: argparse.Namespace, inputs: list[str]) -> None:
    """OptionError if the output is a file that every run reads; `open_output` looks at the capture itself."""
    for name in inputs:
        if args.out not in (None, "-") and is_same_file(args.out, name):
            raise OptionError(f"--out {args.out}", f"{name} is read by this run", "name another file")


def _given(args: argparse.Namespace) -> Given:
    settings = [word for value in args.set for word in ("--set", value)]
    settings += [word for value in args.fault for word in ("--fault", value)]
    source = [word for value in args.local_mac for word in ("--local-mac", value)]
    if args.direction != "auto":
        source += ["--direction", args.direction]
    return Given(args.capture, args.policy, tuple(settings), tuple(source))


def _frames(args: argparse.Namespace) -> list[Frame]:
    if args.capture == "-":
        raise OptionError("CAPTURE -", "standard input can be read once only", "write it into a file first")
    with open_capture(args.capture, source_options(args)) as capture:
        frames = list(islice(capture, MOST_FRAMES + 1))
        if capture.damage is not None:
            print(f"l2scope: warning: {printable(str(capture.damage))}", file=sys.stderr)
        if not frames:
            refuse_no_frames(args, capture)
    if len(frames) > MOST_FRAMES:
        frames.pop()
        print(f"l2scope: warning: {printable(args.capture)}: only the first {MOST_FRAMES} frames are run; choose "
              "others with --frames", file=sys.stderr)
    return frames


def _runs(args: argparse.Namespace) -> int:
    text = args.runs
    if args.all and not args.exhaustive:
        raise OptionError("--all", "every run is made, there is nothing to go on behind", "add --exhaustive")
    if text is None:
        return RUNS
    if args.exhaustive:
        raise OptionError("--runs", "the exhaustive walk has as many runs as it needs", "leave it out")
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= MOST_RUNS:
        raise OptionError("--runs", f"{text!r} is no number of runs", f"give 1 to {MOST_RUNS}")
    return int(text)
