"""The simulated machine: interfaces, drivers, handles, injections, lineages, and its queue of work.

Source: callouts-nbl-injection A.5; design, Deterministic.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from heapq import heappush
from random import Random
from types import FrameType
from typing import Any, TypeVar, get_args

from engine.callouts.counter import Watch
from engine.classify.adversity.faults import Faults
from engine.classify.bfe import Bfe
from engine.classify.choices import choices_of
from engine.classify.drop_ring import DropRing
from engine.classify.lwf import ModuleBook
from engine.classify.options import EngineOptions
from engine.classify.parts import COPIES_OF_COPIES, CallNotes, Driver, Fate, Handle, InjectionRun, Lineage, Stamped
from engine.classify.radio_book import RadioBook
from engine.classify.verifier.ledger import Ledger
from engine.frames.frame import Interface
from engine.ndis.invariants import broken_invariants
from engine.ndis.mdl import Mdl
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import FREED, NblId, NblState
from engine.trace import events as ev
from engine.trace.rules import rules
from engine.wfp.policy import Policy
from engine.wfp.types import CalloutFlag, Guid

__all__ = [
    "BATCH",
    "COPIES_OF_COPIES",
    "DISPATCH_LEVEL",
    "PASSIVE_LEVEL",
    "WIRE_NS",
    "WORK_NS",
    "CallNotes",
    "Driver",
    "Fate",
    "Handle",
    "Host",
    "InjectionRun",
    "Lineage",
    "Stamped",
    "Steps",
    "Task",
]

T = TypeVar("T")
Steps = Generator[ev.TraceEvent, None, T]
"""Yields each event as it happens, returns the outcome."""

Task = Callable[[], Steps[None]]

PASSIVE_LEVEL, DISPATCH_LEVEL = 0, 2

BATCH = int(CalloutFlag.FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY)

WORK_NS, WIRE_NS = 1_000, 10_000
"""Simulated cost of a queued work item, and of the wire or the protocols; completions are spread by the seed.

A queued re-entry costs nothing: it comes before the next frame, even one of the same time.
"""


_OF_AN_NBL, _OF_A_PARENT, _OF_OTHERS = 1, 2, 3


def _concern(members: Sequence[str]) -> int:
    if "nbl" in members:
        return _OF_AN_NBL
    return _OF_A_PARENT if "parent" in members else _OF_OTHERS * ("nbls" in members or "mdl" in members)


_CONCERNS = {kind: _concern(kind.__struct_fields__) for kind in get_args(ev.TraceEvent)}
"""By kind of event: which member names what it concerns; 0 if none does."""


class Host:
    """State of one run. Everything else in this folder works on it."""

    def __init__(self, options: EngineOptions, policy: Policy, seed: int, faults: Faults) -> None:
        self.options, self.policy, self.seed, self.faults = options, policy, seed, faults
        faults.attend(self)
        self.choices = choices_of(options)
        self.drops = DropRing(options.net_event_ring, options.net_event_keywords)
        self.random_completion = Random(f"{seed}:completion")
        self.interfaces: dict[int, Interface] = {}
        self.drivers: dict[str, Driver] = {}
        self.callout_drivers: dict[Guid, Driver] = {}
        """Registered callouts only."""
        self.filter_contexts: dict[int, Any] = {}
        self.handles: list[Handle] = []
        self.injections: dict[int, InjectionRun] = {}
        self.nbls: dict[NblId, NetBufferList] = {}
        """NBLs that are not settled, and those of lineages that are not finished."""
        self.lineages: dict[int, Lineage] = {0: Lineage(0)}
        self.touched: set[int] = set()
        """Lineages that may have settled in this task."""
        self.queue: list[tuple[int, int, int, Task]] = []
        self._order = 0
        self.now_ns = 0
        self.frame = 0
        self.irql = PASSIVE_LEVEL
        self.watch: Watch | None = None
        """Bounds the scripts' time and memory; comes from outside."""
        self.thread = 0
        """The thread in which the script was called that runs now, where somebody watches."""
        self._no_code_runs()
        self.records_lines = options.record_lines == "on"
        self.records_stacks = options.recording_level == "4"
        self.next_script_call = 1
        self.next_injection = 1
        self.next_handle = 1
        self.next_pool = 1
        self.next_tag = 1
        self.pools: dict[str, tuple[str, str]] = {}
        """Pools by id: whose they are, and the line that made them."""
        self.mdls: dict[str, Mdl] = {}
        """MDLs that drivers have allocated and not freed."""
        self.held: dict[NblId, Fate] = {}
        """NBLs from outside whose way is over and which wait for their holders."""
        self.held_flights: dict[NblId, Fate] = {}
        """Injected NBLs that were dropped and wait for their holders."""
        self.pump: Callable[[InjectionRun], None] = lambda _: None
        """Queues the completion of what an injection has done; set by the engine."""
        self.cause: dict[int, int] = {}
        """Callouts met on the way to the code that runs now: inherited by what it allocates (M06)."""
        self.source: NetBufferList | None = None
        """The NBL whose data or out-of-band info the running code has read last, or is about: what it allocates is
        taken for a copy of it."""
        self.stopped: ev.BugCheckSimulated | None = None
        self.ledger = Ledger()
        """What the verifier remembers."""
        self.lwf = ModuleBook()
        self.radio = RadioBook()
        self.bfe: Bfe

    def _no_code_runs(self) -> None:
        """Nothing of a driver is running."""
        self.driver: Driver | None = None
        """Whose code runs now."""
        self.in_hand: tuple[NetBufferList, ...] = ()
        """The run handed to the callout that runs now."""
        self.batch_call = False
        """The callout that runs now has the batch flag."""
        self.inline: list[list[Task]] = []
        """What injections that go their way inside of their calls have still to do, innermost last."""
        self.suspects: dict[NblId, NetBufferList] = {}
        """NBLs with members that a driver has written since they were looked at."""
        self.completing: Handle | None = None
        """Handle of the injection whose completion function runs now."""
        self.pending: list[Stamped] = []
        """Events of the code that runs now; yielded when it returns."""
        self.call: CallNotes | None = None
        """What the classify call that runs now has done so far."""

    def lineage(self, frame: int) -> Lineage:
        found = self.lineages.get(frame)
        if found is None:
            found = self.lineages[frame] = Lineage(frame)
        return found

    def soon(self, delay_ns: int, frame: int, task: Task) -> None:
        """Queue a task of an injected frame's way; at once where that goes inside of the injection call (CH-25)."""
        if self.inline:
            self.inline[-1].append(task)
        else:
            self.later(delay_ns, frame, task)

    def later(self, delay_ns: int, frame: int, task: Task) -> int:
        """Queue a task of a frame's lineage; returns when it is due."""
        self._order += 1
        due = self.now_ns + delay_ns
        heappush(self.queue, (due, self._order, frame, task))
        self.lineage(frame).tasks += 1
        return due

    def settle(self, nbl: NetBufferList, state: NblState) -> None:
        """An NBL has come to its end: nobody owes anything for it any more."""
        nbl.state = state
        self.lineage(nbl.frame).live.discard(nbl.id)
        if nbl.frame:
            self.touched.add(nbl.frame)
        else:  # outside of every frame nothing ever comes to an end
            self.nbls.pop(nbl.id, None)

    def judge_suspects(self) -> None:
        """I1 to I4, and the rules of NblFlags, of NBLs that a driver has put together by hand (X04)."""
        if not self.suspects:
            return
        suspects, self.suspects = self.suspects, {}
        for nbl in suspects.values():
            slots = nbl.reserved.get("ndis_reserved", []) if nbl.reserved else []
            if slots and any(one is not None for one in slots):
                slots[:] = [None] * len(slots)  # NDIS writes there what it needs
                self.broken("M55", f"NdisReserved of {nbl.id} is the system's", nbl)
            if nbl.state is not FREED:
                for words in broken_invariants(nbl):
                    self.broken("X04", f"{nbl.id}: {words}", nbl)

    def emit(self, event: ev.TraceEvent) -> None:
        """Leave an event of the code that runs now. What concerns one NBL stands under that NBL's frame."""
        concern = _CONCERNS[type(event)]
        nbl: NblId | None = None
        if concern == _OF_AN_NBL:
            nbl = event.nbl  # type: ignore[union-attr]  # as the table says
        elif concern == _OF_A_PARENT:
            nbl = event.parent  # type: ignore[union-attr]  # as the table says
        if nbl is None:
            frame = self._frame_of(event) if concern else self.frame
        else:
            known = self.nbls.get(nbl)
            frame = (int(nbl.partition(".")[0]) if known is None else known.frame) or self.frame
        self.pending.append((event, frame, self.now_ns, self.irql))

    def _frame_of(self, event: ev.TraceEvent) -> int:
        """The frame of an event that names no NBL of its own."""
        nbls: tuple[NblId, ...] = getattr(event, "nbls", None) or ()
        if not nbls:
            mdl: str | None = getattr(event, "mdl", None)
            return self.frame if mdl is None else int(mdl.partition(":")[0]) or self.frame
        known = self.nbls.get(nbls[0])
        first = (int(nbls[0].partition(".")[0]) if known is None else known.frame) or self.frame
        if len(nbls) == 1 or first == self.frame:
            return first
        own = f"{self.frame}."
        return self.frame if any(one.startswith(own) for one in nbls) else first

    def flush(self) -> Steps[None]:
        """Yield what the code that just ran has left, each event at the place and time where it happened."""
        if self.suspects:
            self.judge_suspects()
        while self.pending:
            batch, self.pending = self.pending, []
            place = self.frame, self.now_ns, self.irql
            for event, self.frame, self.now_ns, self.irql in batch:
                yield event
            self.frame, self.now_ns, self.irql = place

    def line(self) -> str:
        """`file.py:41`: the line of the running driver's script that is being executed; empty outside of scripts."""
        driver = self.driver
        if driver is None:
            return ""
        path = driver.script.file
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == path:
                return str(driver.place_of(frame)["line"])
            frame = frame.f_back
        return ""

    def broken(self, rule: str, detail: str, nbl: NetBufferList | None = None, *, driver: Driver | None = None,
               line: str | None = None, severity: str | None = None, about: Sequence[str] = ()) -> None:
        """Report a broken rule, at the place where the running code stands unless `line` says another.

        `about` names what else it concerns, and whose story explains it: NBLs, handles, MDLs, pools.
        """
        driver = driver or self.driver
        self.emit(ev.RuleBroken(
            rule, severity or str(rules()[rule].severity), detail, nbl.id if nbl is not None else None,
            driver.name if driver is not None else None, line or self.line() or None, tuple(about)))

    def callout_in_use(self, layer_id: int, driver: Driver | None = None) -> bool:
        """Some registered callout (of `driver`, if given) stands behind an enabled filter at the layer (R-INJ-1)."""
        for at in self.policy.at(layer_id):
            for compiled in at.filters:
                key = compiled.filter.callout
                if key is not None and key in self.callout_drivers and (
                        driver is None or self.callout_drivers[key] is driver):
                    return True
        return False
