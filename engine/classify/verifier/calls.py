"""What one classify call did as a whole.

Source: callouts-nbl-injection 7 (M07, M09, M21, M36b, M36c, M36d, M38).
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.callouts.api import Action, ClassifyOut
from engine.callouts.constants import CLASSIFY_OUT_FLAG_ABSORB, INJECTION_TYPE_L2
from engine.classify.host import CallNotes, Driver, Host
from engine.classify.verdict_rules import notes_line, verdict_line
from engine.classify.verifier.sources import is_copy_of
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import NblId
from engine.trace.world import BLOCK
from engine.wfp.objects import Filter
from engine.wfp.types import ActionType, FilterId

_BLOCKS = int(Action.BLOCK)


def judge_call(host: Host, driver: Driver, filter_: Filter, run: Sequence[NetBufferList], out: ClassifyOut,
               notes: CallNotes, running: str) -> None:
    """A classify call has returned, with `out` as the callout left it. `running` is the verdict it met."""
    blocks = out.wrote_action and out.action_type == _BLOCKS
    absorbs = blocks and bool(out.flags & CLASSIFY_OUT_FLAG_ABSORB)
    if blocks and not notes.rights and filter_.callout is not None:
        host.ledger.vetoes[filter_.callout] = verdict_line(driver, filter_, out)
    found = (
        ("M07", None if notes.asked else _never_asked(host, driver, filter_, run[0], notes, absorbs=absorbs)),
        ("M09", _takes_its_own_again(run[0], notes, absorbs=absorbs) if notes.met_own else None),
        ("M36c", _audited_though_alive(run[0], notes) if blocks and not absorbs else None),
        ("M36d", _overrides_a_block(filter_, out, notes) if running == BLOCK else None),
        ("M38", _absorbs_for_nothing(host, driver, filter_, notes) if absorbs else None),
    )
    for rule, detail in found:
        if detail is not None:
            line = notes_line(driver, filter_) if rule == "M07" else verdict_line(driver, filter_, out)
            host.broken(rule, detail, run[0], driver=driver, line=line)


def judge_reads(host: Host, driver: Driver, filter_: Filter, run: Sequence[NetBufferList],
                reads: set[tuple[NblId, str]]) -> None:
    """M21: a chain of which only the head was looked at. What decides by the fixed values alone need not look."""
    if len(run) == 1:
        return
    head = run[0].id
    looked = any(id_ == head for id_, _ in reads)
    if looked and (head, "next") not in reads:
        host.broken("M21", f"{len(run)} NBLs came as a chain, {head} was looked at, its Next never read: the verdict "
                    "hits frames that were not inspected", run[0], driver=driver, line=notes_line(driver, filter_))


def judge_veto(host: Host, filter_: Filter, vetoed: FilterId | None, nbl: NetBufferList) -> None:
    """M36b: a callout's block over a hard permit."""
    if filter_.callout is None or vetoed is None:
        return
    driver = host.callout_drivers.get(filter_.callout)
    if driver is not None:
        permit = host.policy.filter_by_id[vetoed].name
        host.broken("M36b", f"filter {filter_.name!r} vetoes the hard permit of filter {permit!r}: legal, and audited",
                    nbl, driver=driver, line=host.ledger.vetoes.get(filter_.callout, driver.lines[filter_.callout]))


def _never_asked(host: Host, driver: Driver, filter_: Filter, nbl: NetBufferList, notes: CallNotes, *,
                 absorbs: bool) -> str | None:
    ledger, callout = host.ledger, filter_.callout
    if callout is None:
        return None
    own = bool(nbl.history) and nbl.history[-1].driver == driver.name
    blind = callout in ledger.blind
    if absorbs and (notes.injected or notes.pended):
        ledger.blind.add(callout)
    told = "M07", callout, nbl.frame
    if not own or not blind or told in ledger.told:
        return None
    ledger.told.add(told)
    return f"{nbl.id} is an injection of this driver and meets the callout again, which never asks for its state"


def _takes_its_own_again(nbl: NetBufferList, notes: CallNotes, *, absorbs: bool) -> str | None:
    if not (notes.repended or absorbs):
        return None
    done = "referenced or cloned" if notes.repended else "absorbed"
    return f"the state said by self, and yet {nbl.id} was {done}"


def _audited_though_alive(nbl: NetBufferList, notes: CallNotes) -> str | None:
    lives_on = next((one for one in notes.injections if one.parent is nbl or is_copy_of(one, nbl)), None)
    return None if lives_on is None else f"the audit says that {nbl.id} was dropped, but {lives_on.id} lives on"


def _overrides_a_block(filter_: Filter, out: ClassifyOut, notes: CallNotes) -> str | None:
    permits = out.wrote_action and out.action_type == Action.PERMIT
    inspects = filter_.action is ActionType.FWP_ACTION_CALLOUT_INSPECTION
    if not permits or inspects or not notes.rights or notes.met_own or notes.kept or notes.injected:
        return None
    return "PERMIT overrides the soft block of a higher sublayer, though nothing was done with the frame"


def _absorbs_for_nothing(host: Host, driver: Driver, filter_: Filter, notes: CallNotes) -> str | None:
    """A driver without injection handle drops on purpose; told once for each callout."""
    if notes.kept or notes.injected or notes.failed or notes.met_own or filter_.callout is None:
        return None
    told = "M38", filter_.callout, 0
    can_inject = any(one.driver == driver.name and one.flags & INJECTION_TYPE_L2 for one in host.handles)
    if not can_inject or told in host.ledger.told:
        return None
    host.ledger.told.add(told)
    return "absorbed with no clone, copy or reference alive: the frame is lost, and no audit tells of it"
