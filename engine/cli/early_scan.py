"""Reads a large capture on another core while this one still loads the engine: kernels need neither policy nor driver.

What comes of it is what a scan finds that begins later; nothing is decided here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING

from engine.cli.annotated import is_capture_name
from engine.errors import CaptureError
from engine.frames.capture import CaptureFile, SourceOptions, open_capture
from engine.frames.compressed import MAGIC_BYTES, packing_of

if TYPE_CHECKING:
    from engine.bulk.capture_classes import CaptureClasses

BULK_FROM_BYTES = 4 << 20
"""A smaller capture is through before the compiled kernels are loaded."""
_SWITCH_S = 0.0005
"""Whoever waits for Python's lock gets it after so long: the kernels come back for it every two milliseconds."""
_LOOK_S = 0.1


def begin_early(args: argparse.Namespace, options: SourceOptions) -> EarlyScan | None:
    """Begin, where the bulk path will want it as far as can be told; whatever is wrong is said later, in its order."""
    if args.follow or args.trace or options.salvage or not _is_large(args.capture):
        return None
    if any(map(is_capture_name, args.report)):
        return None  # the frames are written again, each with what became of it
    begun = perf_counter()
    try:
        capture = open_capture(args.capture, options)
    except CaptureError:
        return None
    if not capture.is_file:
        capture.close()
        return None
    from engine.bulk.capture_classes import CaptureClasses
    from engine.bulk.kernel.calls import must_compile

    if must_compile() and not args.quiet and sys.stderr.isatty():
        print("l2scope: compiling the kernels of the bulk path, once on this machine …", file=sys.stderr)
    return EarlyScan(capture, CaptureClasses(capture, args.capture), begun)


class EarlyScan:
    """A scan in a thread of its own. Nobody else may use the capture before `read` has come to its end or `cancel`."""

    def __init__(self, capture: CaptureFile, scanned: CaptureClasses, begun: float) -> None:
        self.capture, self.scanned = capture, scanned
        self.begun = begun
        """Seconds on the clock of `perf_counter` at which reading began."""
        self._frames_and_bytes = (0, 0)
        self._failure: BaseException | None = None
        self._is_cancelled = False
        self._switch_s = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        self._thread = Thread(target=self._run, name="early scan", daemon=True)
        self._thread.start()

    def read(self) -> Iterator[tuple[int, int]]:
        """Wait for it; yields (frames, bytes done) meanwhile. Whoever stops asking has cancelled."""
        try:
            while True:
                self._thread.join(_LOOK_S)
                yield self._frames_and_bytes
                if not self._thread.is_alive():
                    break
        finally:
            self.cancel()
        if self._failure is not None:
            raise self._failure

    def cancel(self) -> None:
        """Stop where it is; nothing happens if it has come to its end."""
        self._is_cancelled = True
        self._thread.join()
        sys.setswitchinterval(self._switch_s)

    def close(self) -> None:
        """Nobody wants the capture any more."""
        self.cancel()
        self.capture.close()

    def _all(self) -> Generator[tuple[int, int], None, None]:
        from engine.bulk.scan import can_scan

        if self.capture.is_compressed:
            for done in self.capture.unpack():
                yield 0, done
        if can_scan(self.capture):
            yield from self.scanned.read()

    def _run(self) -> None:
        scan = self._all()
        try:
            for self._frames_and_bytes in scan:
                if self._is_cancelled:
                    return
        except BaseException as failure:  # noqa: BLE001  # it is raised where it is waited for
            self._failure = failure
        finally:
            scan.close()


def _is_large(name: str) -> bool:
    try:
        path = Path(name)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            is_packed = packing_of(file.read(MAGIC_BYTES)) is not None
        return path.stat().st_size >= (BULK_FROM_BYTES // 16 if is_packed else BULK_FROM_BYTES)
    except (OSError, ValueError):
        return False
