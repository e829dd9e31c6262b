"""How sublayers' results become the layer's verdict. Source: layers-and-filters 5.2 (C3, C14, C18 to C21)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from engine.classify.choices import VerdictChoices
from engine.classify.host import Steps
from engine.classify.verdict_rules import Said
from engine.trace import events as ev
from engine.trace.world import BLOCK, CONTINUE, PERMIT
from engine.wfp.fields import FieldValue
from engine.wfp.objects import Filter
from engine.wfp.policy import CompiledFilter, SublayerAtLayer
from engine.wfp.types import ActionType, FilterFlag, FilterId

_CLEAR = int(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT)  # plain numbers: `&` of flags makes an object each time


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """The layer's verdict so far; `CONTINUE` means that nobody has decided."""

    action: str = CONTINUE
    right: bool = True
    """FWPS_RIGHT_ACTION_WRITE: the verdict is soft, or there is none yet."""
    decided_by: FilterId | None = None
    veto: bool = False
    absorb: bool = False
    vetoed: FilterId | None = None
    """Whose hard permit was vetoed."""

    @property
    def hard(self) -> bool:
        return not self.right


CallCallout = Callable[[Filter, Verdict], Steps[Said]]
"""Invokes a filter's callout with the verdict so far."""

DEFAULT_CHOICES = VerdictChoices()
_NOBODY_YET = Verdict()


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a classification goes on that has begun with a longer run: at this filter, with this verdict (CH-16)."""

    filter: FilterId
    verdict: Verdict


def classify_layer(sublayers: Sequence[SublayerAtLayer], values: Sequence[FieldValue], call_callout: CallCallout,
                   choices: VerdictChoices = DEFAULT_CHOICES, resume: Resume | None = None) -> Steps[Verdict]:
    """Visit every sublayer, the heaviest first, even after a block (C18); the default is PERMIT (C3)."""
    verdict = _NOBODY_YET if resume is None else resume.verdict
    for at in sublayers if resume is None else _from(sublayers, resume.filter):
        yield ev.SublayerEntered(at.sublayer.key, verdict.right)
        deciding, said = yield from walk_sublayer(at.filters, values, verdict, call_callout)
        yield ev.SublayerDecided(at.sublayer.key, said.action, deciding.id if deciding else None)
        if deciding is not None:
            before = verdict
            verdict, rule, loser = fold_in(before, deciding, said, choices)
            yield ev.ActionArbitrated(at.sublayer.key, before.action, not before.right, verdict.action,
                                      not verdict.right, rule, verdict.decided_by, loser,
                                      verdict.veto and not before.veto)
            if choices.stops_after_block and verdict.action == BLOCK and verdict.hard:
                break
    if verdict.action == CONTINUE:
        return Verdict(BLOCK, False) if choices.default_blocks else Verdict(PERMIT)
    return verdict


def _from(sublayers: Sequence[SublayerAtLayer], filter_: FilterId) -> Iterator[SublayerAtLayer]:
    """The sublayers from the one of the filter on, the first without what stands before it."""
    found = False
    for at in sublayers:
        places = [place for place, one in enumerate(at.filters) if one.filter.id == filter_]
        if places:
            found = True
            yield SublayerAtLayer(at.sublayer, at.filters[places[0]:])
        elif found:
            yield at


def walk_sublayer(filters: Sequence[CompiledFilter], values: Sequence[FieldValue], verdict: Verdict,
                  call_callout: CallCallout) -> Steps[tuple[Filter | None, Said]]:
    """Try one sublayer's filters from the highest weight down until one permits or blocks."""
    for compiled in filters:
        mismatch = compiled.first_mismatch(values)
        filter_ = compiled.filter
        if mismatch is not None:
            seen = mismatch.seen
            yield ev.FilterTested(filter_.id, mismatch.conditions, mismatch.field_index,
                                  seen.hex(":") if isinstance(seen, bytes) else seen)
            continue
        yield ev.FilterTested(filter_.id)
        if filter_.action.is_callout:
            said = yield from call_callout(filter_, verdict)
        else:
            said = plain(filter_)
        yield ev.FilterDecided(filter_.id, said.action, said.hard, said.absorb)
        if said.action != CONTINUE:
            return filter_, said
    return None, Said(CONTINUE)


def plain(filter_: Filter) -> Said:
    """A filter without callout: BLOCK is hard, PERMIT soft unless CLEAR_ACTION_RIGHT (5.1), CONTINUE goes on (C12)."""
    if filter_.action is ActionType.FWP_ACTION_BLOCK:
        return Said(BLOCK, True)
    if filter_.action is ActionType.FWP_ACTION_PERMIT:
        return Said(PERMIT, _clears(filter_))
    return Said(CONTINUE)


def fold_in(old: Verdict, filter_: Filter, said: Said,
            choices: VerdictChoices = DEFAULT_CHOICES) -> tuple[Verdict, str, FilterId | None]:
    """Fold one sublayer's decision in: the new verdict, the rule in words, and the filter that lost."""
    if old.right:
        if said.action == BLOCK and old.action == BLOCK and not (old.absorb and not said.absorb):
            if choices.last_blocker:
                last = Verdict(BLOCK, not said.hard, filter_.id, old.veto, said.absorb)
                return last, "the last blocker counts", old.decided_by
            kept = Verdict(BLOCK, old.right and not said.hard, old.decided_by, old.veto, old.absorb)
            return kept, "the first blocker is kept", filter_.id
        new = Verdict(said.action, not said.hard, filter_.id, old.veto, said.absorb)
        return new, _reason(old, said), old.decided_by
    if said.action == BLOCK and old.action == PERMIT and (choices.plain_vetoes or _can_veto(filter_, said)):
        vetoed = old.decided_by
        return Verdict(BLOCK, False, filter_.id, True, said.absorb, vetoed), "veto of a hard permit", vetoed
    if old.action == BLOCK:
        if choices.last_blocker and said.action == BLOCK:
            last = Verdict(BLOCK, False, filter_.id, old.veto, old.absorb and said.absorb, old.vetoed)
            return last, "the last blocker counts", old.decided_by
        return old, "a hard block is final", filter_.id
    rule = "a plain block is no veto of a hard permit" if said.action == BLOCK else "a hard permit stands"
    return old, rule, filter_.id


def _reason(old: Verdict, said: Said) -> str:
    if old.action == CONTINUE:
        return "first decision"
    if old.action == said.action:
        return "a loud block replaces a silent one" if said.action == BLOCK else "a later permit takes over"
    return "a soft permit is overridden" if said.action == BLOCK else "a soft block is overridden"


def _can_veto(filter_: Filter, said: Said) -> bool:
    """C19: a callout's block, or a block filter with CLEAR_ACTION_RIGHT."""
    return filter_.action.is_callout or (said.action == BLOCK and _clears(filter_))


def _clears(filter_: Filter) -> bool:
    return bool(int(filter_.flags) & _CLEAR)
