"""Where results go: a file or standard output, line by line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from engine.errors import OptionError


class OutputClosedError(Exception):
    """The reader of standard output has gone: nothing more is wanted, and nothing is wrong."""


class LineOutput:
    """Takes whole lines, so that what is there after an interruption ends with one."""

    def __init__(self, option: str, name: str, file: BinaryIO) -> None:
        self._option, self._name, self._file = option, name, file

    def line(self, encoded: bytes) -> None:
        """Write a line, given without its end. Raises OptionError, or OutputClosedError."""
        try:
            self._file.write(encoded + b"\n")
        except OSError as error:
            raise self._failure(error) from None

    def lines(self, encoded: Sequence[bytes]) -> None:
        """Write lines and let readers have them at once. Raises as `line` does."""
        if encoded:
            self.line(b"\n".join(encoded))
            self.flush()

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            raise self._failure(error) from None

    def _failure(self, error: OSError) -> Exception:
        if self._name == "-":
            _discard(self._file)
        if isinstance(error, BrokenPipeError):
            return OutputClosedError()
        return OptionError(f"{self._option} {self._name}", error.strerror or str(error), "name a file elsewhere")


@contextmanager
def open_output(option: str, name: str, *, capture: str | None = None) -> Iterator[LineOutput]:
    """Open the F of an option such as `--out F`; `-` is standard output.

    `capture` is the file that is being read: it is not overwritten. Raises OptionError. A reader of standard output
    that has gone ends the block quietly.
    """
    if name != "-" and capture is not None and is_same_file(name, capture):
        raise OptionError(f"{option} {name}", "this is the capture itself", "name another file")
    try:
        file = sys.stdout.buffer if name == "-" else Path(name).open("wb")  # noqa: SIM115  # closed below
    except OSError as error:
        raise OptionError(f"{option} {name}", error.strerror or str(error), "name a file that can be written") from None
    output = LineOutput(option, name, file)
    try:
        try:
            yield output
        finally:
            output.flush()
    except OutputClosedError:
        pass
    finally:
        if name != "-":
            with suppress(OSError):  # flushing has told already
                file.close()


def _discard(standard_output: BinaryIO) -> None:
    """Let what is still buffered go nowhere: Python flushes it once more at its end, and would fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, standard_output.fileno())
    os.close(nowhere)


def is_same_file(one: str, other: str) -> bool:
    """Whether two names are of one file that is there."""
    try:
        return Path(one).samefile(other)
    except (OSError, ValueError):
        return False
