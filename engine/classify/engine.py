"""The stepping path: frames in, events out. Nothing here knows a window, a file or the time of day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop

from engine import __version__
from engine.callouts.loader import Script
from engine.classify import drivers, edges
from engine.classify.arrival import original
from engine.classify.completion import CompletionPump
from engine.classify.faults import Faults
from engine.classify.flight import Flight
from engine.classify.host import DISPATCH_LEVEL, PASSIVE_LEVEL, Handle, Host, InjectionRun, Steps
from engine.classify.kernel.inject import Kernel
from engine.classify.options import EngineOptions
from engine.classify.verifier import holds
from engine.classify.verifier.registration import judge_flow
from engine.frames.frame import Direction, Frame
from engine.ndis.nbl import NetBufferList, link
from engine.ndis.snapshot import NblId
from engine.ndis.status import nt_success
from engine.trace import events as ev
from engine.wfp.apply import apply_document
from engine.wfp.condition_rules import PolicyRules
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import PATHS
from engine.wfp.policy import Policy
from engine.wfp.store import PolicyStore

AFTERMATH_NS = 60_000_000_000
"""How long simulated time runs on after the last frame."""
TASKS_AT_ONCE = 20_000
"""Tasks run between two frames, and again at the end: a timer that always sets itself again ends here."""
TASKS_PER_FRAME = 1_000
"""What each frame gives back of the tasks that were used up."""
DRAINS_WITHIN_DRAINS = 8
"""Completions and work items that run while a handle is destroyed may destroy others, so deep."""


class Engine:
    """One run over one stream of frames.

    `start`, then `take` for each frame in order, then `finish`. After each event that they yield, `frame`, `now_ns`
    and `irql` say where it belongs. Same policy, options, seed and frames: the same events.
    Raises PolicyError or OptionError if the policy cannot be used.
    """

    def __init__(self, document: PolicyDocument, options: EngineOptions, seed: int, *, trusted: bool = True,
                 scripts: Mapping[str, Script] | None = None) -> None:
        self.document = document
        self.options = options
        rules = PolicyRules(mac_not_equal=options.not_equal_on_mac == "warn",
                            split_conditions=options.duplicate_conditions == "and")
        self._store = PolicyStore(rules)
        policy = apply_document(self._store, document)
        self._host = Host(options, policy, seed, Faults(document.faults, seed))
        self._flight: Flight
        kernel = Kernel(self._host, self._reenter, self._drain)
        self._flight = Flight(self._host, kernel)
        self._pump = CompletionPump(self._host, kernel)
        self._host.pump = self._pump.queue
        self._kernel = kernel
        self._drains = 0
        self._allowance = TASKS_AT_ONCE
        self._first_ns: int | None = None
        self._chain: list[Frame] = []
        if trusted:
            known = scripts if scripts is not None else drivers.read_scripts(document)
            drivers.load_drivers(self._host, kernel, document, known)

    @property
    def policy(self) -> Policy:
        return self._host.policy

    @property
    def frame(self) -> int:
        """Frame to whose lineage the last event belongs; 0 outside any."""
        return self._host.frame

    @property
    def now_ns(self) -> int:
        return self._host.now_ns

    @property
    def irql(self) -> int:
        return self._host.irql

    @property
    def stopped(self) -> ev.BugCheckSimulated | None:
        return self._host.stopped

    def start(self) -> Iterator[ev.TraceEvent]:
        """Load the drivers, register the callouts, add the policy in one transaction."""
        host = self._host
        yield ev.SessionBegan(__version__, host.seed, self.options.changed())
        yield from drivers.start_drivers(host, self.document)
        yield ev.TransactionBegan(len(host.policy.filters))
        for filter_ in sorted(host.policy.filters.values(), key=lambda one: one.id):
            if filter_.action.is_callout:
                status = yield from drivers.notify(host, filter_, drivers.ADD_FILTER)
                if not nt_success(status):
                    raise edges.notification_failed(self.document, filter_, status)
            yield ev.FilterAdded(filter_.id, filter_.key)
        yield from edges.attach_modules(host)
        edges.name_unregistered(host)
        judge_flow(host)
        yield from host.flush()

    def take(self, frame: Frame) -> Iterator[ev.TraceEvent]:
        """Everything that happens up to this frame's arrival, and its way through the stack."""
        host = self._host
        if self._first_ns is None:
            self._first_ns = frame.time_ns
        arrival = frame.time_ns - self._first_ns
        self._allowance = min(self._allowance + TASKS_PER_FRAME, TASKS_AT_ONCE)
        if self._chain and not self._joins(frame):
            yield from self._arrive()
        yield from self._run_due(arrival)
        host.now_ns = max(host.now_ns, arrival)
        yield from self._judge_ages()
        if frame.skip_reason is not None or host.stopped is not None:
            yield self._skipped(frame)
            return
        stalled = yield from self._stalled(frame)
        if stalled is not None:
            yield self._skipped(frame, stalled)
            return
        self._chain.append(frame)
        options = host.options
        wanted = options.rx_chain if frame.direction is Direction.INBOUND else options.tx_chain
        if len(self._chain) >= wanted:
            yield from self._arrive()

    def finish(self) -> Iterator[ev.TraceEvent]:
        """Simulated time runs on until nothing is due; the drivers are unloaded; what is left is reported."""
        host = self._host
        yield from self._arrive()
        self._allowance += TASKS_AT_ONCE
        yield from self._run_due(host.now_ns + AFTERMATH_NS)
        host.frame = 0
        if host.stopped is None:
            yield from drivers.stop_drivers(host)
            yield from self._settle()
            yield from edges.report_leaks(host)
        for lineage in list(host.lineages.values()):
            if lineage.frame and not lineage.finished:
                host.frame = lineage.frame
                yield ev.FrameFinished(lineage.frame, lineage.outcome or "skipped")
        host.frame = 0

    # --- arrivals --------------------------------------------------------------------------------------------------

    def _joins(self, frame: Frame) -> bool:
        """The frame belongs to the NDIS call that is being collected (`rx_chain`, `tx_chain`)."""
        last = self._chain[-1]
        return (frame.direction is last.direction and frame.interface.index == last.interface.index
                and frame.skip_reason is None)

    def _skipped(self, frame: Frame, why: str = "") -> ev.FrameSkipped:
        host = self._host
        host.frame, host.irql = frame.number, PASSIVE_LEVEL
        if host.stopped is not None:
            why = f"the run stopped before: {host.stopped.reason}"
        return ev.FrameSkipped(frame.number, frame.skip_reason or why)

    def _judge_ages(self) -> Steps[None]:
        if self._host.stopped is None and any(self._host.ledger.holds):
            holds.judge_ages(self._host)
            yield from self._host.flush()

    def _stalled(self, frame: Frame) -> Steps[str | None]:
        """Why the frame finds no place in the ring or the window (2.5), after it has waited a little; or None."""
        host, where = self._host, (frame.direction, frame.interface.index)
        until_ns = host.now_ns + holds.STALL_PATIENCE_NS
        while holds.is_full(host, *where) and host.queue and host.queue[0][0] <= until_ns:
            before = self._allowance
            yield from self._run_due(host.queue[0][0])
            if self._allowance == before:  # the run has stopped, or has used up its tasks
                break
        stalled = holds.judge_stall(host, *where)
        yield from host.flush()
        return stalled

    def _arrive(self) -> Steps[None]:
        host = self._host
        frames, self._chain = self._chain, []
        if not frames:
            return
        if host.stopped is not None:
            for frame in frames:
                yield self._skipped(frame)
            return
        host.irql = DISPATCH_LEVEL
        made = []
        for frame in frames:
            host.interfaces[frame.interface.index] = frame.interface
            made.append(original(host, frame))
        nbls = [nbl for nbl, _ in made]
        link(nbls)
        for place, (frame, (nbl, memories)) in enumerate(zip(frames, made, strict=True)):
            host.frame = frame.number
            yield ev.FrameEntered(frame.number, frame.direction.value, frame.interface.index, frame.interface.ndis_port,
                                  frame.length_bytes, len(frames), place, memories, changed=(nbl.snapshot(),))
        host.frame = frames[0].number
        host.touched.update(frame.number for frame in frames)
        yield from self._flight.travel(nbls, PATHS[frames[0].direction])
        yield from self._settle()

    # --- the machine's work ----------------------------------------------------------------------------------------

    def _run_due(self, until_ns: int) -> Steps[None]:
        """Run what is due up to a simulated time, in order. What the allowance leaves over runs late."""
        host = self._host
        while host.queue and host.queue[0][0] <= until_ns and self._allowance and host.stopped is None:
            self._allowance -= 1
            yield from self._run_next()

    def _run_next(self) -> Steps[None]:
        host = self._host
        due, _, frame, task = heappop(host.queue)
        host.now_ns = max(host.now_ns, due)
        yield from self._judge_ages()
        host.frame = frame
        lineage = host.lineage(frame)
        yield from task()
        lineage.tasks -= 1  # only now: a lineage lives on while its own code runs
        host.touched.add(frame)
        yield from self._settle()

    def _settle(self) -> Steps[None]:
        """Frames of which nothing is under way any more have come to their end."""
        host = self._host
        current = host.frame
        for frame in sorted(host.touched):
            lineage = host.lineages.get(frame)
            if not frame or lineage is None or lineage.finished or lineage.live or lineage.tasks or not lineage.outcome:
                continue
            host.frame = frame
            lineage.finished = True
            yield ev.FrameFinished(frame, lineage.outcome)
            self._forget(frame, lineage.next_copy)
        host.touched.clear()
        host.frame = current

    def _forget(self, frame: int, copies: int) -> None:
        host = self._host
        del host.lineages[frame]
        host.ledger.forget(frame, copies)
        for copy in range(copies):
            host.nbls.pop(NblId(f"{frame}.{copy}"), None)

    def _reenter(self, injection: InjectionRun, nbls: Sequence[NetBufferList]) -> None:
        self._flight.reenter(injection, nbls)

    def _drain(self, handle: Handle) -> None:
        """FwpsInjectionHandleDestroy0 waits: the machine goes on until the handle's injections are completed."""
        host = self._host
        place = host.frame, host.irql, host.cause, host.completing
        passed, host.pending = host.pending, []
        self._drains += 1
        left = TASKS_AT_ONCE if self._drains <= DRAINS_WITHIN_DRAINS else 0
        while handle.pending and host.queue and left and host.stopped is None:
            passed += [(event, host.frame, host.now_ns, host.irql) for event in self._run_next()]
            left -= 1
        self._drains -= 1
        host.frame, host.irql, host.cause, host.completing = place
        host.pending = passed
