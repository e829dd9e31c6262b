"""`l2scope fields`: what was extracted from each frame, a JSON line for each."""

from __future__ import annotations

import argparse

from engine.cli.output import LineOutput, open_output
from engine.cli.progress import Progress
from engine.cli.source_options import (
    CAPTURE_HELP,
    add_salvage_option,
    add_source_options,
    refuse_no_frames,
    source_options,
    warn_of_damage,
)
from engine.frames.capture import CaptureFile, open_capture
from engine.report.fields.lines import FieldLines

_LINES_AT_ONCE = 256
_FIRST_FRAMES, _LARGE_BYTES = 2_000, 16 << 20
"""Of a file this large the frames behind these are found by kernels."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "fields",
        help="one JSON line per frame: the fields of its layers, nothing classified",
        description="Write a JSON line for each frame of a capture: direction, header, and every field of its layers.",
    )
    parser.add_argument("capture", metavar="CAPTURE", help=CAPTURE_HELP)
    parser.add_argument("--out", metavar="F", default="-", help="file to write; - is standard output (default)")
    add_source_options(parser)
    add_salvage_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it; 0 even where the capture is damaged further on. Raises EngineError."""
    options = source_options(args)
    with open_capture(args.capture, options) as capture:
        with open_output("--out", args.out, capture=args.capture) as out:
            if not _write(capture, out, Progress(is_wanted=args.out != "-")):
                refuse_no_frames(args, capture)
        warn_of_damage(capture)
    return 0


def _write(capture: CaptureFile, out: LineOutput, progress: Progress) -> bool:
    """Write a line for each frame: the first at once, then more and more at a time; of a pipe each as it comes.

    Returns whether there was one.
    """
    line, most = FieldLines().line, 1
    waiting: list[bytes] = []
    has_frames = False
    try:
        for frame in capture:
            has_frames = True
            waiting.append(line(frame))
            if len(waiting) >= most:
                ready, waiting = waiting, []  # an interruption must not write them twice
                out.lines(ready)
                progress.tick(frame.number)
                most = min(2 * most, _LINES_AT_ONCE) if capture.is_file else 1
            if frame.number == _FIRST_FRAMES and _is_large(capture):
                out.lines(waiting)
                waiting.clear()
                _write_rest(capture, frame.number + 1, out, progress)
                break
    finally:
        out.lines(waiting)
        progress.clear()
    return has_frames


def _is_large(capture: CaptureFile) -> bool:
    """Kernels pay, and they find all frames that are wanted."""
    if (not capture.is_file or capture.path.stat().st_size < _LARGE_BYTES or capture.options.gaps
            or capture.options.first > 1 or capture.options.last is not None):
        return False
    from engine.bulk.scan import can_scan  # its compiled kernels take a moment to load

    return can_scan(capture)


def _write_rest(capture: CaptureFile, first: int, out: LineOutput, progress: Progress) -> None:
    """Write the lines from frame `first` on."""
    from engine.bulk.capture_classes import CaptureClasses
    from engine.report.fields.bulk_lines import BulkFieldLines

    scanned = CaptureClasses(capture, capture.path, details=True)
    lines = BulkFieldLines(capture, scanned)
    for known, _ in scanned.read():
        for ready in lines.lines(first, known):
            out.lines(ready)
            progress.tick(first)
        first = known + 1
