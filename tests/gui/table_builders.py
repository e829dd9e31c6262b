"""A bridge and a session by hand, for the tests of tables: just what the views of these tests ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.classify.options import EngineOptions
from engine.debugger.frames.row import FrameRow, FrameState, FrameStates, StateNumbers
from engine.debugger.session import Breakpoint
from engine.frames.frame import Direction, DirectionFrom, Frame, Interface
from engine.ndis.snapshot import MdlSnapshot, MemoryId, NblId, NblKind, NblSnapshot, NblState, NetBufferSnapshot
from engine.trace import events as ev
from engine.trace.history import WorldHistory
from engine.trace.trace import Trace
from engine.trace.world import World
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId, Guid
from gui.session_bridge.focus import Focus
from gui.session_bridge.frames.notes import FrameNotesKeeper
from gui.session_bridge.kept.notes import Notes
from gui.session_bridge.step_bookmarks import StepBookmarks
from gui.settings import Store

SUBLAYER, CALLOUT = Guid("{00000000-0000-0000-0000-0000000000a1}"), Guid("{00000000-0000-0000-0000-0000000000c1}")
ETHERNET = Interface(id=0, name="eth0", mac=None, link_type=1)
ARP = bytes.fromhex(
    "ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a000002") + bytes(18)  # fmt: skip


@dataclass
class Session:
    rows: list[FrameRow] = field(default_factory=list)
    states: dict[int, FrameState] = field(default_factory=dict)
    trace: Trace = field(default_factory=Trace)
    breakpoints: list[Breakpoint] = field(default_factory=list)
    frames: dict[int, Frame] = field(default_factory=dict)
    policy: Policy | None = None
    interfaces: tuple[Interface, ...] = (ETHERNET,)
    source: object = None
    options: EngineOptions = field(default_factory=EngineOptions)

    def outcome(self, number: int) -> FrameState | None:
        return self.states.get(number)

    def states_of(self, first: int, end: int) -> tuple[StateNumbers, Sequence[FrameState | None]]:
        return FrameStates(self.states).said_of(first, end)

    def frame(self, number: int) -> Frame:
        if number not in self.frames:
            raise IndexError(number)
        return self.frames[number]


class Filter(QObject):
    """A display filter that somebody else works out."""

    changed = Signal()
    wanted = Signal(str, bool)
    column_wanted = Signal(str)
    progress = Signal(int, int)
    text, count, places, is_complete = "", 0, None, True

    def apply(self, text: str) -> None:
        self.text = text
        self.changed.emit()


class Sort(QObject):
    """An order that somebody else works out."""

    changed = Signal()
    key, descending, places = None, False, None

    def by(self, key: object, *, descending: bool = False) -> None:
        self.key, self.descending = key, descending
        self.changed.emit()


class Watch(QObject):
    """The view of what is live, which nobody has paused."""

    paused_changed = Signal(bool)
    is_paused = False

    def set_paused(self, paused: bool) -> None:
        self.is_paused = paused
        self.paused_changed.emit(paused)


class Finder:
    """Writes down what steps are looked for."""

    def __init__(self, wishes: list[tuple[object, ...]]) -> None:
        self._wishes = wishes

    def find(self, fits: object, what: str, *, backwards: bool = False) -> None:
        self._wishes.append(("find", what, backwards))


class Bridge(QObject):
    """Signals as of the real one; wishes are written down in `wishes`."""

    session_changed = Signal()
    trace_grown = Signal(int)
    cursor_moved = Signal(int)
    rows_grown = Signal(int)
    rows_changed = Signal(int, int)
    focus_changed = Signal(object)
    running_changed = Signal(bool)
    live_changed = Signal(bool)
    breakpoints_changed = Signal()
    steps_wanted = Signal(object)
    view_wanted = Signal(str)

    def __init__(self, session: Session | None = None) -> None:
        super().__init__()
        self.session = session
        self.store = Store()
        self.cursor = 0
        self.focus = Focus()
        self.running = self.is_live = False
        self.wishes: list[tuple[object, ...]] = []
        self.undo_stack = QUndoStack(self)
        self.notes = Notes(self)
        self.frame_notes = FrameNotesKeeper(self.notes, self.undo_stack, self)
        self.step_bookmarks = StepBookmarks(self.notes, self.undo_stack, self)
        self.step_finder = Finder(self.wishes)
        self.watch = Watch()
        self.frame_filter = Filter()
        self.frame_sort = Sort()

    @property
    def world(self) -> World:
        return WorldHistory(self.session.trace).at(self.cursor) if self.session is not None else World()

    def show(self, session: Session | None) -> None:
        self.session, self.cursor, self.focus = session, 0, Focus()
        self.session_changed.emit()

    def move(self, cursor: int) -> None:
        self.cursor = cursor
        self.cursor_moved.emit(cursor)

    def look(self, **changes: object) -> None:
        self.focus = replace(self.focus, **changes)
        self.focus_changed.emit(self.focus)

    def set_focus(self, **changes: object) -> None:
        self.wishes.append(("set_focus", changes))
        self.look(**changes)

    def select_frame(self, number: int) -> None:
        self.wishes.append(("select_frame", number))
        self.look(frame=number)

    def step_frame(self, number: int) -> None:
        self.wishes.append(("step_frame", number))

    def restart(self) -> None:
        self.wishes.append(("restart",))

    def go_to(self, seq: int) -> None:
        self.wishes.append(("go_to", seq))
        self.move(seq + 1)

    def toggle_breakpoint(self, stop: object) -> None:
        self.wishes.append(("toggle_breakpoint", stop))

    def set_breakpoint(self, stop: object) -> None:
        self.wishes.append(("set_breakpoint", stop))


def a_row(number: int, **said: object) -> FrameRow:
    facts = {
        "time_ns": 0, "direction": Direction.INBOUND, "source": "02:00:00:00:00:01",
        "destination": "ff:ff:ff:ff:ff:ff", "type_name": "ARP", "ether_type": 0x0806, "vlan": (), "length_bytes": 60,
        "interface": 0, "comments": (), "skip_reason": None,
    }  # fmt: skip
    return FrameRow(number=number, **(facts | said))


def a_frame(number: int, data: bytes = ARP) -> Frame:
    return Frame(
        number=number, time_ns=0, data=data, length_bytes=len(data), interface=ETHERNET,
        direction=Direction.INBOUND, direction_from=DirectionFrom.DEFAULT,
    )  # fmt: skip


def a_buffer(data: int, *mdls: tuple[str, int, int], offset: int = 0, owner: str = "engine") -> NetBufferSnapshot:
    """`data` bytes from `offset` on over MDLs of (memory, start, length)."""
    parts = tuple(MdlSnapshot(f"MDL {i}", MemoryId(m), start, count, owner) for i, (m, start, count) in enumerate(mdls))
    return NetBufferSnapshot(offset, data, 0, offset, parts)


def an_nbl(id_: str, *buffers: NetBufferSnapshot, kind: NblKind = NblKind.ORIGINAL) -> NblSnapshot:
    return NblSnapshot(
        NblId(id_), kind, NblState.INDICATED, "engine", None, None, 0, 0, None, buffers, None, (), None, None
    )


def entered(number: int, data: bytes = ARP) -> ev.FrameEntered:
    memory = MemoryId(f"{number}:0")
    nbl = an_nbl(f"{number}.0", a_buffer(len(data), (memory, 0, len(data))))
    return ev.FrameEntered(number, "inbound", 1, 0, len(data), 1, 0, {memory: data}, changed=(nbl,))


def a_story(trace: Trace, number: int, filters: int = 2) -> None:
    """A frame is tried by some filters at layer 56 and blocked by the last one."""
    nbl = NblId(f"{number}.0")
    story: list[ev.TraceEvent] = [
        entered(number),
        ev.ModuleEntered("802.3", 56, (nbl,)),
        ev.ClassifyBegan(56, (nbl,), (), {}),
        ev.SublayerEntered(SUBLAYER, True),
        *(ev.FilterTested(FilterId(i), (0,), 5, 1) for i in range(1, filters)),
        ev.FilterTested(FilterId(filters)),
        ev.FilterDecided(FilterId(filters), "FWP_ACTION_BLOCK", True, False),
        ev.SublayerDecided(SUBLAYER, "FWP_ACTION_BLOCK", FilterId(filters)),
        ev.ClassifyEnded(56, (nbl,), "FWP_ACTION_BLOCK", True, FilterId(filters), False, False),
        ev.ModuleLeft("802.3", 56, ()),
        ev.FrameFinished(number, "blocked"),
    ]
    for event in story:
        trace.append(event, number, number * 1000, 0)


