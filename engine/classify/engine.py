"""The stepping path: frames in, events out. Nothing here knows a window, a file or the time of day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heappop

from engine import __version__
from engine.callouts.counter import Watch
from engine.callouts.loader import Script
from engine.classify import conversion, drivers, edges, lifecycle, management, modules
from engine.classify.adversity.acts import Adversity
from engine.classify.adversity.faults import Faults
from engine.classify.arrival import frames_of_a_call, originals
from engine.classify.choices import policy_rules
from engine.classify.completion import CompletionPump
from engine.classify.drop_ring import NetEvent
from engine.classify.flight import Flight
from engine.classify.host import DISPATCH_LEVEL, PASSIVE_LEVEL, Host, InjectionRun, Steps
from engine.classify.kernel.inject import Kernel
from engine.classify.notifying import ADD_FILTER, notify
from engine.classify.options import EngineOptions
from engine.classify.passing_over import PassingOver
from engine.classify.release import take_back
from engine.classify.settling import finish_all, settle
from engine.classify.verifier import holds
from engine.classify.verifier.registration import judge_keys
from engine.frames.frame import Frame
from engine.ndis.nbl import NetBufferList, link
from engine.ndis.status import nt_success
from engine.trace import events as ev
from engine.trace.record import Place
from engine.wfp.apply import apply_document
from engine.wfp.document import PolicyDocument
from engine.wfp.policy import Policy
from engine.wfp.store import PolicyStore

AFTERMATH_NS = 60_000_000_000
"""How long simulated time runs on after the last frame."""
LATEST_NS = 2**62
"""Simulated time ends here, in 146 years: what a strange capture says beyond fits in no trace."""
TASKS_AT_ONCE = 20_000
"""Tasks run between two frames, and again at the end: a timer that always sets itself again ends here."""
TASKS_PER_FRAME = 1_000
"""What each frame gives back of the tasks that were used up."""
WAITS_WITHIN_WAITS = 8
"""Completions and work items that run while a driver's code waits may wait as well, so deep."""
TASKS_IN_WAITS = 200_000
"""Tasks of a whole run while driver code waits: one that waits again and again comes to its end."""


class Engine:
    """One run over one stream of frames.

    `start`, then `take` for each frame in order, then `finish`. After each event that they yield, `frame`, `now_ns`
    and `irql` say where it belongs. Same policy, options, seed and frames: the same events. `lines`: each line of a
    script that runs is an event too, with its locals, as by the option `record_lines`.
    Raises PolicyError or OptionError if the policy cannot be used.
    """

    def __init__(self, document: PolicyDocument, options: EngineOptions, seed: int, *, trusted: bool = True,
                 scripts: Mapping[str, Script] | None = None, faults: Faults | None = None,
                 lines: bool = False, watch: Watch | None = None) -> None:
        self.document = document
        self.options = options
        self._store = PolicyStore(policy_rules(options))
        policy = apply_document(self._store, document)
        self._host = Host(options, policy, seed, faults or Faults(document.faults, seed))
        management.connect(self._host, self._store)
        self._filters = sorted(policy.filters.values(), key=lambda one: one.id)
        self._host.records_lines |= lines
        self._host.watch = watch
        self._flight: Flight
        kernel = Kernel(self._host, self._reenter, self._go_on)
        self._flight = Flight(self._host, kernel)
        self._pump = CompletionPump(self._host, kernel)
        self._host.pump = self._pump.queue
        self._kernel = kernel
        self._adversity = Adversity(self._host)
        self._waits, self._tasks_in_waits = 0, TASKS_IN_WAITS
        self._allowance = TASKS_AT_ONCE
        self._first_ns: int | None = None
        self._chain: list[Frame] = []
        self.passing_over = PassingOver(self._host)
        if trusted:
            known = scripts if scripts is not None else drivers.read_scripts(document)
            drivers.load_drivers(self._host, kernel, document, known)
            self._adversity.check()

    @property
    def policy(self) -> Policy:
        """All objects that were ever committed in this run: what the trace names can be looked up."""
        return self._host.bfe.record.policy

    @property
    def place(self) -> Place:
        """Where the last event belongs; always up to date, not to be written."""
        return self._host

    @property
    def watch(self) -> Watch | None:
        """Who bounds the scripts' time and memory."""
        return self._host.watch

    @property
    def net_events(self) -> tuple[NetEvent, ...]:
        """The drop events that the filter engine has kept, the oldest first (C24)."""
        return self._host.drops.events

    @property
    def stopped(self) -> ev.BugCheckSimulated | None:
        return self._host.stopped

    def start(self) -> Iterator[ev.TraceEvent]:
        """Load the drivers, register the callouts, add the policy in one transaction."""
        host = self._host
        yield ev.SessionBegan(__version__, host.seed, self.options.changed())
        yield from lifecycle.start_drivers(host, self.document)
        yield ev.TransactionBegan(len(self._filters))
        for filter_ in self._filters:
            if filter_.key not in host.policy.filters:
                continue  # a driver has deleted it as it started
            if filter_.action.is_callout:
                status = yield from notify(host, filter_, ADD_FILTER)
                if not nt_success(status):
                    raise edges.notification_failed(self.document, filter_, status)
            yield ev.FilterAdded(filter_.id, filter_.key, provider=filter_.provider)
        for filter_ in self._filters:
            management.post_commit(host, filter_)
        yield from host.flush()
        yield from edges.attach_modules(host)
        edges.name_unregistered(host)
        judge_keys(host)
        yield from host.flush()

    def begin_at(self, time_ns: int) -> None:
        """The first frame of the run, taken or not, came at this time."""
        self._first_ns = time_ns

    def pass_over(self, frames: int, latest_ns: int | None) -> None:
        """So many frames came that are not taken; `latest_ns` is the latest of their times."""
        self._allowance = min(self._allowance + frames * TASKS_PER_FRAME, TASKS_AT_ONCE)
        if latest_ns is not None and self._first_ns is not None:
            self._host.now_ns = max(self._host.now_ns, min(latest_ns - self._first_ns, LATEST_NS))

    @property
    def is_collecting(self) -> bool:
        """Frames wait for others of their NDIS call."""
        return bool(self._chain)

    def take(self, frame: Frame) -> Iterator[ev.TraceEvent]:
        """Everything that happens up to this frame's arrival, and its way through the stack."""
        host = self._host
        if self._first_ns is None:
            self._first_ns = frame.time_ns
        arrival = min(frame.time_ns - self._first_ns, LATEST_NS)
        self._allowance = min(self._allowance + TASKS_PER_FRAME, TASKS_AT_ONCE)
        if self._chain and not self._joins(frame):
            yield from self._arrive()
        yield from self._run_due(arrival)
        host.now_ns = max(host.now_ns, arrival)
        if host.now_ns >= host.ledger.ages_due_ns:
            yield from holds.tell_ages(host)
        if frame.skip_reason is not None or host.stopped is not None:
            yield self._skipped(frame)
            return
        if host.faults.happenings:
            yield from self._adversity.arrive(frame)
        unreachable = modules.no_way_in(host, frame.interface.index, frame.direction) if host.lwf.unplugged else None
        if unreachable is not None:
            yield self._skipped(frame, unreachable)
            return
        if host.ledger.stalled or holds.is_full(host, frame.direction, frame.interface.index):
            stalled = yield from self._stalled(frame)
            if stalled is not None:
                yield self._skipped(frame, stalled)
                return
        self._chain.append(frame)
        if len(self._chain) >= frames_of_a_call(host.options, frame.direction):
            yield from self._arrive()

    def finish(self) -> Iterator[ev.TraceEvent]:
        """Simulated time runs on until nothing is due; the drivers are unloaded; what is left is reported."""
        host = self._host
        yield from self._arrive()
        self._allowance += TASKS_AT_ONCE
        yield from self._run_due(host.now_ns + AFTERMATH_NS)
        host.frame = 0
        if host.stopped is None:
            yield from lifecycle.stop_drivers(host)
            yield from settle(host)
            yield from self._run_due(host.now_ns + AFTERMATH_NS)
            host.frame = 0
            yield from edges.report_leaks(host)
        yield from finish_all(host)

    # --- arrivals --------------------------------------------------------------------------------------------------

    def _joins(self, frame: Frame) -> bool:
        """The frame belongs to the NDIS call that is being collected (`rx_chain`, `tx_chain`)."""
        last = self._chain[-1]
        return (frame.direction is last.direction and frame.interface.index == last.interface.index
                and conversion.path_of(frame) == conversion.path_of(last) and frame.skip_reason is None)

    def _skipped(self, frame: Frame, why: str = "") -> ev.FrameSkipped:
        host = self._host
        host.frame, host.irql = frame.number, PASSIVE_LEVEL
        if host.stopped is not None:
            why = f"the run stopped before: {host.stopped.reason}"
        return ev.FrameSkipped(frame.number, frame.skip_reason or why)

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
        for frame in frames:
            host.interfaces[frame.interface.index] = frame.interface
            if frame.framing is not None:
                conversion.remember(host, frame)
        made = originals(host, frames)
        nbls = list(dict.fromkeys([nbl for nbl, _ in made]))
        link(nbls)
        for place, (frame, (nbl, memories)) in enumerate(zip(frames, made, strict=True)):
            host.frame = frame.number
            yield ev.FrameEntered(frame.number, frame.direction.value, frame.interface.index, frame.interface.ndis_port,
                                  frame.length_bytes, len(frames), place, memories, changed=(nbl.snapshot(),))
        host.frame = frames[0].number
        host.touched.update([frame.number for frame in frames])
        if frames[0].native_only:
            yield from conversion.begins_below(frames, nbls)
        yield from self._flight.travel(nbls, conversion.path_of(frames[0]))
        if host.options.receive_resources == "on":
            yield from take_back(host, nbls)
        yield from settle(host)

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
        if host.pending or host.now_ns >= host.ledger.ages_due_ns:  # a driver's code that waits may have left events
            yield from holds.tell_ages(host)
        host.frame = frame
        lineage = host.lineage(frame)
        yield from task()
        lineage.tasks -= 1  # only now: a lineage lives on while its own code runs
        host.touched.add(frame)
        if lineage.tasks and len(host.touched) == 1:  # as mostly: it goes on, and no other has ended
            host.touched.clear()
        else:
            yield from settle(host)

    def _reenter(self, injection: InjectionRun, nbls: Sequence[NetBufferList]) -> None:
        self._flight.reenter(injection, nbls)

    def _go_on(self, wanted: Callable[[], bool]) -> None:
        """A driver's code waits: the machine goes on while `wanted` says so and something is due.

        Frames that would arrive meanwhile arrive afterwards.
        """
        host = self._host
        place = host.frame, host.irql, host.cause, host.completing, host.source, host.driver
        passed, host.pending = host.pending, []
        self._waits += 1
        left = TASKS_AT_ONCE if self._waits <= WAITS_WITHIN_WAITS else 0
        try:
            while wanted() and host.queue and left and self._tasks_in_waits and host.stopped is None:
                left, self._tasks_in_waits = left - 1, self._tasks_in_waits - 1
                passed += [(event, host.frame, host.now_ns, host.irql) for event in self._run_next()]
                host.frame, host.irql, host.cause, host.completing, host.source, host.driver = place
        finally:
            self._waits -= 1
            host.pending = passed + host.pending
