"""Where the results of a run go: `--verdicts`, `--trace`, `--summary`, `--report`, or a few lines of text."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

import msgspec

from engine.classify.engine import Engine
from engine.cli.annotated import check_annotated, is_capture_name, write_annotated
from engine.cli.output import LineOutput, open_output
from engine.cli.summary_text import summary_lines
from engine.errors import OptionError
from engine.frames.frame import Frame
from engine.report.report_model import SessionFacts
from engine.report.session_report import check_report, write_report
from engine.report.summary import SummaryFold
from engine.report.trace_file import trace_line
from engine.report.verdicts import FrameVerdict, VerdictFold
from engine.trace.events import TraceEvent
from engine.trace.rules import Severity
from engine.trace.trace import Recorder
from engine.wfp.policy import Policy

if TYPE_CHECKING:
    from engine.report.annotated import VerdictComments
    from engine.report.report_fold import ReportFold

FAIL_ON = {
    "error": frozenset({Severity.FATAL, Severity.ERROR}),
    "warning": frozenset({Severity.FATAL, Severity.ERROR, Severity.WARNING}),
    "never": frozenset[Severity](),
}
"""Severities that make the exit status 1. Source: contracts 3."""


class Results:
    """Takes a run's events and hands them to every output that was asked for."""

    def __init__(
        self, engine: Engine, facts: SessionFacts, verdicts: LineOutput | None, trace: LineOutput | None,
        summary: LineOutput | None, *, has_reports: bool, is_annotated: bool = False,
    ) -> None:
        self._place = engine.place
        self._facts = facts
        self._summary = summary
        self._outputs = [output for output in (verdicts, trace) if output is not None]
        self._verdicts, self._trace = verdicts, trace
        self._recorder = Recorder()
        self._encode = msgspec.json.Encoder().encode
        self._fold = VerdictFold(engine.policy)
        self.summary = SummaryFold(engine.policy)
        self.report = _report_fold(engine.policy) if has_reports else None
        self.comments = _comments(engine.policy) if is_annotated else None
        """What became of each frame, for a capture that is written again."""
        is_all_wanted = trace is not None or has_reports
        self._wanted = None if is_all_wanted else self._fold.kinds | self.summary.kinds
        """Kinds of events that some fold looks at; None: a trace or a report wants every one, numbered."""

    def expect(self, frame: Frame) -> None:
        """Announce a frame before the engine takes it."""
        self._fold.expect(frame.number, frame.direction)

    def take(self, event: TraceEvent) -> None:
        """Take in an event that the engine has just yielded."""
        if self._wanted is not None and type(event) not in self._wanted:
            return
        place = self._place
        record = self._recorder.record(event, place.frame, place.now_ns, place.irql)
        if self._trace is not None:
            self._trace.line(trace_line(record))
        self.summary.take(record)
        if self.report is not None:
            self.report.take(record)
        for verdict in self._fold.take(record):
            self._settle(verdict)

    @property
    def wants_verdicts(self) -> bool:
        return self._verdicts is not None

    def verdict_lines(self, lines: bytes) -> None:
        """Lines of `--verdicts` that are made already, without the last one's end; frames before them are settled."""
        if self._verdicts is not None:
            self._verdicts.line(lines)

    def flush(self) -> None:
        """Bring out what is there; for sources that make one wait."""
        for output in self._outputs:
            output.flush()

    def finish(self) -> None:
        """The run is over: the verdicts that are left."""
        for verdict in self._fold.finish():
            self._settle(verdict)

    def _settle(self, verdict: FrameVerdict) -> None:
        self.summary.settle(verdict)
        if self.report is not None:
            self.report.settle(verdict)
        if self.comments is not None:
            self.comments.take(verdict)
        if self._verdicts is not None:
            self._verdicts.line(self._encode(verdict))

    def write(self, args: argparse.Namespace, seconds: float) -> None:
        """Write what stands at the end only: summary, reports, text. Raises OptionError."""
        summary = self.summary.summary(seconds)
        if self._summary is not None:
            self._summary.line(self._encode(summary))
        if self.report is not None:
            report = self.report.report(self._facts, self.summary)
            for name in args.report:
                if not is_capture_name(name):
                    write_report(name, report)
        if self.comments is not None:
            write_annotated(args, self.comments)
        if not args.quiet and not _named(args):
            with open_output("standard output", "-") as output:
                for line in summary_lines(self._facts.source, summary, self.summary):
                    output.line(line.encode(errors="backslashreplace"))


def _report_fold(policy: Policy) -> ReportFold:
    from engine.report.report_fold import ReportFold  # a run without a report is through before it is loaded

    return ReportFold(policy)


def _comments(policy: Policy) -> VerdictComments:
    from engine.report.annotated import VerdictComments

    return VerdictComments(policy)


@contextmanager
def open_results(
    args: argparse.Namespace, engine: Engine, facts: SessionFacts, inputs: Sequence[str]
) -> Iterator[Results]:
    """Open every output. Raises OptionError for one that cannot be written, before anything runs."""
    _check_outputs(args, inputs)
    with ExitStack() as stack:
        verdicts = _opened(stack, "--verdicts", args.verdicts)
        trace = _opened(stack, "--trace", args.trace)
        summary = _opened(stack, "--summary", args.summary)
        yield Results(engine, facts, verdicts, trace, summary,
                      has_reports=not all(map(is_capture_name, args.report)),
                      is_annotated=any(map(is_capture_name, args.report)))


def _opened(stack: ExitStack, option: str, name: str | None) -> LineOutput | None:
    return None if name is None else stack.enter_context(open_output(option, name))


def _named(args: argparse.Namespace) -> list[tuple[str, str]]:
    """Options that name an output, and the names."""
    single = [(option, name) for option, name in (
        ("--verdicts", args.verdicts), ("--trace", args.trace), ("--summary", args.summary)) if name is not None]
    return [*single, *(("--report", name) for name in args.report)]


def _check_outputs(args: argparse.Namespace, inputs: Sequence[str]) -> None:
    taken = {_identity(name): f"{name} is read by this run" for name in inputs if name != "-"}
    for option, name in _named(args):
        if _identity(name) in taken:
            raise OptionError(f"{option} {name}", taken[_identity(name)], "name another file")
        taken[_identity(name)] = f"{option} has {'standard output' if name == '-' else 'this file'} already"
        if option == "--report" and is_capture_name(name):
            check_annotated(args, name)
        elif option == "--report":
            check_report(name)
        if name != "-" and not _is_folder(Path(name).parent):
            raise OptionError(f"{option} {name}", "there is no such folder within reach", "make the folder first")
        if option == "--report" and name != "-" and not os.access(Path(name).parent, os.W_OK):
            raise OptionError(f"{option} {name}", "the folder cannot be written", "name a file in another folder")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # behind a folder that is closed to us, or no name for the file system
        return False


def _identity(name: str) -> object:
    """What two names of one file have in common, hard links included; a device such as /dev/null may serve twice."""
    try:
        if name == "-" or not Path(name).exists():
            return name if name == "-" else str(Path(name).resolve())
        status = Path(name).stat()
    except (OSError, ValueError, RuntimeError):
        return name
    return (status.st_dev, status.st_ino) if S_ISREG(status.st_mode) else object()
