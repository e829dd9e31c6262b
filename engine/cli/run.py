"""`l2scope run`: the engine without a window, over a whole capture."""

from __future__ import annotations

import argparse

from engine.cli.early_scan import begin_early
from engine.cli.engine_arguments import add_engine_options
from engine.cli.result_arguments import add_result_options
from engine.cli.source_options import CAPTURE_HELP, add_salvage_option, add_source_options, source_options


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
    early = begin_early(args, source_options(args))
    try:
        from engine.cli.run_capture import run_capture  # loaded while the kernels read

        return run_capture(args, early)
    finally:
        if early is not None:
            early.close()
