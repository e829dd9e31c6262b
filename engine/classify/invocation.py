"""One callout invoked for one filter and one run of NBLs.

Source: callouts-nbl-injection 1.3, 1.5, A.3; CH-06, CH-10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from engine.callouts.api import Action, ClassifyOut, IncomingMetadata, IncomingValues, Lifetime
from engine.callouts.constants import CLASSIFY_OUT_FLAG_ABSORB, RIGHT_ACTION_WRITE
from engine.callouts.filter_view import FilterView
from engine.classify.arbitration import Resume, Verdict
from engine.classify.host import BATCH, CallNotes, Driver, Host, Steps
from engine.classify.kernel.views import KernelViews
from engine.classify.lifecycle import gone
from engine.classify.scripts import run_script
from engine.classify.verdict_rules import Returned, Said, action_text, notes_line, read_verdict
from engine.classify.verifier.calls import judge_call, judge_reads
from engine.classify.verifier.cost import judge_cost
from engine.classify.verifier.loops import is_to_break, judge_limit
from engine.classify.verifier.registration import waits_for_flow
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import NblSnapshot
from engine.ndis.structure import Structure
from engine.trace import events as ev
from engine.trace.world import BLOCK, CONTINUE, PERMIT
from engine.wfp.fields import FieldValue, LayerMetadata
from engine.wfp.layers import ETHERNET_FIELDS, LAYERS, NATIVE_FIELDS, Layer
from engine.wfp.objects import Filter
from engine.wfp.types import ActionType, FilterFlag

_INDICES = {layer.id: {f.name: f.index for f in (NATIVE_FIELDS if layer.is_native else ETHERNET_FIELDS)}
            for layer in LAYERS}
_INSPECTION = ActionType.FWP_ACTION_CALLOUT_INSPECTION
_NUMBER = {PERMIT: Action.PERMIT, BLOCK: Action.BLOCK, CONTINUE: Action.CONTINUE}


class Invoker:
    """Calls callouts during one classification."""

    __slots__ = ("broken_up", "host", "layer", "metadata", "run", "values", "views")

    def __init__(self, host: Host, views: KernelViews, layer: Layer, run: Sequence[NetBufferList],
                 values: Sequence[FieldValue], metadata: LayerMetadata) -> None:
        self.host, self.views, self.layer, self.run = host, views, layer, run
        self.values, self.metadata = values, metadata
        self.broken_up: Resume | None = None
        """Where all but the head of the run go on by themselves (`batch_delivery=per_callout`)."""

    def invoke(self, filter_: Filter, verdict: Verdict) -> Steps[Said]:
        """Yield what happens in the call; return what it comes to. `verdict` is the one so far (CH-10)."""
        host, running, rights = self.host, verdict.action, verdict.right
        assert filter_.callout is not None
        driver = host.callout_drivers.get(filter_.callout)
        if driver is None:
            return (yield from self._default(filter_))
        if waits_for_flow(host, filter_.callout):
            return Said(CONTINUE)
        if len(self.run) > 1 and not host.bfe.registrations[filter_.callout].flags & BATCH:
            yield self._break_up(filter_, verdict)
        if not driver.loaded:
            yield from gone(host, driver, "classify")
            return Said(CONTINUE)
        head = self.run[0]
        visits = head.visits.get(filter_.id, 0) + 1
        head.visits = {**head.visits, filter_.id: visits}
        inspects = filter_.action is _INSPECTION
        passes = Said(CONTINUE if inspects else PERMIT, by_callout=True)
        if visits > 1 and host.lineage(head.frame).is_bomb:
            return passes  # M06 has been told
        if visits > host.options.loop_limit and is_to_break(host, head, filter_.callout, visits):
            if visits == host.options.loop_limit + 1:
                host.emit(ev.LoopDetected(head.frame, head.id, self.layer.id, filter_.id, filter_.callout, visits))
            judge_limit(host, head, filter_.callout, driver, notes_line(driver, filter_), visits)
            yield from host.flush()
            return passes
        return (yield from self._call(driver, filter_, running, rights=rights))

    def _break_up(self, filter_: Filter, verdict: Verdict) -> ev.ChainSplit:
        """From here on each NBL of the run goes by itself (CH-16)."""
        assert filter_.callout is not None
        nbls = list(self.run)
        for nbl in nbls:
            nbl.next = None
        self.broken_up, self.run = Resume(filter_.id, verdict), nbls[:1]
        name = self.host.policy.callouts[filter_.callout].name
        return ev.ChainSplit(self.layer.id, tuple((nbl.id,) for nbl in nbls), f"{name} has no batch flag",
                             changed=tuple(nbl.snapshot() for nbl in nbls))

    def _default(self, filter_: Filter) -> Steps[Said]:
        """Nobody has registered the callout (1.3, C21)."""
        assert filter_.callout is not None
        if filter_.action is ActionType.FWP_ACTION_CALLOUT_INSPECTION:
            said = Said(CONTINUE)
        elif filter_.flags & FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED:
            said = Said(PERMIT, bool(filter_.flags & FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT))
        else:
            said = Said(BLOCK, True)
        if self.host.options.unregistered_callout == "soft":
            said = msgspec.structs.replace(said, hard=False)
        yield ev.CalloutDefaulted(filter_.callout, filter_.id, said.action)
        return said

    def _call(self, driver: Driver, filter_: Filter, running: str, *, rights: bool) -> Steps[Said]:
        host, head = self.host, self.run[0]
        callout = filter_.callout
        assert callout is not None
        met = running if host.options.initial_classify_out == "running_verdict" else CONTINUE
        lifetime = Lifetime()
        out = ClassifyOut(lifetime, _NUMBER[met], RIGHT_ACTION_WRITE if rights else 0)
        notes = CallNotes(rights)
        ids = tuple([nbl.id for nbl in self.run])
        yield ev.CalloutEntered(callout, driver.name, filter_.id, ids, met, rights, notes_line(driver, filter_))
        frozen = [Structure(nbl) for nbl in self.run]
        arguments = (
            IncomingValues(lifetime, self.layer, _INDICES[self.layer.id], self.values),
            IncomingMetadata(lifetime, self.metadata),
            FilterView(lifetime, filter_, host.policy.sublayers[filter_.sublayer].weight, host.filter_contexts), out)
        failed = self._run(driver, filter_, arguments, notes)
        if failed:
            out = ClassifyOut(lifetime, _NUMBER[met], RIGHT_ACTION_WRITE if rights else 0)
        happened = len(host.pending)
        changed = self._check_structure(driver, filter_, frozen)
        returned = Returned(
            int(_NUMBER[met]), RIGHT_ACTION_WRITE if rights else 0, out, failed, int(_NUMBER[running]))
        said = read_verdict(host, driver, filter_, head, returned, notes)
        if not failed:
            judge_call(host, driver, filter_, self.run, out, notes, running)
        trouble, host.pending = host.pending[happened:], host.pending[:happened]
        if host.pending or host.suspects:
            yield from host.flush()
        left = bool(out.rights & RIGHT_ACTION_WRITE)
        yield ev.CalloutReturned(callout, action_text(out.action_type), left, out.flags, changed=changed)
        if trouble:
            host.pending = trouble  # what is said of the call as a whole
            yield from host.flush()
        self._bury(lifetime)
        return said

    def _run(self, driver: Driver, filter_: Filter, arguments: tuple[Any, ...], notes: CallNotes) -> bool:
        host, head = self.host, self.run[0]
        assert filter_.callout is not None
        instance = driver.instances[filter_.callout]
        values, meta, view, out = arguments
        flags = host.bfe.registrations[filter_.callout].flags
        host.call, host.in_hand, host.cause = notes, tuple(self.run), head.visits
        host.batch_call, host.source = bool(flags & BATCH), head
        takers = [nbl.taker for nbl in self.run]
        for nbl in self.run:
            nbl.taker = filter_.callout
        data = self.views.nbl_view(head)
        reads_outside, host.ledger.reads, host.ledger.bytes = host.ledger.reads, set(), 0
        ok, _ = run_script(host, driver, "classify", lambda: instance.classify(
            driver.fwps, values, meta, data, None, view, 0, out))
        host.call, host.in_hand, host.cause, host.batch_call, host.source = None, (), {}, False, None
        if not (notes.kept or out.flags & CLASSIFY_OUT_FLAG_ABSORB):
            for nbl, taker in zip(self.run, takers, strict=True):
                nbl.taker = taker
        if ok:
            judge_reads(host, driver, filter_, self.run, host.ledger.reads)
            judge_cost(host, driver, filter_, head)
        host.ledger.reads = reads_outside
        return not ok

    def _check_structure(self, driver: Driver, filter_: Filter, frozen: list[Structure]) -> tuple[NblSnapshot, ...]:
        """I8: what was not restored is reported, and restored. Returns how the NBLs look then."""
        mended: list[NetBufferList] = []
        for nbl, before in zip(self.run, frozen, strict=True):
            broken = before.broken_rules(nbl)
            if not broken:
                continue
            for rule, detail in broken:
                self.host.broken(rule, detail, nbl, driver=driver, line=notes_line(driver, filter_))
            before.restore(nbl)
            mended.append(nbl)
        return tuple([nbl.snapshot() for nbl in mended])

    def _bury(self, lifetime: Lifetime) -> None:
        """CH-06: the arguments die now; a later use is reported where it happens."""
        host, head = self.host, self.run[0].id
        if host.options.classify_arguments == "live":
            return

        def noticed(what: str) -> None:
            host.broken("M37", f"{what} used after classify returned", about=(head,))

        lifetime.notice = noticed

