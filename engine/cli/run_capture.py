"""What `l2scope run` does: a whole capture through the engine, in bulk where that pays, else frame by frame."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from functools import partial

from engine.classify.engine import Engine
from engine.cli.early_scan import EarlyScan
from engine.cli.engine_options import files_read, make_engine
from engine.cli.session_run import Feed, run_session
from engine.cli.source_options import refuse_no_frames, source_options, warn_of_damage
from engine.frames.capture import CaptureFile, open_capture
from engine.frames.frame import Frame

_FOLLOW_SECONDS = 0.2
"""Between two looks for more."""


def run_capture(args: argparse.Namespace, early: EarlyScan | None) -> int:
    """Do it; damage further on in the capture is a warning. `early` reads the capture already. Raises EngineError."""
    options = source_options(args)
    engine = make_engine(args)
    inputs = [args.capture, *files_read(args, engine)]
    with open_capture(args.capture, options) if early is None else early.capture as capture:
        frames = _frames(args, capture)
        status = run_session(args, engine, args.capture, frames, inputs, _bulk(args, engine, early, frames),
                             begun=None if early is None else early.begun)
        warn_of_damage(capture)
    return status


def _bulk(args: argparse.Namespace, engine: Engine, early: EarlyScan | None,
          frames: Iterator[Frame | None]) -> Feed | None:
    """The bulk path, if it has begun and the policy's options let it; None: every frame is stepped."""
    if early is None:
        return None
    from engine.cli import bulk_run

    if not bulk_run.is_possible(engine):
        early.cancel()
        return None
    return partial(bulk_run.run_in_bulk, args, engine, early, frames)


def _frames(args: argparse.Namespace, capture: CaptureFile) -> Iterator[Frame | None]:
    if args.follow:
        for frame_or_none in capture.follow():
            yield frame_or_none
            if frame_or_none is None:
                time.sleep(_FOLLOW_SECONDS)
        return
    is_empty = True
    for frame in capture:
        is_empty = False
        yield frame
        if not capture.is_file:
            yield None  # the writer may take its time with the next one
    if is_empty:
        refuse_no_frames(args, capture)
