"""`l2scope run`: the engine without a window, over a whole capture."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from engine.classify.engine import Engine
from engine.cli.engine_options import add_engine_options, files_read, make_engine
from engine.cli.results import add_result_options
from engine.cli.session_run import Feed, run_session
from engine.cli.source_options import (
    CAPTURE_HELP,
    add_salvage_option,
    add_source_options,
    source_options,
    warn_of_damage,
)
from engine.frames.capture import CaptureFile, open_capture
from engine.frames.frame import Frame

BULK_FROM_BYTES = 4 << 20
"""A smaller capture is through before the compiled kernels are loaded."""
_FOLLOW_SECONDS = 0.2
"""Between two looks for more."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "run",
        help="the engine without a window, over a whole capture",
        description="Bring every frame of a capture through the four MAC layers and say what became of it.",
    )
    parser.add_argument("capture", metavar="CAPTURE", help=CAPTURE_HELP)
    add_engine_options(parser)
    add_source_options(parser)
    add_salvage_option(parser)
    parser.add_argument(
        "--follow", action="store_true", help="wait for more at the end of a file that is still being written")
    add_result_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it; damage further on in the capture is a warning. Raises EngineError."""
    options = source_options(args)
    engine = make_engine(args)
    inputs = [args.capture, *files_read(args, engine)]
    with open_capture(args.capture, options) as capture:
        status = run_session(
            args, engine, args.capture, _frames(capture, args.follow), inputs, _bulk(args, engine, capture))
        warn_of_damage(capture)
    return status


def _bulk(args: argparse.Namespace, engine: Engine, capture: CaptureFile) -> Feed | None:
    """The bulk path where it pays; None: every frame is stepped. A trace and a report tell of every step."""
    if args.follow or args.trace or args.report or not capture.is_file:
        return None
    if Path(args.capture).stat().st_size < BULK_FROM_BYTES:
        return None
    from engine.cli import bulk_run  # its compiled kernels take a moment to load

    if not bulk_run.is_usable(engine, capture):
        return None
    return partial(bulk_run.run_in_bulk, args, engine, capture)


def _frames(capture: CaptureFile, is_followed: bool) -> Iterator[Frame | None]:
    if is_followed:
        for frame_or_none in capture.follow():
            yield frame_or_none
            if frame_or_none is None:
                time.sleep(_FOLLOW_SECONDS)
        return
    for frame in capture:
        yield frame
        if not capture.is_file:
            yield None  # the writer may take its time with the next one
