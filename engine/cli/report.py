"""`l2scope report`: a saved session as a report, or its recorded steps as JSON lines. Nothing runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.output import is_same_file, open_output
from engine.cli.progress import Progress
from engine.debugger.session import DebugSession
from engine.errors import OptionError
from engine.report.of_session import report_of_session
from engine.report.session_report import check_report, write_report
from engine.report.trace_file import trace_line
from engine.sessions.opening import OpenedSession, read_session


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "report",
        help="a saved session as a report",
        description="Write a report of what a session has recorded. Nothing runs, so no script is asked for.",
    )
    parser.add_argument("session", metavar="SESSION.l2s", help="a session that was saved in the window")
    parser.add_argument(
        "-o", "--output", metavar="F", action="append", default=[],
        help="the report, .html or .json; may be repeated; - is JSON on standard output")
    parser.add_argument("--trace", metavar="F", help="JSON lines, every recorded event; - is standard output")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it. Raises EngineError."""
    if not args.output and args.trace is None:
        raise OptionError("report", "no output is named", "add -o FILE.html, -o FILE.json or --trace FILE.jsonl")
    for name in args.output:
        check_report(name, "-o")
    path = Path(args.session)
    for name in (*args.output, args.trace or "-"):
        if name != "-" and is_same_file(name, args.session):
            raise OptionError(name, "this is the session itself", "name another file for the output")
    opened = _read(path, Progress(is_wanted=not args.quiet and args.trace != "-"))
    try:
        _write(args, opened)
    finally:
        opened.close()
    return 0


def _read(path: Path, progress: Progress) -> OpenedSession:
    read = 0
    for done in read_session(path):
        if isinstance(done, OpenedSession):
            progress.clear()
            return done
        read += done
        progress.say(f"reading, {read >> 20} MiB")
    raise AssertionError("read_session ends with what it has read")


def _write(args: argparse.Namespace, opened: OpenedSession) -> None:
    if opened.recorded is None:
        raise OptionError(str(opened.path), "no steps are recorded in it", "open it in the window, run it and save it "
                          "with its steps")
    # The name of the policy is wanted, not its scripts.
    session = opened.session(opened.documents, trusted=False)
    try:
        if args.trace is not None:
            _write_trace(args.trace, session)
        if args.output:
            report = report_of_session(session)
            for name in args.output:
                write_report(name, report, "-o")
    finally:
        session.close()


def _write_trace(name: str, session: DebugSession) -> None:
    with open_output("--trace", name) as output:
        for seq in range(len(session.trace)):
            output.line(trace_line(session.trace[seq]))
