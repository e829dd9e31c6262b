"""How a completion function has tested NBL.Status. Source: callouts-nbl-injection 3.7, 7 (M12)."""

from __future__ import annotations

from engine.callouts.status_value import StatusValue
from engine.classify.host import Driver, Host
from engine.classify.verifier.ledger import Segment
from engine.ndis.nbl import NetBufferList
from engine.ndis.status import nt_success, status_text


def status_read(host: Host, nbl: NetBufferList) -> int:
    """NBL.Status for a script; in a completion function it is noted what becomes of it."""
    segment = host.ledger.segment
    if not nbl.status or segment is None:
        return nbl.status or 0
    value = StatusValue(nbl.status)
    segment.statuses.append((nbl.id, value))
    return value


def judge_statuses(host: Host, driver: Driver, segment: Segment, line: str) -> None:
    """M12: a success with information taken for a failure, or a failure looked for below 0."""
    for nbl in segment.nbls:
        values = [value for id_, value in segment.statuses if id_ == nbl.id]
        if not values or any(value.tested for value in values):
            continue
        status = values[0]
        text = status_text(int(status))
        if nt_success(int(status)) and any(value.against_zero for value in values):
            detail = f"{nbl.id} came back with {text}, which is a success, and was compared with STATUS_SUCCESS alone"
        elif not nt_success(int(status)) and any(value.ordered for value in values):
            detail = f"{nbl.id} came back with {text}; an unsigned status is never below 0"
        else:
            continue
        host.broken("M12", detail, nbl, driver=driver, line=line)
