"""Explanations of classification: filters, sublayers, callouts, arbitration, verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.report.explain.explanation import (
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
        names = listing([escape(_short(one.sublayer.name)) for one in scene.policy.at(event.layer)])
        what = f"{begins} sublayer{'s' * (begins > 1)} with filters here, from the highest weight down: {names}."
    return Explanation(
        f"{who} is classified at layer {event.layer}",
        (f"{chain}{layer_text(event.layer)} extracts its {len(event.values)} fields from the frame and its interface.",
         f"{what} In each, matching filters are tried by weight until one permits or blocks."),
        (documented("per-packet classification at the MAC layers; INCOMING_VALUES in field order"),
         chosen("C5", "how tags, LLC and short frames fill the fields")),
    )


def _short(name: str) -> str:
    return name.removeprefix("FWPM_SUBLAYER_")


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
    absorb = event.flags & 1 == 1
    parts = [f"It left `{event.action}`{_strength(event)}."]
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


def _strength(event: ev.CalloutReturned) -> str:
    if event.action not in {BLOCK, PERMIT}:
        return ", which is no verdict"
    return " and kept the write right: soft, a lower sublayer may still override it" if event.rights else (
        " without the write right: hard")


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


EXPLAINERS: dict[type[Any], Callable[[Scene, Any], Explanation]] = {
    ev.ClassifyBegan: classify_began,
    ev.SublayerEntered: sublayer_entered,
    ev.FilterTested: filter_tested,
    ev.CalloutEntered: callout_entered,
    ev.CalloutReturned: callout_returned,
    ev.CalloutFailed: callout_failed,
    ev.CalloutDefaulted: callout_defaulted,
    ev.FilterDecided: filter_decided,
}
