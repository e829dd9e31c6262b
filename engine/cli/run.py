"""`l2scope run`: the engine without a window, over a whole capture."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from engine.cli.engine_options import add_engine_options, files_read, make_engine
from engine.cli.results import add_result_options
from engine.cli.session_run import run_session
from engine.cli.source_options import add_source_options, source_options
from engine.cli.summary_text import printable
from engine.frames.capture import CaptureFile, open_capture
from engine.frames.frame import Frame


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "run",
        help="the engine without a window, over a whole capture",
        description="Bring every frame of a capture through the four MAC layers and say what became of it.",
    )
    parser.add_argument("capture", metavar="CAPTURE", help="pcap or pcapng file, plain or gzipped; - is standard input")
    add_engine_options(parser)
    add_source_options(parser)
    add_result_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it; damage further on in the capture is a warning. Raises EngineError."""
    options = source_options(args)
    engine = make_engine(args)
    inputs = [args.capture, *files_read(args, engine)]
    with open_capture(args.capture, options) as capture:
        status = run_session(args, engine, args.capture, _frames(capture), inputs)
        if capture.damage is not None:
            print(f"l2scope: warning: {printable(str(capture.damage))}", file=sys.stderr)
    return status


def _frames(capture: CaptureFile) -> Iterator[Frame | None]:
    for frame in capture:
        yield frame
        if not capture.is_file:
            yield None  # the writer may take its time with the next one
