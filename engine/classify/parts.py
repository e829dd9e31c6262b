"""Parts of the simulated machine: lineages, drivers, handles, injections, and what one classify call has done.

Source: callouts-nbl-injection 3, A.5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import CodeType, FrameType, ModuleType
from typing import Any

import msgspec

from engine.callouts.api import Callout
from engine.callouts.counter import StepCounter
from engine.callouts.fwps import Fwps
from engine.callouts.lines import LineRecorder
from engine.callouts.loader import Script
from engine.classify.adversity.completions import Treatment
from engine.frames.frame import Direction
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import MemoryId, NblId
from engine.trace import events as ev
from engine.wfp.types import Guid

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
    riders: list[int] = field(default_factory=list)
    """Frames that share its NBL, each in a NET_BUFFER of its own (5.7)."""
    rides_with: int = 0
    """Frame whose NBL it shares; 0 for one with an NBL of its own."""

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
    recorder: LineRecorder | None = None
    """Follows its lines, where they are recorded."""
    instances: dict[Guid, Callout] = field(default_factory=dict)
    lines: dict[Guid, str] = field(default_factory=dict)
    """Where each callout's classify begins: `reflect.py:16`."""
    loaded: bool = False
    places: dict[tuple[int, int], tuple[CodeType, dict[str, Any]]] = field(default_factory=dict)
    """What `place_of` has said, by code object and instruction; the object is kept, so that its id stays its own."""

    def place_of(self, frame: FrameType) -> dict[str, Any]:
        """`driver` and `line` (`reflect.py:41`) of an event of the code that a frame of the script executes.

        The same object each time; not to be changed.
        """
        at = id(frame.f_code), frame.f_lasti
        known = self.places.get(at)
        if known is None:
            said = {"driver": self.name, "line": f"{self.script.name}:{frame.f_lineno}"}
            known = self.places[at] = frame.f_code, said
        return known[1]


@dataclass(slots=True, eq=False)
class Handle:
    """An injection handle (3.1)."""

    id: str
    driver: str
    flags: int
    state: str = "OPEN"
    pending: int = 0
    closed_by: str = ""
    """Who began to close it, if not its driver."""
    line: str = ""
    """Where it was created: `reflect.py:12`."""

    def __repr__(self) -> str:
        return f"<injection handle {self.id}>"


class InjectionRun(msgspec.Struct, eq=False):
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
    done: list[NetBufferList] = []
    """Those of them whose fate is known."""
    segments: int = 0
    pump_queued: bool = False
    treatment: Treatment | None = None
    """How fault rules have its completions come."""
    line: str = ""
    """Where the driver called: `reflect.py:41`."""

    @property
    def outstanding(self) -> int:
        return len(self.out)


class Fate(msgspec.Struct, frozen=True, gc=False):
    """How the way of an NBL ended that is still held."""

    direction: Direction
    outcome: str
    """`blocked`, `absorbed`, or `passed`: the stack's other side has returned it."""


Stamped = tuple[ev.TraceEvent, int, int, int]
"""An event with the frame, the time and the IRQL at which it happened."""


class CallNotes(msgspec.Struct):
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
    injections: list[NetBufferList] = []
