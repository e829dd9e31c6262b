"""`--report F.pcapng`: the capture again, with what became of each frame as a comment on it."""

from __future__ import annotations

import argparse
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.source_options import source_options
from engine.errors import OptionError
from engine.frames.pcapng_blocks import SUFFIX
from engine.frames.source_options import SourceOptions

if TYPE_CHECKING:
    from engine.report.annotated import VerdictComments

_OPTION = "--report"


def is_capture_name(name: str) -> bool:
    """The suffix says that a report is a capture."""
    return Path(name).suffix.lower() == SUFFIX


def check_annotated(args: argparse.Namespace, name: str) -> None:
    """Raise OptionError where the frames cannot be read a second time."""
    capture = getattr(args, "capture", None)
    if capture is None or capture == "-" or not Path(capture).is_file():
        what = "frames of an interface are" if capture is None else "what comes through a pipe is"
        raise OptionError(f"{_OPTION} {name}", f"{what} not kept, so that it cannot be written again",
                          "save it to a file first, or name an .html report")


def write_annotated(args: argparse.Namespace, comments: VerdictComments) -> None:
    """Write each such report: the wanted frames, with everything that was read still in it. Raises OptionError."""
    from engine.report.annotated import write_capture  # other runs are through before it is loaded

    options = source_options(args)
    is_wanted = None if options == SourceOptions(local_macs=options.local_macs, direction=options.direction,
                                                 salvage=options.salvage) else options.wants
    for name in filter(is_capture_name, args.report):
        deque(write_capture(args.capture, name, option=_OPTION, is_wanted=is_wanted, comments=comments), maxlen=0)
