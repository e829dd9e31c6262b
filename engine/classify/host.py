"""The simulated machine: interfaces, drivers, handles, injections, lineages, and its queue of work.

Source: callouts-nbl-injection A.5; design, Deterministic.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from heapq import heappush
from random import Random
from types import FrameType, ModuleType
from typing import Any, TypeVar

from engine.callouts.api import Callout
from engine.callouts.fwps import Fwps
from engine.callouts.instrument import StepCounter
from engine.callouts.loader import Script
from engine.classify.faults import Faults
from engine.classify.options import EngineOptions
from engine.classify.verifier.ledger import Ledger
from engine.frames.frame import Direction, Interface
from engine.ndis.mdl import Mdl
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import MemoryId, NblId, NblState
from engine.trace import events as ev
from engine.trace.rules import rules
from engine.wfp.policy import Policy
from engine.wfp.types import CalloutFlag, Guid

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


COPIES_OF_COPIES = 1024
"""More of them in one lineage count as a loop that branches (M06)."""


@dataclass(slots=True)
class Lineage:
    """One frame from outside and all that came of it."""

    frame: int
    next_copy: int = 0
    next_part: int = 0
    descendants: int = 0
    """Copies of copies that drivers wanted (M06)."""
    live: set[NblId] = field(default_factory=set)
    """NBLs that somebody still has to return, complete or free."""
    tasks: int = 0
    outcome: str = ""
    finished: bool = False

    @property
    def is_bomb(self) -> bool:
        """Its drivers make ever more copies of copies."""
        return self.descendants >= COPIES_OF_COPIES

    def new_nbl(self) -> NblId:
        copy = self.next_copy
        self.next_copy += 1
        return NblId(f"{self.frame}.{copy}")

    def new_memory(self) -> MemoryId:
        self.next_part += 1
        return MemoryId(f"{self.frame}:{self.next_part}")


@dataclass(slots=True, eq=False)
class Driver:
    """A script file: its module, its callouts' instances."""

    name: str
    script: Script
    module: ModuleType
    fwps: Fwps
    counter: StepCounter
    instances: dict[Guid, Callout] = field(default_factory=dict)
    lines: dict[Guid, str] = field(default_factory=dict)
    """Where each callout's classify begins: `reflect.py:16`."""
    loaded: bool = False


@dataclass(slots=True, eq=False)
class Handle:
    """An injection handle (3.1)."""

    id: str
    driver: str
    flags: int
    state: str = "OPEN"
    pending: int = 0

    def __repr__(self) -> str:
        return f"<injection handle {self.id}>"


@dataclass(slots=True, eq=False)
class InjectionRun:
    """An accepted injection call under way (3.4)."""

    id: int
    driver: Driver
    function: str
    layer: int
    handle: Handle
    completion: Callable[..., Any] | None
    context: Any
    out: list[NetBufferList]
    """NBLs that were not completed yet, in the order of the call."""
    done: list[NetBufferList] = field(default_factory=list)
    """Those of them whose fate is known."""
    segments: int = 0
    pump_queued: bool = False

    @property
    def outstanding(self) -> int:
        return len(self.out)


@dataclass(frozen=True, slots=True)
class Fate:
    """How the way of an NBL ended that is still held."""

    direction: Direction
    outcome: str
    """`blocked`, `absorbed`, or `passed`: the stack's other side has returned it."""


Stamped = tuple[ev.TraceEvent, int, int, int]
"""An event with the frame, the time and the IRQL at which it happened."""


@dataclass(slots=True)
class CallNotes:
    """What one classify call did, for the rules that look at the whole of it."""

    rights: bool
    kept: int = 0
    """References, clones and new NBLs that came to be."""
    failed: int = 0
    injected: int = 0
    met_own: bool = False
    """The state query said by self, or previously by self."""
    pended: bool = False
    """A reference or a clone of the frame in hand was taken."""
    asked: bool = False
    """The injection state of a frame in hand was queried."""
    repended: bool = False
    """It was pended after the query had said by self."""
    injections: list[NetBufferList] = field(default_factory=list)


class Host:
    """State of one run. Everything else in this folder works on it."""

    def __init__(self, options: EngineOptions, policy: Policy, seed: int, faults: Faults) -> None:
        self.options, self.policy, self.seed, self.faults = options, policy, seed, faults
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
        self.driver: Driver | None = None
        """Whose code runs now."""
        self.in_hand: tuple[NetBufferList, ...] = ()
        """The run handed to the callout that runs now."""
        self.batch_call = False
        """The callout that runs now has the batch flag."""
        self.next_injection = 1
        self.next_handle = 1
        self.next_pool = 1
        self.pools: dict[str, str] = {}
        self.completing: Handle | None = None
        """Handle of the injection whose completion function runs now."""
        self.mdls: dict[str, Mdl] = {}
        """MDLs that drivers have allocated and not freed."""
        self.pending: list[Stamped] = []
        """Events of the code that runs now; yielded when it returns."""
        self.held: dict[NblId, Fate] = {}
        """NBLs from outside whose way is over and which wait for their holders."""
        self.held_flights: dict[NblId, Fate] = {}
        """Injected NBLs that were dropped and wait for their holders."""
        self.pump: Callable[[InjectionRun], None] = lambda _: None
        """Queues the completion of what an injection has done; set by the engine."""
        self.call: CallNotes | None = None
        """What the classify call that runs now has done so far."""
        self.cause: dict[int, int] = {}
        """Callouts met on the way to the code that runs now: inherited by what it allocates (M06)."""
        self.stopped: ev.BugCheckSimulated | None = None
        self.ledger = Ledger()
        """What the verifier remembers."""
        self.module_state: dict[str, tuple[bool, bool]] = {"802.3": (False, False), "native": (False, False)}

    def lineage(self, frame: int) -> Lineage:
        found = self.lineages.get(frame)
        if found is None:
            found = self.lineages[frame] = Lineage(frame)
        return found

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

    def emit(self, event: ev.TraceEvent) -> None:
        self.pending.append((event, self.frame, self.now_ns, self.irql))

    def flush(self) -> Steps[None]:
        """Yield what the code that just ran has left, each event at the place and time where it happened."""
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
        path = str(driver.script.path)
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == path:
                return f"{driver.script.name}:{frame.f_lineno}"
            frame = frame.f_back
        return ""

    def broken(self, rule: str, detail: str, nbl: NetBufferList | None = None, *, driver: Driver | None = None,
               line: str | None = None, severity: str | None = None) -> None:
        """Report a broken rule, at the place where the running code stands unless `line` says another."""
        driver = driver or self.driver
        self.emit(ev.RuleBroken(
            rule, severity or str(rules()[rule].severity), detail, nbl.id if nbl is not None else None,
            driver.name if driver is not None else None, line or self.line() or None))

    def callout_in_use(self, layer_id: int, driver: Driver | None = None) -> bool:
        """Some registered callout (of `driver`, if given) stands behind an enabled filter at the layer (R-INJ-1)."""
        for at in self.policy.at(layer_id):
            for compiled in at.filters:
                key = compiled.filter.callout
                if key is not None and key in self.callout_drivers and (
                        driver is None or self.callout_drivers[key] is driver):
                    return True
        return False
