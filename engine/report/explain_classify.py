"""Explanations of classification: filters, sublayers, callouts, arbitration, verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.report.explanation import (
    Explanation,
    Scene,
    action_word,
    callout_action,
    chosen,
    documented,
    escape,
    layer_text,
    listing,
)
from engine.report.wording import why_not
from engine.trace import events as ev
from engine.wfp.layers import Layer, layer_by_id
from engine.wfp.objects import Filter
from engine.wfp.types import ActionType, FilterFlag

BLOCK, PERMIT, CONTINUE = "FWP_ACTION_BLOCK", "FWP_ACTION_PERMIT", "FWP_ACTION_CONTINUE"
ARBITRATION = documented("filter arbitration: one decision in each sublayer, then sublayers by weight")
ALL_SUBLAYERS = chosen("C18", "every sublayer is evaluated, even after a block")
RIGHT = documented("FWPS_CLASSIFY_OUT0: FWPS_RIGHT_ACTION_WRITE present is soft, absent is hard")


def classify_began(scene: Scene, event: ev.ClassifyBegan) -> Explanation:
    who = listing(event.nbls)
    chain = f"{len(event.nbls)} frames share one set of values, so they are classified together. " if len(
        event.nbls) > 1 else ""
    begins = 0 if scene.policy is None else len(scene.policy.at(event.layer))
    if scene.policy is None:
        what = "The sublayers are tried from the highest weight down."
    elif begins == 0:
        what = "**No filter stands at this layer**, so the default applies."
    else:
        names = listing([escape(one.sublayer.name) for one in scene.policy.at(event.layer)])
        what = f"{begins} sublayer{'s' * (begins > 1)} with filters here, from the highest weight down: {names}."
    return Explanation(
        f"{who} is classified at layer {event.layer}",
        (f"{chain}{layer_text(event.layer)} extracts its {len(event.values)} fields from the frame and its interface.",
         f"{what} In each, matching filters are tried by weight until one permits or blocks."),
        (documented("per-packet classification at the MAC layers; INCOMING_VALUES in field order"),
         chosen("C5", "how tags, LLC and short frames fill the fields")),
    )


def sublayer_entered(scene: Scene, event: ev.SublayerEntered) -> Explanation:
    right = (
        "The write right is there: what this sublayer decides can replace the verdict so far."
        if event.rights
        else "**The write right is gone**: a hard verdict stands. Only a veto of a permit could still change it."
    )
    return Explanation(
        f"{scene.titled_sublayer(event.sublayer)} is evaluated",
        (right, "Its filters are tried from the highest effective weight down; among equals the older first."),
        (ARBITRATION, ALL_SUBLAYERS, chosen("C14", "equal weights: the smaller filter id first")),
    )


def filter_tested(scene: Scene, event: ev.FilterTested) -> Explanation:
    name, known = scene.titled_filter(event.filter), scene.filter(event.filter)
    if event.matched:
        count = None if known is None else len(known.conditions)
        held = "It has no conditions, so every frame matches." if count == 0 else "Every condition holds."
        return Explanation(
            f"{name} matches", (f"{held} {_next_action(known)}",),
            (documented("FWPM_FILTER0: all conditions must hold; consecutive ones on one field are alternatives"),),
        )
    return Explanation(
        f"{name} does not match",
        (_why_not(known, event), "The filter has no say in this classification; the next one is tried."),
        (documented("FWPM_FILTER0: all conditions must hold; consecutive ones on one field are alternatives"),
         *([chosen("C5", "a frame too short for the field: FWP_EMPTY, which nothing matches")]
           if event.seen is None else [])),
    )


def _why_not(filter: Filter | None, event: ev.FilterTested) -> str:
    why = None if filter is None else why_not(filter, event)
    if why is None:
        return f"A condition failed: the frame has `{'FWP_EMPTY' if event.seen is None else event.seen}`."
    meaning = f" ({escape(why.meaning)})" if why.meaning else ""
    return f"It wants `{why.field}` `{why.wanted}`. The frame has **{why.saw}**{meaning}."


def _next_action(filter: Filter | None) -> str:
    if filter is None:
        return "Its action is applied next."
    if filter.action.is_callout:
        return "Its callout decides next."
    return f"Its action is `{filter.action.name}`."


_TYPE_RULES = {
    ActionType.FWP_ACTION_CALLOUT_TERMINATING: "A terminating callout must permit or block; anything else counts as "
    "a block.",
    ActionType.FWP_ACTION_CALLOUT_INSPECTION: "An inspection callout only looks: whatever it returns counts as "
    "CONTINUE.",
    ActionType.FWP_ACTION_CALLOUT_UNKNOWN: "This filter takes whatever the callout returns: permit, block or continue.",
}


def callout_entered(scene: Scene, event: ev.CalloutEntered) -> Explanation:
    action = callout_action(scene.filter(event.filter))
    right = (
        "It has the write right and may decide."
        if event.rights
        else "**It has no write right**: it must not touch the frame, and may only BLOCK as a veto of a permit."
    )
    rule = "" if action is None else f" {_TYPE_RULES[action]}"
    return Explanation(
        f"{scene.titled_callout(event.callout)} is called for {listing(event.nbls)}",
        (f"{scene.strong_filter(event.filter)} brought it in; `classify` stands at `{event.line}`.",
         f"{right}{rule}"),
        (documented("classifyFn2, FWPS_CLASSIFY_OUT0"), documented("FWPS_ACTION0: how the filter's type reads it"),
         chosen("CH-10", "classifyOut starts with the verdict so far")),
    )


def callout_returned(scene: Scene, event: ev.CalloutReturned) -> Explanation:
    hard = "and kept the write right: soft, a lower sublayer may still override it" if event.rights else (
        "without the write right: hard")
    absorb = event.flags & 1 == 1
    parts = [f"It left `{event.action}` {hard}."]
    if absorb and event.action == BLOCK:
        parts.append("With `FWPS_CLASSIFY_OUT_FLAG_ABSORB` the frame vanishes silently: no drop event, no audit.")
        if event.rights:
            parts.append("**A callout that absorbs should clear the right**, or a lower permit lets the original pass.")
    elif absorb:
        parts.append("The ABSORB flag without BLOCK is ignored.")
    return Explanation(
        f"{scene.titled_callout(event.callout)} returns {action_word(event.action)}{' + ABSORB' * absorb}",
        tuple(parts),
        (RIGHT, *([documented("FWPS_CLASSIFY_OUT_FLAG_ABSORB: no event, no audit")] if absorb else []),
         *([chosen("CH-09", "ABSORB without BLOCK is ignored")] if absorb and event.action != BLOCK else [])),
    )


def callout_failed(_: Scene, event: ev.CalloutFailed) -> Explanation:
    where = f" The last line of it: `{escape(event.traceback[-1].strip())}`." if event.traceback else ""
    return Explanation(
        f"The script of {event.driver} failed in {event.function}",
        (f"**{escape(event.error)}**.{where}",
         "Its classifyOut counts as untouched and the run goes on. On Windows it could be a bug check."),
        (chosen("CH-10", "an untouched classifyOut is the verdict so far"),),
    )


def callout_defaulted(scene: Scene, event: ev.CalloutDefaulted) -> Explanation:
    effect = {
        BLOCK: "The filter **blocks** in its place. A terminating filter installed before its driver cuts the network.",
        PERMIT: "Its flag PERMIT_IF_CALLOUT_UNREGISTERED makes it **permit**.",
    }.get(event.action, "An inspection filter without its callout is ignored.")
    return Explanation(
        f"{scene.titled_callout(event.callout)} is not registered",
        (f"{scene.strong_filter(event.filter)} matches, but no driver stands behind it. {effect}",),
        (documented("FWPM_ACTION0, FwpsCalloutUnregisterById0: what an unregistered callout means"),
         chosen("C21", "it counts as a plain filter of that action: BLOCK hard, PERMIT soft")),
    )


def filter_decided(scene: Scene, event: ev.FilterDecided) -> Explanation:
    known, word = scene.filter(event.filter), action_word(event.action)
    name = scene.titled_filter(event.filter)
    if event.action == CONTINUE:
        return Explanation(
            f"{name} leaves the decision to others",
            ("It says CONTINUE: the next matching filter of this sublayer is tried.",), (ARBITRATION,))
    strength = f"{'hard' if event.hard else 'soft'} {word}"
    return Explanation(
        f"{name} says {strength}{', absorbed' * event.absorb}",
        (f"{_why_strength(known, event)} The rest of this sublayer is skipped.",),
        (ARBITRATION, RIGHT,
         *([documented("FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT makes the action hard")] if _clears(known) else [])),
    )


def _clears(filter: Filter | None) -> bool:
    return filter is not None and FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT in filter.flags


def _why_strength(filter: Filter | None, event: ev.FilterDecided) -> str:
    if filter is not None and filter.action.is_callout:
        return "Its callout cleared the write right." if event.hard else (
            "Its callout kept the write right, so a lower sublayer may still change this.")
    if event.action == BLOCK:
        return "A filter's block is hard by default: no lower sublayer can undo it."
    return "It carries CLEAR_ACTION_RIGHT: only a veto can undo it." if event.hard else (
        "A filter's permit is soft by default: a lower sublayer may still block.")


def sublayer_decided(scene: Scene, event: ev.SublayerDecided) -> Explanation:
    name = scene.titled_sublayer(event.sublayer)
    if event.filter is None or event.action == CONTINUE:
        return Explanation(
            f"{name} has no opinion",
            ("None of its matching filters permitted or blocked. The verdict so far stays as it is.",), (ARBITRATION,))
    return Explanation(
        f"{name} says {action_word(event.action)}",
        (f"{scene.strong_filter(event.filter)} decided for it.",
         "**Next:** this result is folded into the verdict of the layer."),
        (ARBITRATION,),
    )


def action_arbitrated(scene: Scene, event: ev.ActionArbitrated) -> Explanation:
    old, new = action_word(event.old), action_word(event.new)
    was = f"{'hard' if event.old_hard else 'soft'} {old}" if event.old in {BLOCK, PERMIT} else "undecided"
    now = f"{'hard' if event.new_hard else 'soft'} {new}" if event.new in {BLOCK, PERMIT} else "undecided"
    name = scene.titled_sublayer(event.sublayer)
    heading = f"The verdict stays {now}" if was == now else f"The verdict goes from {was} to {now}"
    who = "" if event.decided_by is None else f" It stands by {scene.strong_filter(event.decided_by)}."
    loser = "" if event.loser is None else f" {scene.strong_filter(event.loser)} is overridden."
    veto = (("A veto is blocked traffic with an audit event and a notification.",) if event.veto else ())
    return Explanation(
        heading,
        (f"{escape(name)} was folded in: **{escape(event.rule)}**.{who}{loser}", *veto, *_after(event)),
        (ARBITRATION, RIGHT,
         *([chosen("C19", "a plain BLOCK filter is no veto of a hard permit; with CLEAR_ACTION_RIGHT it is")]
           if event.veto or (event.old == PERMIT and event.old_hard) else []), ALL_SUBLAYERS),
    )


def _after(event: ev.ActionArbitrated) -> tuple[str, ...]:
    if event.new not in {BLOCK, PERMIT}:
        return ()
    if event.new_hard:
        end = "no lower sublayer can undo it" if event.new == BLOCK else "only a veto can undo it"
        return (f"**Next:** lower sublayers are still evaluated, but {end}.",)
    other = "permit" if event.new == BLOCK else "block"
    return (f"**Next:** a lower sublayer may still {other}.",)


def classify_ended(scene: Scene, event: ev.ClassifyEnded) -> Explanation:
    who, word = listing(event.nbls), "absorbed" if event.absorb else (
        "permitted" if event.action == PERMIT else "blocked")
    folds = _folds(scene)
    if event.filter is None:
        why = "No filter that matched permitted or blocked, so **the layer's default** applies: PERMIT."
    else:
        why = f"{'Hard' if event.hard else 'Soft'} verdict of {scene.strong_filter(event.filter)}."
    lost = [f"{scene.strong_filter(f.loser)} ({escape(f.rule)})" for f in folds if f.loser is not None]
    overridden = (f"Overridden: {listing(lost)}.",) if lost else ()
    return Explanation(
        f"{who} is {word} at layer {event.layer} by {scene.filter_name(event.filter)}",
        (why + (" It was a veto." if event.veto else ""), *overridden, f"**Next:** {_after_verdict(event)}"),
        (ARBITRATION, ALL_SUBLAYERS,
         *([chosen("C3", "no filter decides: PERMIT")] if event.filter is None else []),
         *([documented("FWPS_CLASSIFY_OUT_FLAG_ABSORB")] if event.absorb else [])),
    )


def _folds(scene: Scene) -> list[ev.ActionArbitrated]:
    """The folds of the classification that this record ends, in order."""
    found: list[ev.ActionArbitrated] = []
    for record in scene.before():
        if isinstance(record.event, ev.ClassifyBegan) and record.depth == scene.record.depth:
            break
        if isinstance(record.event, ev.ActionArbitrated) and record.depth == scene.record.depth + 1:
            found.append(record.event)
    return found[::-1]


def _after_verdict(event: ev.ClassifyEnded) -> str:
    layer: Layer | None = layer_by_id(event.layer)
    if event.action == PERMIT:
        goes = {58: "it goes up to layer 56", 56: "it goes up to the protocols", 57: "it goes down to layer 59",
                59: "it goes down to the miniport"}.get(event.layer, "it goes on")
        return f"{goes}. Each layer decides on its own; all of them have to permit."
    back = "back to the sender above" if layer is not None and layer.direction == "outbound" else "back to the miniport"
    if event.absorb:
        return f"the original goes {back} once nobody holds it, without a drop event."
    return f"a drop event is recorded and the frame goes {back}. No further layer sees it."


EXPLAINERS: dict[type[Any], Callable[[Scene, Any], Explanation]] = {
    ev.ClassifyBegan: classify_began,
    ev.SublayerEntered: sublayer_entered,
    ev.FilterTested: filter_tested,
    ev.CalloutEntered: callout_entered,
    ev.CalloutReturned: callout_returned,
    ev.CalloutFailed: callout_failed,
    ev.CalloutDefaulted: callout_defaulted,
    ev.FilterDecided: filter_decided,
    ev.SublayerDecided: sublayer_decided,
    ev.ActionArbitrated: action_arbitrated,
    ev.ClassifyEnded: classify_ended,
}
