"""`l2scope live`: the engine over a live interface. Frames are only observed: nothing is held back or sent."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from time import monotonic

from engine.cli.engine_arguments import add_engine_options
from engine.cli.engine_options import files_read, make_engine
from engine.cli.result_arguments import add_result_options
from engine.cli.session_run import run_session
from engine.cli.source_options import add_source_options, source_options
from engine.errors import OptionError
from engine.frames.capture import SourceOptions
from engine.frames.frame import Frame
from engine.frames.live import LiveSource

_BATCH_FRAMES = 256
_WAIT_SECONDS = 0.1


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "live",
        help="the engine over a live interface, frames only observed",
        description="Listen on an interface and say what the policy would do to its frames. None is held back or sent.",
    )
    parser.add_argument("interface", metavar="IFACE", help="one of those that `l2scope interfaces` lists")
    parser.add_argument("--count", metavar="N", help="end after so many frames")
    parser.add_argument("--seconds", metavar="S", help="end after so much time")
    add_engine_options(parser)
    add_source_options(parser)
    add_result_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it, until --count, --seconds or Ctrl-C. Raises EngineError."""
    count, seconds = _count(args.count), _seconds(args.seconds)
    options = source_options(args)
    engine = make_engine(args)
    with LiveSource(args.interface, options) as source:
        frames = _frames(source, options, count, seconds)
        status = run_session(args, engine, args.interface, frames, files_read(args, engine))
        if source.lost:
            print(f"l2scope: warning: {source.lost} frames were lost before they were read", file=sys.stderr)
    return status


def _frames(
    source: LiveSource, options: SourceOptions, count: int | None, seconds: float | None
) -> Iterator[Frame | None]:
    """Yield frames as they arrive, and None whenever there are none for now."""
    until = None if seconds is None else monotonic() + seconds
    left = count
    while until is None or monotonic() < until:
        for frame in source.poll(_BATCH_FRAMES if left is None else min(left, _BATCH_FRAMES)):
            if options.wants(frame.number):
                yield frame
                left = None if left is None else left - 1
            if frame.number == options.last or left == 0:
                return
        yield None
        source.wait(_WAIT_SECONDS if until is None else max(0.0, min(_WAIT_SECONDS, until - monotonic())))


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    if re.fullmatch("[0-9]{1,18}", text) is None or int(text) == 0:
        raise OptionError("--count", f"{text!r} is no number of frames", "write it as 100")
    return int(text)


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise OptionError("--seconds", f"{text!r} is no length of time", "write it as 10 or 0.5")
    return seconds
