"""What a completion function did with the NBLs that came back.

Source: callouts-nbl-injection 3.4, 7 (M11 to M15).
"""

from __future__ import annotations

from itertools import pairwise
from types import FunctionType, MethodType
from typing import Any

from engine.callouts.texts import function_name
from engine.classify.host import Driver, Host, InjectionRun
from engine.classify.verifier.ledger import Segment
from engine.classify.verifier.statuses import judge_statuses
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import NblId, NblKind, NblState
from engine.ndis.status import nt_success, status_text

_CONTAINERS = (dict, list, set, bytearray)
"""What a script can empty: it has no other way to give a context back."""

Before = tuple[Segment | None, set[tuple[NblId, str]], int]


def begin(host: Host, injection: InjectionRun, nbls: list[NetBufferList]) -> Before:
    """A completion function is about to be called; give the result to `judge`."""
    ledger = host.ledger
    before = ledger.segment, ledger.reads, _size(injection.context)
    ledger.segment, ledger.reads = Segment(injection.id, nbls), set()
    return before


def judge(host: Host, injection: InjectionRun, before: Before) -> None:
    """The completion function has returned."""
    ledger = host.ledger
    segment, reads = ledger.segment, ledger.reads
    assert segment is not None, "begin has set it"
    ledger.segment, ledger.reads, size = before

    def broken(rule: str, detail: str, nbl: NetBufferList, severity: str | None = None) -> None:
        line = function_line(injection.driver, injection.completion)
        host.broken(rule, detail, nbl, driver=injection.driver, line=line, severity=severity)

    for nbl in segment.nbls:
        status = nbl.status or 0
        if not nt_success(status) and (nbl.id, "status") not in reads:
            broken("M11", f"{nbl.id} came back with {status_text(status)}, which was never read", nbl)
    if segment.statuses:
        judge_statuses(host, injection.driver, segment, function_line(injection.driver, injection.completion))
    if len(segment.nbls) > 1:
        _judge_frees(host, injection, segment, reads, function_line(injection.driver, injection.completion))
    if size and not _size(injection.context) and injection.outstanding:
        ledger.emptied.add(injection.id)
        broken("M13", f"the context was given up while {injection.outstanding} NBLs of injection {injection.id} "
               "are still out", segment.nbls[0])
    elif injection.id in ledger.emptied and segment.nbls:
        broken("M13", f"injection {injection.id} completes on, with a context that was given up before",
               segment.nbls[0], "F")
    if not injection.outstanding:
        ledger.emptied.discard(injection.id)


def _judge_frees(host: Host, injection: InjectionRun, segment: Segment, reads: set[tuple[NblId, str]],
                 line: str) -> None:
    """M14: some of the segment were freed; the rest was not even looked at, or only left lying."""
    nbls = segment.nbls
    if segment.queued_work or not any(nbl.state is NblState.FREED for nbl in nbls):
        return
    touched = {id_ for id_, _ in reads}
    for previous, nbl in pairwise(nbls):
        if nbl.state is not NblState.COMPLETED or nbl.kind is NblKind.ORIGINAL:
            continue
        if nbl.id in touched or (previous.id, "next") in reads:
            host.ledger.left_over[nbl.id] = injection.driver.name, line  # it may have been put aside, to be freed later
        else:
            host.broken("M14", f"{nbl.id} came back in the same segment as {nbls[0].id} and was neither freed nor kept",
                        nbl, driver=injection.driver, line=line)


def freeing(host: Host, nbl: NetBufferList) -> None:
    """M15: a completion function frees another NBL of its injection than those it was given."""
    segment = host.ledger.segment
    if segment is None or nbl in segment.nbls or not nbl.history:
        return
    if nbl.history[-1].injection == segment.injection:
        in_later = nbl.injection is None
        given = ", ".join(one.id for one in segment.nbls)
        host.broken("M15", f"{nbl.id} is freed, but completed are {given}", nbl, severity="F" if in_later else None)


def function_line(driver: Driver, function: object) -> str:
    """Where a function of the driver's script begins: `reflect.py:41`; the file's name if that cannot be told."""
    inner: Any = function.__func__ if type(function) is MethodType else function
    if type(inner) is FunctionType and inner.__code__.co_filename == driver.script.file:
        return f"{driver.script.name}:{inner.__code__.co_firstlineno}"
    return f"{driver.script.name} {function_name(function)}"


def _size(context: object) -> int:
    return len(context) if type(context) in _CONTAINERS else 0  # type: ignore[arg-type]  # all of them have a length
