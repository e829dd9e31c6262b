"""Texts of a frame's way through modules, layers, sublayers, filters and callouts."""

from __future__ import annotations

from typing import assert_never

from engine.ndis.status import status_name
from engine.report.describe.line import (
    Line,
    action_mark,
    action_word,
    count_text,
    is_absorbing,
    layer_text,
    nbls_text,
    outcome_mark,
    status_mark,
)
from engine.report.names import Names
from engine.trace import events as ev

Passage = (
    ev.FrameConverted | ev.StayedAtNative
    | ev.ModuleEntered | ev.ModuleLeft | ev.ModuleBypassed | ev.ModuleRestarted | ev.ChainSplit | ev.ChainRelinked
    | ev.DropAudited | ev.FrameAbsorbed | ev.OriginalHeld | ev.OriginalReleased | ev.FrameDelivered
    | ev.OriginalReturned | ev.OriginalCompleted | ev.FrameFinished | ev.InjectionEnded
)  # fmt: skip
Classifying = (
    ev.ClassifyBegan | ev.SublayerEntered | ev.FilterTested | ev.CalloutEntered | ev.CalloutReturned
    | ev.CalloutFailed | ev.CalloutDefaulted | ev.FilterDecided | ev.SublayerDecided | ev.ActionArbitrated
    | ev.ClassifyEnded
)  # fmt: skip


def describe_classification(event: Classifying, names: Names) -> Line:
    match event:
        case ev.ClassifyBegan(layer, nbls, values, _):
            return Line(f"{layer_text(layer)} · {nbls_text(nbls)}", count_text(len(values), "field"))
        case ev.SublayerEntered(key, rights):
            return Line(names.sublayer(key), _rights(rights))
        case ev.FilterTested():
            if event.matched:
                return Line(names.filter(event.filter), "all conditions true")
            saw = names.mismatch(event)
            return Line(names.filter(event.filter), f"no match, saw {saw}" if saw else "no match", "skipped")
        case ev.SublayerDecided(key, action, id_):
            note = f"by {names.filter(id_)}" if id_ is not None else "no filter decided"
            return Line(f"{names.sublayer(key)} says {action_word(action)}", note, action_mark(action))
        case ev.ActionArbitrated():
            verdict = action_word(event.new, hard=event.new_hard)
            return Line(f"layer so far: {verdict}", f"{event.rule}, veto" if event.veto else event.rule,
                        action_mark(event.new))
        case ev.ClassifyEnded():
            verdict = action_word(event.action, hard=event.hard, absorb=event.absorb)
            by = f"by {names.filter(event.filter)}" if event.filter is not None else "default of the layer"
            return Line(f"verdict at {event.layer}: {verdict}", f"{by}, veto" if event.veto else by,
                        action_mark(event.action, absorb=event.absorb))
        case _:
            return _filter_action(event, names)


_FilterAction = ev.CalloutEntered | ev.CalloutReturned | ev.CalloutFailed | ev.CalloutDefaulted | ev.FilterDecided


def _filter_action(event: _FilterAction, names: Names) -> Line:
    match event:
        case ev.CalloutEntered():
            return Line(f"{names.callout(event.callout)}.classify({nbls_text(event.nbls)})", _rights(event.rights))
        case ev.CalloutReturned():
            absorb = is_absorbing(event.flags)
            word = action_word(event.action, absorb=absorb)
            return Line(f"{names.callout(event.callout)} returns {word}",
                        _rights(event.rights), action_mark(event.action, absorb=absorb))
        case ev.CalloutFailed():
            return Line(f"{event.driver}.{event.function} failed", event.error, "error")
        case ev.CalloutDefaulted(key, _, action):
            return Line(f"{names.callout(key)} is not registered: {action_word(action)}", "", action_mark(action))
        case ev.FilterDecided():
            word = action_word(event.action, hard=event.hard, absorb=event.absorb)
            return Line(f"{names.filter(event.filter)} says {word}", "",
                        action_mark(event.action, absorb=event.absorb))
        case _:
            assert_never(event)


def _rights(rights: bool) -> str:
    return "rights: write" if rights else "no write right"


def describe_passage(event: Passage, names: Names) -> Line:
    match event:
        case ev.ModuleEntered(module=module, nbls=nbls):
            return Line(f"{nbls_text(nbls)} enters module {module}")
        case ev.ModuleLeft(module=module, nbls=nbls):
            return Line(f"module {module} hands on {nbls_text(nbls)}" if nbls else f"module {module} hands on nothing")
        case ev.ModuleBypassed(module, layer, nbls, reason):
            return Line(f"{nbls_text(nbls)} goes past module {module}", reason or f"no filter at {layer}", "skipped")
        case ev.FrameConverted(nbls, to):
            return Line(f"{nbls_text(nbls)} becomes {to}", "the Native Wi-Fi filter converts it")
        case ev.StayedAtNative(_, nbls, reason):
            return Line(f"{nbls_text(nbls)} stays at the native layer", reason, "skipped")
        case ev.ModuleRestarted(module, tx, rx):
            handlers = " and ".join(name for name, on in (("tx", tx), ("rx", rx)) if on)
            return Line(f"module {module} restarts", f"{handlers} handlers" if handlers else "no handlers")
        case ev.ChainSplit(_, runs, reason):
            return Line(f"the chain splits into {count_text(len(runs), 'run')}", reason)
        case ev.ChainRelinked(_, nbls):
            return Line(f"{nbls_text(nbls)} linked again")
        case ev.DropAudited():
            by = f"by {names.filter(event.filter)}" if event.filter else "by the layer's default"
            return Line(f"net event: {event.nbl} dropped at {event.layer}", by if event.kept else f"{by}, not kept")
        case ev.FrameDelivered(nbls=nbls, to=to):
            where = "the protocols" if to == "protocols" else f"the {to}"
            return Line(f"{nbls_text(nbls)} reaches {where}", "", "permit")
        case ev.FrameFinished(number, outcome):
            return Line(f"frame {number} is done", outcome, outcome_mark(outcome))
        case ev.InjectionEnded(injection, nbl, outcome, status):
            return Line(f"fate of {nbl}: {outcome}", f"injection {injection}, {status_name(status)}",
                        outcome_mark(outcome))
        case _:
            return _original(event)


_Original = ev.FrameAbsorbed | ev.OriginalHeld | ev.OriginalReleased | ev.OriginalReturned | ev.OriginalCompleted


def _original(event: _Original) -> Line:
    match event:
        case ev.FrameAbsorbed(nbl=nbl, holders=holders):
            return Line(f"{nbl} is absorbed", f"held by {holders}" if holders else "nobody holds it", "absorb")
        case ev.OriginalHeld(nbl=nbl, references=references, children=children):
            return Line(f"{nbl} is held",
                        f"{count_text(references, 'reference')}, {count_text(children, 'clone')}", "pending")
        case ev.OriginalReleased(nbl=nbl):
            return Line(f"{nbl} is released", "its last holder is gone")
        case ev.OriginalReturned(nbl=nbl, status=status):
            return Line(f"{nbl} returns to the miniport", status_name(status), status_mark(status))
        case ev.OriginalCompleted(nbl=nbl, status=status):
            return Line(f"{nbl} is completed to its sender", status_name(status), status_mark(status))
        case _:
            assert_never(event)
