"""Reports as files: the suffix names the format."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from engine import __version__
from engine.classify.engine import Engine
from engine.errors import OptionError
from engine.report.json_report import render_json
from engine.report.report_model import Report, SessionFacts


def _html(report: Report) -> bytes:
    from engine.report.html import render_html  # its templates take a moment to load

    return render_html(report)


FORMATS: dict[str, Callable[[Report], bytes]] = {".html": _html, ".json": render_json}


def session_facts(engine: Engine, source: str, policy: str | None, seed: int) -> SessionFacts:
    """What was run, for the head of a report. Paths are told by their last part."""
    return SessionFacts(
        source=shown_name(source),
        policy=None if policy is None else shown_name(policy),
        seed=seed,
        options=engine.options.changed(),
        engine=__version__,
    )


def shown_name(path: Path | str) -> str:
    """The last part of a path as text: bytes that are none become replacement characters."""
    return (Path(path).name or str(path)).encode(errors="surrogateescape").decode(errors="replace")


def check_report(name: str, option: str = "--report") -> None:
    """Raise OptionError if there is no such form of a report; `option` is what it was named with."""
    if name != "-" and Path(name).suffix.lower() not in FORMATS:
        suffix = Path(name).suffix
        reason = f"{suffix} is no form of a report yet" if suffix else "the name has no suffix, which tells the form"
        raise OptionError(f"{option} {name}", reason, f"use {' or '.join(FORMATS)}")


def write_report(name: str, report: Report, option: str = "--report") -> None:
    """Write a report, whole or not at all; `-` is JSON on standard output. Raises OptionError."""
    check_report(name, option)
    if name == "-":
        sys.stdout.buffer.write(render_json(report))
        sys.stdout.buffer.flush()
        return
    target = Path(name).resolve()
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            file.write(FORMATS[target.suffix.lower()](report))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise OptionError(
            f"{option} {name}", error.strerror or str(error), "name a file that can be written") from None
