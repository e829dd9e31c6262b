"""Explanations of a frame's way through the stack: entry, modules, hand-over, end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.ndis.status import status_text
from engine.report.explain.explanation import Explanation, Scene, chosen, documented, escape, layer_text, listing
from engine.trace import events as ev

ORDER_IN = "The way up: layer 58, other lightweight filters, layer 56, protocols."
ORDER_OUT = "The way down: layer 57, other lightweight filters, layer 59, miniport."
STACK = documented("run-time filtering layer identifiers: native above the miniport, Ethernet above that")
MODULES = documented("data bypass mode: a filter module without handlers is skipped")
HELD = documented("relationships between NET_BUFFER_LIST generations: a parent outlives its clones")


def frame_entered(_: Scene, event: ev.FrameEntered) -> Explanation:
    inbound = event.direction == "inbound"
    who = "The miniport indicates" if inbound else "A protocol sends"
    chain = f" as {event.chain_index + 1} of {event.chain} in one NDIS call" if event.chain > 1 else ""
    return Explanation(
        f"{who} frame {event.number}",
        ((f"{event.length_bytes} bytes on interface {event.interface}, NDIS port {event.port}{chain}. "
         f"{ORDER_IN if inbound else ORDER_OUT}"),),
        (STACK, documented("classification is per frame: before reassembly on receive, after fragmentation on send")),
    )


def frame_skipped(_: Scene, event: ev.FrameSkipped) -> Explanation:
    return Explanation(
        f"Frame {event.number} is skipped", (f"{escape(event.reason)}",),
        (documented("the MAC layers see frames of the medium that the miniport reports; only Ethernet is modelled"),))


def frame_reentered(_: Scene, event: ev.FrameReentered) -> Explanation:
    return Explanation(
        f"{listing(event.nbls)} re-enters the stack at layer {event.layer}",
        ((f"Injection {event.injection} starts its way at {layer_text(event.layer)}, where **all** filters see it, "
         "those of its own driver too."),
         "The callout must ask for the injection state and let its own frames pass, or this never ends."),
        (documented("injected frames may be classified again by the same filter"),
         chosen("CH-24", "the frame re-enters at the layer named in the call"),
         chosen("CH-25", "re-entry is queued, not recursive")),
    )


def module_entered(_: Scene, event: ev.ModuleEntered) -> Explanation:
    advance = (
        "At this layer NBL data starts at the IP header: the module advances past the MAC header before classify."
        if event.layer == 56
        else "At this layer NBL data starts at the MAC header."
    )
    return Explanation(
        f"The {event.module} module gets {listing(event.nbls)}",
        (f"It classifies at {layer_text(event.layer)}. {advance}",),
        (STACK, documented("data offset positions")))


def module_left(_: Scene, event: ev.ModuleLeft) -> Explanation:
    if not event.nbls:
        return Explanation(
            f"Nothing passes the {event.module} module",
            (f"{layer_text(event.layer)} kept everything of this call: blocked, absorbed or held.",), (STACK,))
    return Explanation(
        f"The {event.module} module hands on {listing(event.nbls)}",
        (f"What {layer_text(event.layer)} permitted goes on in its old order.",), (STACK,))


def module_bypassed(_: Scene, event: ev.ModuleBypassed) -> Explanation:
    if event.reason:
        return Explanation(
            f"NDIS goes past the {event.module} module",
            (f"{escape(event.reason)}. **No filter of {layer_text(event.layer)} sees {listing(event.nbls)}.**",),
            (MODULES, chosen("CH-28", "received frames pass a module that restarts (`restart_inbound`)")))
    return Explanation(
        f"NDIS goes past the {event.module} module",
        ((f"No filter stands at {layer_text(event.layer)}, so the module has no handlers on this path and "
         f"{listing(event.nbls)} is never classified there."),
         "A driver that injects at such a layer gets no completion: add a permit-only callout and filter there first."),
        (MODULES, chosen("CH-29", "what happens to an injection at a layer without handlers")),
    )


def frame_converted(_: Scene, event: ev.FrameConverted) -> Explanation:
    headers = "an Ethernet header in place of the 802.11 and LLC headers" if event.to == "802.3" else (
        "802.11 and LLC headers in place of the Ethernet header")
    return Explanation(
        f"{listing(event.nbls)} becomes {event.to}",
        ((f"Windows' Native Wi-Fi filter stands between the two modules. It puts {headers}; the rest is the same "
         "memory."),),
        (STACK,))


def stayed_at_native(_: Scene, event: ev.StayedAtNative) -> Explanation:
    return Explanation(
        f"{listing(event.nbls)} stays at the native layer",
        (f"{escape(event.reason[:1].upper() + event.reason[1:])}.",
         f"{layer_text(event.layer)} is not met: no filter there can see it."),
        (STACK,))


def module_restarted(_: Scene, event: ev.ModuleRestarted) -> Explanation:
    def state(on: bool) -> str:
        return "with" if on else "without"

    return Explanation(
        f"The {event.module} module restarts",
        ((f"A commit changed what it has to see. It now runs {state(event.tx_handlers)} send handlers and "
         f"{state(event.rx_handlers)} receive handlers."),
         "While it is paused, sends complete with `NDIS_STATUS_PAUSED` and receives pass unfiltered."),
        (documented("NdisFRestartFilter: pause, new handlers, restart"),
         chosen("CH-28", "sends are refused and receives pass in the window")),
    )


def chain_split(_: Scene, event: ev.ChainSplit) -> Explanation:
    return Explanation(
        f"The chain is cut into {len(event.runs)} runs",
        (f"{escape(event.reason[:1].upper() + event.reason[1:])}. Runs: {listing([_run(run) for run in event.runs])}.",
         "By default a classify call gets one NBL; only callouts with the batch flag may get a chain."),
        (documented("FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY"),
         chosen("CH-16", "how chains are formed and split")),
    )


def _run(run: tuple[str, ...]) -> str:
    return "→".join(run[:4]) + "→…" * (len(run) > 4)


def chain_relinked(_: Scene, event: ev.ChainRelinked) -> Explanation:
    return Explanation(
        f"{listing(event.nbls)} is linked again",
        (f"What goes on from {layer_text(event.layer)} keeps its old order.",),
        (chosen("CH-16", "links are restored for what continues"),))


def drop_audited(scene: Scene, event: ev.DropAudited) -> Explanation:
    named = f"{scene.strong_filter(event.filter)} (`{event.filter}`, `0x{event.filter:X}`)" if event.filter else (
        "filter `0`, the layer's default,")
    return Explanation(
        f"The drop of {event.nbl} is recorded" if event.kept else f"The drop of {event.nbl} is not kept",
        (f"`FWPM_NET_EVENT_CLASSIFY_DROP_MAC0` names {named} at {layer_text(event.layer)}.",
         "This is what `netsh wfp show netevents` would show. An absorbed frame leaves no such record."),
        (documented("FWPM_NET_EVENT_TYPE_CLASSIFY_DROP_MAC"),
         chosen("C18", "the event names the first filter that produced the final block")),
    )


def frame_absorbed(_: Scene, event: ev.FrameAbsorbed) -> Explanation:
    holders = "Nobody holds it, so it is released at once." if event.holders == 0 else (
        f"**{event.holders} reference{'s' * (event.holders > 1)} or clone{'s' * (event.holders > 1)}** still hold it.")
    return Explanation(
        f"{event.nbl} is absorbed",
        ((f"Silent: no drop event and no audit. {holders} A callout never completes the original itself; the module "
         "does."),),
        (documented("FWPS_CLASSIFY_OUT_FLAG_ABSORB at the MAC layers"), HELD))


def original_held(_: Scene, event: ev.OriginalHeld) -> Explanation:
    return Explanation(
        f"{event.nbl} is held back",
        ((f"{event.references} reference{'s' * (event.references != 1)} and {event.children} "
         f"clone{'s' * (event.children != 1)} are out. Until the last is gone, the module keeps the original."),
         "Holding too many stops the direction: the receive ring or the send window runs empty."),
        (HELD, documented("FwpsReferenceNetBufferList0 must be balanced")))


def original_released(_: Scene, event: ev.OriginalReleased) -> Explanation:
    return Explanation(
        f"{event.nbl} is free to go", ("Its last holder is gone. **Next:** the module gives it back.",), (HELD,))


def frame_delivered(_: Scene, event: ev.FrameDelivered) -> Explanation:
    where = "reaches the protocols" if event.to == "protocols" else "is on the wire"
    then = ("the protocol returns it; an injected one is then completed to its driver."
            if event.to == "protocols" else "the miniport completes the send upwards.")
    return Explanation(
        f"{listing(event.nbls)} {where}",
        (f"Every layer on its way permitted it. **Next:** {then}",), (STACK,))


def original_returned(_: Scene, event: ev.OriginalReturned) -> Explanation:
    return Explanation(
        f"{event.nbl} goes back to the miniport",
        (f"An inbound original ends where it came from. Status `{status_text(event.status)}`.",),
        (documented("NdisFReturnNetBufferLists: receiving data in a filter driver"),))


def original_completed(_: Scene, event: ev.OriginalCompleted) -> Explanation:
    return Explanation(
        f"{event.nbl} is completed to its sender",
        (f"An outbound original ends where it came from. Status `{status_text(event.status)}`.",),
        (documented("NdisFSendNetBufferListsComplete: sending data from a filter driver"),
         chosen("CH-15", "an absorbed send completes with success, a blocked one with failure")))


_ENDS = {
    "delivered": "It reached the protocols.",
    "sent": "It reached the wire.",
    "blocked": "A filter blocked it.",
    "absorbed": "A callout absorbed it; what it injected instead tells its own story in this lineage.",
    "skipped": "It could not be classified.",
}


def frame_finished(_: Scene, event: ev.FrameFinished) -> Explanation:
    return Explanation(
        f"Frame {event.number} is finished: {event.outcome}",
        (f"{_ENDS.get(event.outcome, '')} Nothing of its lineage is under way any more.".strip(),), (STACK,))


EXPLAINERS: dict[type[Any], Callable[[Scene, Any], Explanation]] = {
    ev.FrameEntered: frame_entered,
    ev.FrameSkipped: frame_skipped,
    ev.FrameReentered: frame_reentered,
    ev.ModuleEntered: module_entered,
    ev.ModuleLeft: module_left,
    ev.ModuleBypassed: module_bypassed,
    ev.FrameConverted: frame_converted,
    ev.StayedAtNative: stayed_at_native,
    ev.ModuleRestarted: module_restarted,
    ev.ChainSplit: chain_split,
    ev.ChainRelinked: chain_relinked,
    ev.DropAudited: drop_audited,
    ev.FrameAbsorbed: frame_absorbed,
    ev.OriginalHeld: original_held,
    ev.OriginalReleased: original_released,
    ev.FrameDelivered: frame_delivered,
    ev.OriginalReturned: original_returned,
    ev.OriginalCompleted: original_completed,
    ev.FrameFinished: frame_finished,
}
