"""The words of the ladder's rows: chips, why-not lines, verdicts, notes of sublayers."""

from __future__ import annotations

from collections.abc import Mapping

from engine.report.wording import ConditionGroup, condition_groups, why_not
from engine.trace.world import BLOCK, CONTINUE, PERMIT, Rung
from engine.wfp.objects import Filter
from engine.wfp.policy import Policy
from engine.wfp.types import ActionType, Guid
from gui.models.stack.ladder_moment import Moment
from gui.models.stack.ladder_rows import Chip, FilterRow, RowState, Span
from gui.theme import OutcomeKind
from gui.widgets.text import thousands

VERDICTS = {PERMIT: "Permit", BLOCK: "Block", CONTINUE: "Continue"}

_STATES = {
    "failed": RowState.FAILED,
    "matched": RowState.MATCHED,
    "decided": RowState.DECIDED,
    "overridden": RowState.OVERRIDDEN,
}


def action_chip(filter: Filter, policy: Policy) -> Chip:
    """`BLOCK`, `CALLOUT · mac_rewrite`, `INSPECTION · logger`."""
    match filter.action:
        case ActionType.FWP_ACTION_BLOCK:
            return Chip("BLOCK", "block", "BLOCK")
        case ActionType.FWP_ACTION_PERMIT:
            return Chip("PERMIT", "permit", "PERMIT")
        case ActionType.FWP_ACTION_CALLOUT_INSPECTION:
            word = "INSPECTION"
        case _:
            word = "CALLOUT"
    callout = None if filter.callout is None else policy.callouts.get(filter.callout)
    return Chip(f"{word} · {callout.name}" if callout else word, "neutral", word)


def hit_line(filter: Filter, policy: Policy, matched: int, decided: int, classified: int) -> tuple[Span, ...]:
    """`matched 4 (31 %) · decided 3 · Fabrikam`: its share of what the layer classified; the provider where it is not
    its sublayer's."""
    share = f" ({share_text(matched, classified)})" if matched and classified else ""
    parts = [f"matched {thousands(matched)}{share}", f"decided {thousands(decided)}"]
    provider = policy.providers.get(filter.provider) if filter.provider is not None else None
    if provider is not None and provider.key != policy.sublayers[filter.sublayer].provider:
        parts.append(provider.name)
    return (Span(" · ".join(parts)),)


def share_text(part: int, whole: int) -> str:
    """`31 %`, `0.4 %`, `<0.1 %`. A batch counts each of its NBLs with the layer, and once with the filter."""
    share = min(100.0, 100 * part / whole)
    if share < 0.1:
        return "<0.1 %"
    return f"{share:.1f} %" if share < 10 and share != round(share) else f"{share:.0f} %"


def waiting_line(filter: Filter, moment: Moment, policy: Policy) -> tuple[Span, ...]:
    """Why the filter has not been tried. Source: layers-and-filters, arbitration: the first decision ends the walk."""
    decider = moment.deciders.get(filter.sublayer)
    if decider is not None:
        return (Span(f"not tested: {policy.filter_by_id[decider].name} decided before"),)
    return (Span("not tested yet" if moment.is_running else "not tested"),)


def rung_row(filter: Filter, chip: Chip, rung: Rung, moment: Moment) -> FilterRow:
    """The row of a filter that has been tried."""
    is_current = moment.current == filter.id
    groups = condition_groups(filter, rung.test)
    if is_current and chip.kind == "neutral":
        chip = Chip(chip.text, "inject", chip.short)
    return FilterRow(
        filter=filter.id,
        key=filter.key,
        name=filter.name,
        chip=chip,
        state=_STATES[rung.state],
        line=_current_line(filter, rung, groups) if is_current else _passed_line(filter, rung, moment),
        mark=_mark(rung),
        is_current=is_current,
        at=moment.line if is_current else "",
        tokens=moment.tokens if is_current else (),
        held=(sum(group.holds is True for group in groups), len(groups)) if is_current else None,
    )


def verdict(action: str, *, hard: bool, absorb: bool) -> str:
    """`Permit, soft`, `Absorb, hard`, `Continue`."""
    word = "Absorb" if absorb and action == BLOCK else VERDICTS.get(action, action)
    return word if action == CONTINUE else f"{word}, {'hard' if hard else 'soft'}"


def sublayer_note(key: Guid, moment: Moment, order: Mapping[Guid, int]) -> str:
    """What the walk has to say about a sublayer: rights while it is tried, its result afterwards."""
    now = moment.classification
    for arbitration in now.arbitration:
        if arbitration.sublayer == key:
            return f"{verdict(arbitration.new, hard=arbitration.new_hard, absorb=False)}: {arbitration.rule}"
    if now.ended is not None:
        if now.ended.filter is not None:
            return "no filter decided"
        return f"no filter decided: {VERDICTS.get(now.ended.action, now.ended.action)} by default (C3)"
    if now.sublayer == key:
        return "rights: write" if now.rights else "rights: none, only a veto counts"
    here = -1 if now.sublayer is None else order.get(now.sublayer, -1)
    if order[key] < here:
        return "no filter decided"
    return "evaluated next, even after a block" if order[key] == here + 1 else ""


def _mark(rung: Rung) -> OutcomeKind | None:
    if rung.state != "decided":
        return None
    if rung.action == PERMIT:
        return "permit"
    return "absorb" if rung.absorb else "block"


def _current_line(filter: Filter, rung: Rung, groups: tuple[ConditionGroup, ...]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for group in groups:
        if group.holds:
            spans += [Span(group.text, "holds"), Span("  ")]
        elif group.holds is None:
            spans += [Span(group.text), Span("  ")]
        else:
            spans += [Span("", "fails"), *_why_not_spans(filter, rung), Span("  ")]
    if not groups:
        spans = [Span("no condition: every frame", "holds"), Span("  ")]
    if rung.action is not None:
        spans.append(Span("→ " + verdict(rung.action, hard=rung.hard, absorb=rung.absorb)))
    elif spans:
        del spans[-1]
    return tuple(spans)


def _passed_line(filter: Filter, rung: Rung, moment: Moment) -> tuple[Span, ...]:
    if rung.state == "failed":
        return _why_not_spans(filter, rung)
    said = "" if rung.action is None else verdict(rung.action, hard=rung.hard, absorb=rung.absorb)
    if rung.state == "overridden":
        return (Span(said, "struck"), Span(f" · {rung.note}"))
    ended = moment.classification.ended
    end = " · decided the layer" if ended is not None and ended.filter == filter.id else ""
    return (Span(f"matched · {said}{end}" if said else "matched"),)


def _why_not_spans(filter: Filter, rung: Rung) -> tuple[Span, ...]:
    why = why_not(filter, rung.test)
    if why is None:
        return (Span("did not match"),)
    spans = (
        Span(why.field, "code"),
        Span(" wanted "),
        Span(why.wanted, "code"),
        Span(" "),
        Span(f"saw {why.saw}", "saw"),
    )
    return (*spans, Span(f" ({why.meaning})")) if why.meaning else spans
