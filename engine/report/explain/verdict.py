"""Explanations of how filters' decisions become a verdict: sublayers, arbitration, the end of a classification."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.report.explain.classify import ALL_SUBLAYERS, ARBITRATION, BLOCK, CONTINUE, PERMIT, RIGHT
from engine.report.explain.explanation import Explanation, Scene, action_word, chosen, documented, escape, listing
from engine.trace import events as ev
from engine.wfp.layers import Layer, layer_by_id


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
        default = event.action.removeprefix("FWP_ACTION_")
        why = f"No filter that matched permitted or blocked, so **the layer's default** applies: {default}."
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
    ev.SublayerDecided: sublayer_decided,
    ev.ActionArbitrated: action_arbitrated,
    ev.ClassifyEnded: classify_ended,
}
