"""Texts of what a driver's code called."""

from __future__ import annotations

from typing import assert_never

from engine.ndis.status import status_name
from engine.report.describe.line import (
    Line,
    bytes_text,
    count_text,
    millis_text,
    nbls_text,
    python_name,
    state_text,
    status_mark,
)
from engine.trace import events as ev

NblCall = (
    ev.StackCaptured | ev.StateQueried | ev.NblReferenced | ev.NblDereferenced | ev.NblCloned | ev.NblAllocated
    | ev.NblFreed | ev.MdlAllocated | ev.MdlFreed | ev.PoolAllocated | ev.PoolFreed | ev.DataWritten | ev.OffsetChanged
    | ev.MemberWritten
)  # fmt: skip
InjectionCall = (
    ev.InjectCalled | ev.InjectRefused | ev.InjectAccepted | ev.CompletionReturned | ev.WorkQueued | ev.HandleCreated
    | ev.HandleClosing | ev.HandleClosed
)  # fmt: skip


def describe_nbl_call(event: NblCall) -> Line:
    match event:
        case ev.StackCaptured(function=function, path=path):
            return Line(f"on the way to {function}", " › ".join(path))
        case ev.StateQueried(nbl=nbl, state=state):
            return Line(f"query injection state of {nbl}", state_text(state))
        case ev.NblReferenced(nbl=nbl, count=count, intend_to_modify=modify):
            return Line(f"reference {nbl}", f"count {count}, to modify it" if modify else f"count {count}")
        case ev.NblDereferenced(nbl=nbl, count=count):
            return Line(f"dereference {nbl}", f"count {count}")
        case ev.NblCloned(parent=parent, clone=clone, status=status):
            return Line(f"clone {parent}", f"→ {clone}" if clone else status_name(status), status_mark(status))
        case ev.NblAllocated(nbl=nbl, status=status):
            return Line("allocate an NBL", f"→ {nbl}" if nbl else status_name(status), status_mark(status))
        case ev.NblFreed(nbl=nbl, function=function):
            return Line(f"free {nbl}", python_name(function))
        case ev.DataWritten(nbl=nbl, offset=offset, new=new, sharers=sharers):
            shared = f"seen by {nbls_text(sharers)}" if len(sharers) > 1 else "own memory"
            return Line(f"write {nbl or 'memory'}, {bytes_text(offset, len(new))}", shared)
        case ev.OffsetChanged(nbl=nbl, delta=delta, status=status, new_mdl=new_mdl):
            verb = "retreat" if delta < 0 else "advance"
            note = f"new MDL {new_mdl}" if new_mdl else status_name(status)
            return Line(f"{verb} {nbl} by {count_text(abs(delta), 'byte')}", note, status_mark(status))
        case ev.MemberWritten(nbl=nbl, member=member, old=old, new=new):
            return Line(f"{nbl}.{member} = {new}", f"was {old}")
        case _:
            return _memory(event)


def _memory(event: ev.MdlAllocated | ev.MdlFreed | ev.PoolAllocated | ev.PoolFreed) -> Line:
    match event:
        case ev.MdlAllocated(mdl=mdl, data=data):
            return Line(f"allocate MDL {mdl}", count_text(len(data), "byte"))
        case ev.MdlFreed(mdl=mdl):
            return Line(f"free MDL {mdl}")
        case ev.PoolAllocated(pool=pool):
            return Line(f"allocate {pool}")
        case ev.PoolFreed(pool=pool):
            return Line(f"free {pool}")
        case _:
            assert_never(event)


def describe_injection_call(event: InjectionCall) -> Line:
    match event:
        case ev.InjectCalled():
            return Line(f"{python_name(event.function)}({event.layer}, {nbls_text(event.nbls)})",
                        f"handle {event.handle}", "inject")
        case ev.InjectRefused(layer=layer, nbls=nbls, status=status):
            return Line(f"refused: {nbls_text(nbls)} at {layer}", status_name(status), "error")
        case ev.InjectAccepted(injection=injection):
            return Line(f"accepted: injection {injection}", "STATUS_SUCCESS", "inject")
        case ev.CompletionReturned(injection=injection, segment=segment):
            return Line("completion function returned", f"injection {injection}, segment {segment}")
        case ev.WorkQueued(function=function, due_ns=due_ns, is_timer=is_timer):
            return Line(f"set a timer for {function}" if is_timer else f"queue work: {function}",
                        f"due at {millis_text(due_ns)}")
        case ev.HandleCreated(handle=handle, status=status):
            return Line("create an injection handle", handle or status_name(status), status_mark(status))
        case ev.HandleClosing(handle=handle, pending=pending):
            return Line(f"destroy injection handle {handle}", f"{pending} pending" if pending else "nothing pending")
        case ev.HandleClosed(handle):
            return Line(f"injection handle {handle} is closed")
        case _:
            assert_never(event)
