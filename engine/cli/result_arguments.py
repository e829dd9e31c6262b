"""Options of every command that runs the engine: where its results go, and which findings fail it."""

from __future__ import annotations

import argparse

FAIL_LEVELS = ("error", "warning", "never")


def add_result_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name outputs, `--fail-on` and `--quiet`."""
    parser.add_argument("--verdicts", metavar="F", help="JSON lines, what became of each frame; - is standard output")
    parser.add_argument("--trace", metavar="F", help="JSON lines, every event")
    parser.add_argument("--summary", metavar="F", help="JSON, counts of the whole run")
    parser.add_argument(
        "--report", metavar="F", action="append", default=[],
        help="a report, .html or .json, or the capture with what became of each frame as a comment, .pcapng; "
             "may be repeated; - is JSON on standard output",
    )
    parser.add_argument(
        "--fail-on", metavar="error|warning|never", choices=FAIL_LEVELS, default="error",
        help="findings that make the exit status 1 (default: error)",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress, and no summary in text")
