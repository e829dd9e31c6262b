"""The report of a debug session: of what its trace holds, whether it has just run or was read from a file."""

from __future__ import annotations

from engine import __version__
from engine.debugger.session import DebugSession
from engine.report.report_fold import report_from_trace
from engine.report.report_model import Report, SessionFacts
from engine.report.session_report import shown_name
from engine.trace import events as ev


def report_of_session(session: DebugSession) -> Report:
    """The same as the run's own report, as far as its steps were recorded. Raises ChunkError."""
    policy = session.document.path
    facts = SessionFacts(
        source=shown_name(session.source_name), policy=None if policy is None else shown_name(policy),
        seed=session.seed, options=session.options.changed(), engine=_version(session))
    return report_from_trace(session.trace, facts, session.policy)


def _version(session: DebugSession) -> str:
    """Of the program that recorded the steps."""
    first = session.trace[0].event if len(session.trace) else None
    return first.version if isinstance(first, ev.SessionBegan) else __version__
