"""Completions of injected NBLs, in segments, by policy and seed.

Source: callouts-nbl-injection 3.4, A.6; CH-26, CH-27.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.callouts.texts import function_name
from engine.classify.adversity.completions import Treatment
from engine.classify.host import DISPATCH_LEVEL, PASSIVE_LEVEL, Host, InjectionRun, Steps
from engine.classify.kernel.views import KernelViews
from engine.classify.lifecycle import gone
from engine.classify.modules import injections_ended
from engine.classify.release import try_release
from engine.classify.scripts import run_script
from engine.classify.verifier import completions
from engine.ndis.nbl import NetBufferList, link
from engine.ndis.snapshot import ABSORBED_HELD, COMPLETED, ORIGINAL
from engine.trace import events as ev

FIRST_NS, SPREAD_NS = 2_000, 20_000
"""A completion is due this long after the fate of its NBL, plus a seeded part of the spread."""


class CompletionPump:
    """Hands what an injection has done back to its driver."""

    def __init__(self, host: Host, views: KernelViews) -> None:
        self.host, self.views = host, views

    def queue(self, injection: InjectionRun) -> None:
        """The injection has done an NBL: see that its completion becomes due."""
        host = self.host
        if not injection.segments:
            injection.treatment = host.faults.treatment(injection.id, injection.out[0].frame)
        if injection.pump_queued or not injection.done or len(injection.done) < self._wanted(injection):
            return
        injection.pump_queued = True
        delay = FIRST_NS + int(host.random_completion.random() * SPREAD_NS)
        treatment = injection.treatment
        if treatment is not None:
            delay += treatment.delay_ns + int(host.random_completion.random() * treatment.spread_ns)
        host.soon(delay, injection.done[0].frame, self._task(injection))

    def _wanted(self, injection: InjectionRun) -> int:
        """NBLs that must be done before the next segment comes."""
        treatment = injection.treatment
        if treatment is not None and treatment.sizes and not treatment.shuffled:
            return min(_size(treatment, injection), injection.outstanding)
        whole = self.host.options.completion_policy in ("single", "reverse_each")
        return injection.outstanding if whole or (treatment is not None and treatment.shuffled) else 1

    def _task(self, injection: InjectionRun) -> Callable[[], Steps[None]]:
        def pump() -> Steps[None]:
            injection.pump_queued = False
            return self._segment(injection, self._choose(injection))

        return pump

    def _choose(self, injection: InjectionRun) -> list[NetBufferList]:
        """The NBLs of the next segment, taken off the done list (CH-27)."""
        done, dice, treatment = injection.done, self.host.random_completion, injection.treatment
        if treatment is not None and (treatment.sizes or treatment.shuffled):
            pool = list(done)
            if treatment.shuffled:
                pool = [pool.pop(int(dice.random() * len(pool))) for _ in done]
            chosen = pool[:_size(treatment, injection)]
            injection.done = [nbl for nbl in done if nbl not in chosen]
            return chosen
        match self.host.options.completion_policy:
            case "single":
                chosen = list(done)
            case "each":
                chosen = [done[0]]
            case "reverse_each":
                chosen = [done[-1]]
            case _:
                size = 1 + int(dice.random() * len(done))
                pool = list(done)
                chosen = [pool.pop(int(dice.random() * len(pool))) for _ in range(size)]
        injection.done = [nbl for nbl in done if nbl not in chosen]
        return chosen

    def _segment(self, injection: InjectionRun, nbls: list[NetBufferList]) -> Steps[None]:
        host, driver = self.host, injection.driver
        injection.segments += 1
        injection.out = [nbl for nbl in injection.out if nbl not in nbls]
        relinked = _close_gaps(injection.out, nbls)
        link(nbls)
        host.frame = nbls[0].frame
        for nbl in nbls:
            nbl.owner, nbl.injection, nbl.completion_name = driver.name, None, None
            nbl.state = ABSORBED_HELD if nbl.kind is ORIGINAL else COMPLETED
        sent = injection.function == "FwpsInjectMacSendAsync0"
        dispatch = sent or host.random_completion.random() < 0.5
        host.irql = DISPATCH_LEVEL if dispatch else PASSIVE_LEVEL
        name = function_name(injection.completion) if injection.completion is not None else ""
        yield ev.InjectCompleted(
            injection.id, injection.segments, tuple([n.id for n in nbls]), tuple([n.status or 0 for n in nbls]),
            injection.outstanding, dispatch, name, driver.name,
            changed=tuple([n.snapshot() for n in [*nbls, *relinked]]))
        if not injection.outstanding:
            del host.injections[injection.id]
        completion = injection.completion
        if completion is not None and driver.loaded:
            head = self.views.nbl_view(nbls[0])
            host.cause, host.completing, host.source = nbls[0].visits, injection.handle, nbls[0]
            before = completions.begin(host, injection, nbls)
            run_script(host, driver, name, lambda: completion(driver.fwps, injection.context, head, dispatch))
            host.cause, host.completing, host.source = {}, None, None
            completions.judge(host, injection, before)
        elif completion is not None:
            yield from gone(host, driver, name)
        injection.handle.pending -= len(nbls)
        if host.lwf.closed:
            injections_ended(host)
        for nbl in nbls:
            if nbl.kind is ORIGINAL:
                try_release(host, nbl)
        yield from host.flush()
        yield ev.CompletionReturned(injection.id, injection.segments)
        self.queue(injection)


def _size(treatment: Treatment, injection: InjectionRun) -> int:
    """NBLs of the next segment under a rule."""
    sizes = treatment.sizes
    return sizes[min(injection.segments, len(sizes) - 1)] if sizes else 1


def _close_gaps(out: list[NetBufferList], gone: list[NetBufferList]) -> list[NetBufferList]:
    """Link what is still out past the NBLs that come back; returns those whose Next changed."""
    changed: list[NetBufferList] = []
    for nbl in out:
        before = nbl.next
        while nbl.next is not None and nbl.next in gone:
            nbl.next = nbl.next.next
        if nbl.next is not before:
            changed.append(nbl)
    return changed
