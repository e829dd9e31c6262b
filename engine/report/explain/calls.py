"""Explanations of what a callout's code does: state query, NBLs, memory, injection, completion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.ndis.status import nt_success, status_text
from engine.report.explain.explanation import Explanation, Scene, chosen, documented, escape, layer_text, listing
from engine.trace import events as ev

_STATES = {
    "FWPS_PACKET_NOT_INJECTED": "Nobody injected it: the callout may treat it as new.",
    "FWPS_PACKET_INJECTED_BY_SELF": "This handle injected it last: **the callout must let it pass** unchanged.",
    "FWPS_PACKET_INJECTED_BY_OTHER": "Another handle injected it and this one never did: to this callout it is new.",
    "FWPS_PACKET_PREVIOUSLY_INJECTED_BY_SELF": "This handle injected it before, then another one took it up: **the "
    "callout must let it pass** unchanged.",
}


def _at(event: ev.Call) -> str:
    who = f"`{escape(event.driver)}`" if event.driver else "The driver"
    return f"{who} at `{escape(event.line)}`" if event.line else who


def stack_captured(_: Scene, event: ev.StackCaptured) -> Explanation:
    return Explanation(
        f"The calls of {event.driver} that lead to {event.function}",
        (" › ".join(f"`{escape(one)}`" for one in event.path) + ". They are told as `recording_level` is 4, as NDIS "
         "does it with TrackNblOwner 4.",), (documented("!ndiskd.nbl -stacks, TrackNblOwner"),))


def state_queried(_: Scene, event: ev.StateQueried) -> Explanation:
    context = f"Its injection context is `{escape(event.context)}`." if event.context else ""
    told = " ".join(part for part in (_STATES.get(event.state, ""), context) if part)
    return Explanation(
        f"{event.nbl} is {event.state.removeprefix('FWPS_PACKET_').replace('_', ' ').lower()}, says the state query",
        (f"{_at(event)} asked with handle `{escape(event.handle)}`. {told}".rstrip(),
         "“Self” is the handle, not the driver: a second handle of the same driver is a stranger."),
        (documented("FwpsQueryPacketInjectionState0, FWPS_PACKET_INJECTION_STATE"),
         chosen("CH-32", "the history of injections goes over to clones, not to copies")),
    )


def nbl_referenced(_: Scene, event: ev.NblReferenced) -> Explanation:
    modify = " With intendToModify it must return a hard block." if event.intend_to_modify else ""
    return Explanation(
        f"{event.nbl} gets a reference",
        (f"{_at(event)} may use it after classify returns; {event.count} now.{modify} Each needs its dereference.",),
        (documented("FwpsReferenceNetBufferList0"),))


def nbl_dereferenced(_: Scene, event: ev.NblDereferenced) -> Explanation:
    left = "No reference is left." if event.count == 0 else f"{event.count} left."
    return Explanation(
        f"A reference to {event.nbl} is given back", (f"{_at(event)} no longer needs it. {left}",),
        (documented("FwpsDereferenceNetBufferList0"),))


def nbl_cloned(_: Scene, event: ev.NblCloned) -> Explanation:
    if event.clone is None:
        return Explanation(
            f"Cloning {event.parent} failed",
            (f"{_at(event)} got `{status_text(event.status)}`.",
             ("With the batch flag at this layer the clone call always fails; otherwise memory ran out. The callout "
             "has to block visibly or let the original pass.")),
            (documented("FwpsAllocateCloneNetBufferList0"),
             chosen("CH-18", "under the batch flag: STATUS_INVALID_PARAMETER"),
             chosen("CH-19", "the taint holds for every callout of the traversal")))
    return Explanation(
        f"{event.clone} is cloned from {event.parent}",
        (f"{_at(event)} has a new NBL over **the same bytes**: what it writes there, the original shows as well.",
         f"{event.parent} counts one more child and cannot end before this clone is freed."),
        (documented("FwpsAllocateCloneNetBufferList0; cloned NET_BUFFER_LIST structures"),
         chosen("CH-33", "only the one NBL is cloned, not its chain")))


def nbl_allocated(_: Scene, event: ev.NblAllocated) -> Explanation:
    if event.nbl is None:
        return Explanation(
            "Allocating an NBL failed", (f"{_at(event)} got `{status_text(event.status)}`.",),
            (documented("FwpsAllocateNetBufferAndNetBufferList0"),))
    return Explanation(
        f"{event.nbl} is allocated",
        (f"{_at(event)} has an NBL of its own over its own MDLs. It has no parent and no injection history.",),
        (documented("FwpsAllocateNetBufferAndNetBufferList0"), chosen("CH-32", "a copy starts with an empty history")))


def nbl_freed(_: Scene, event: ev.NblFreed) -> Explanation:
    return Explanation(
        f"{event.nbl} is freed",
        (f"{_at(event)} called `{event.function}`. Nobody may touch the NBL any more.",),
        (documented("clones end in FwpsFreeCloneNetBufferList0, own NBLs in FwpsFreeNetBufferList0"),))


def mdl_allocated(_: Scene, event: ev.MdlAllocated) -> Explanation:
    return Explanation(
        f"An MDL over {len(event.data)} bytes is allocated",
        (f"{_at(event)} owns the memory and has to free MDL and buffer itself.",), (documented("IoAllocateMdl"),))


def mdl_freed(_: Scene, event: ev.MdlFreed) -> Explanation:
    return Explanation(
        f"MDL {event.mdl} is freed", (f"{_at(event)} is done with its memory.",), (documented("IoFreeMdl"),))


def pool_allocated(_: Scene, event: ev.PoolAllocated) -> Explanation:
    return Explanation(
        f"Pool {event.pool} is allocated", (f"{_at(event)} takes its NBLs from it; each must be freed before it.",),
        (documented("NdisAllocateNetBufferListPool"),))


def pool_freed(_: Scene, event: ev.PoolFreed) -> Explanation:
    return Explanation(
        f"Pool {event.pool} is freed", (f"{_at(event)} must have freed every NBL of it before.",),
        (documented("NdisFreeNetBufferListPool"),))


def data_written(_: Scene, event: ev.DataWritten) -> Explanation:
    who = f" of {event.nbl}" if event.nbl else ""
    shared = (f"**{listing(event.sharers)} see the change**: they share this memory."
              if len(event.sharers) > 1 else "No other NBL shares this memory.")
    return Explanation(
        f"{len(event.new)} bytes{who} are written",
        (f"{_at(event)} wrote at offset {event.offset}: `{_hex(event.old)}` → `{_hex(event.new)}`.", shared),
        (documented("a clone shares the buffers of its parent"),))


def _hex(data: bytes) -> str:
    return data[:8].hex(" ") + " …" * (len(data) > 8)


def offset_changed(_: Scene, event: ev.OffsetChanged) -> Explanation:
    back = event.delta < 0
    name = "NdisRetreatNetBufferDataStart" if back else "NdisAdvanceNetBufferDataStart"
    if not nt_success(event.status):
        return Explanation(
            f"Moving the data start of {event.nbl} failed", (f"{_at(event)} got `{status_text(event.status)}`.",),
            (documented(name),))
    mdl = f" No room was left, so MDL `{event.new_mdl}` was added in front." if event.new_mdl else ""
    return Explanation(
        f"Data of {event.nbl} now starts {abs(event.delta)} bytes {'earlier' if back else 'later'}",
        (f"{_at(event)} {'retreated to show what stands before' if back else 'advanced past what stands there'}.{mdl}",
         "At layer 56 classify shows the IP header, but an injection has to begin with the MAC header."),
        (documented(name), documented("data offset positions")))


def member_written(_: Scene, event: ev.MemberWritten) -> Explanation:
    return Explanation(
        f"{event.member} of {event.nbl} is written",
        (f"{_at(event)}: `{escape(event.old)}` → `{escape(event.new)}`.",), (documented("NET_BUFFER_LIST members"),))


def inject_called(_: Scene, event: ev.InjectCalled) -> Explanation:
    completion = (f" Completion function: `{escape(event.completion)}`." if event.completion
                  else " No completion function: only right for unaltered originals.")
    return Explanation(
        f"{event.function} is called for {listing(event.nbls)}",
        ((f"{_at(event)}: layer {event.layer}, interface {event.interface}, port {event.port}, handle "
         f"`{escape(event.handle)}`.{completion}"),
         (f"The driver needs a callout and filter of its own at {layer_text(event.layer)}, and the NBL has to begin "
         "with the MAC header.")),
        (documented(event.function), chosen("CH-21", "the order of the synchronous checks")))


def inject_refused(_: Scene, event: ev.InjectRefused) -> Explanation:
    return Explanation(
        f"The injection of {listing(event.nbls)} is refused",
        ((f"{_at(event)} got `{status_text(event.status)}`. **The driver keeps the NBLs** and has to free them; the "
         "completion function is not called."),),
        (documented(event.function), chosen("CH-21", "the order of the synchronous checks")))


def inject_accepted(_: Scene, event: ev.InjectAccepted) -> Explanation:
    sending = "sending" if "Send" in event.function else "receiving"
    who = listing(event.nbls)
    return Explanation(
        f"The engine accepted {who} for {sending}",
        ((f"{_at(event)} called `{event.function}` at layer {event.layer}. **Accepted is not done**: the result comes "
         f"later, in the Status of {who}, when the completion function runs. Until then the callout may not read or "
         "free it."),
         (f"{who} will re-enter at {event.layer} and meet this driver's filters again. Its own handle will answer "
         "“by self”, and the callout must let it pass."),
         ("**Next:** return BLOCK with ABSORB and clear the write right, or the original goes on too and the frame "
         "arrives twice.")),
        (documented(f"{event.function}, FWPS_INJECT_COMPLETE0"),
         chosen("CH-24", "the frame re-enters at the layer named in the call")))


def inject_completed(_: Scene, event: ev.InjectCompleted) -> Explanation:
    bad = [status for status in event.statuses if not nt_success(status)]
    result = f"**{len(bad)} failed**: {listing([f'`{status_text(s)}`' for s in dict.fromkeys(bad)])}." if bad else (
        "NT_SUCCESS holds for all of it.")
    left = (f"{event.outstanding} NBL{'s' * (event.outstanding != 1)} of the injection are still out, so its context "
            "must live on." if event.outstanding else "It was the last segment: the context may go now.")
    return Explanation(
        f"Injection {event.injection}, segment {event.segment}: {event.function} gets {listing(event.nbls)} back",
        (f"{result} {left}",
         f"**Next:** `{escape(event.driver)}` walks the segment, tests each Status with NT_SUCCESS and frees all."),
        (documented("FWPS_INJECT_COMPLETE0: once for each segment, in any grouping"),
         chosen("CH-27", "how a chain is cut into segments"), chosen("CH-30", "the Status of each fate")))


def completion_returned(_: Scene, event: ev.CompletionReturned) -> Explanation:
    return Explanation(
        f"The completion function of injection {event.injection} returns",
        (f"Whatever segment {event.segment} carried belongs to the driver or is freed by now.",),
        (documented("FWPS_INJECT_COMPLETE0"),))


def injection_ended(_: Scene, event: ev.InjectionEnded) -> Explanation:
    return Explanation(
        f"The way of {event.nbl} ends: {event.outcome}",
        ((f"Injection {event.injection} reports `{status_text(event.status)}` in its Status. **Next:** the completion "
         "function gets it back."),),
        (documented("NET_BUFFER_LIST Status is only valid after STATUS_SUCCESS was returned"),
         chosen("CH-30", "the Status of each fate")))


EXPLAINERS: dict[type[Any], Callable[[Scene, Any], Explanation]] = {
    ev.StackCaptured: stack_captured,
    ev.StateQueried: state_queried,
    ev.NblReferenced: nbl_referenced,
    ev.NblDereferenced: nbl_dereferenced,
    ev.NblCloned: nbl_cloned,
    ev.NblAllocated: nbl_allocated,
    ev.NblFreed: nbl_freed,
    ev.MdlAllocated: mdl_allocated,
    ev.MdlFreed: mdl_freed,
    ev.PoolAllocated: pool_allocated,
    ev.PoolFreed: pool_freed,
    ev.DataWritten: data_written,
    ev.OffsetChanged: offset_changed,
    ev.MemberWritten: member_written,
    ev.InjectCalled: inject_called,
    ev.InjectRefused: inject_refused,
    ev.InjectAccepted: inject_accepted,
    ev.InjectCompleted: inject_completed,
    ev.CompletionReturned: completion_returned,
    ev.InjectionEnded: injection_ended,
}
