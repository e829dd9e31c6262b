"""A bridge without an engine thread, for the views of the policy: a committed document and a hand-made trace."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.trace import events as ev
from engine.trace.history import WorldHistory
from engine.trace.trace import Trace
from engine.wfp.apply import apply_document
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.objects import FilterSpec, Weight
from engine.wfp.store import PolicyStore
from engine.wfp.types import ActionType, DataType
from engine.wfp.validation import key_of
from gui.session_bridge.focus import Focus
from tests.builders.policies import (
    a_callout,
    a_provider,
    a_sublayer_spec,
    block,
    calls,
    condition,
    ether_type,
    permit,
    u8,
    u16,
)

OUT = OUTBOUND_MAC_FRAME_ETHERNET


class _Edit(QUndoCommand):
    def __init__(self, bridge: PolicyBridge, before: PolicyDocument, after: PolicyDocument, text: str) -> None:
        super().__init__(text)
        self._bridge, self._before, self._after = bridge, before, after

    def undo(self) -> None:
        self._bridge.show(self._before)

    def redo(self) -> None:
        self._bridge.show(self._after)


class Breakpoints(list[Any]):
    """As `BreakpointSet`: the newest last, one of a kind and target."""

    def toggle(self, one: Any) -> None:
        same = [other for other in self if (other.kind, other.filter) == (one.kind, one.filter)]
        for other in same:
            self.remove(other)
        if not same:
            self.append(one)


    def add(self, one: Any) -> None:
        """Another in the place of the one of this kind and target."""
        place = next(i for i, other in enumerate(self) if (other.kind, other.filter) == (one.kind, one.filter))
        self[place] = one


class SimpleTurner(QObject):
    """Nothing is ever found."""

    changed = Signal()
    turn = None
    is_looking = False

    def look_at(self, number: int | None) -> None:
        self.wanted = number


class PolicyBridge(QObject):
    session_changed = Signal()
    trace_grown = Signal(int)
    cursor_moved = Signal(int)
    rows_grown = Signal(int)
    rows_changed = Signal(int, int)
    focus_changed = Signal(object)
    running_changed = Signal(bool)
    message = Signal(str, str)
    logged = Signal(str)
    document_changed = Signal()
    working_changed = Signal()
    filter_wanted = Signal(object)
    view_wanted = Signal(str)
    breakpoints_changed = Signal()

    def __init__(self, document: PolicyDocument | None = None, *events: Any, frame: int = 12) -> None:
        super().__init__()
        self.document = self.applied = document or PolicyDocument()
        self.undo_stack = QUndoStack(self)
        self.trace = Trace()
        for event in events:
            self.trace.append(event, frame, 0, 0)
        self.session: Any = None
        if document is not None:
            policy = apply_document(PolicyStore(), document)
            self.session = SimpleNamespace(policy=policy, document=document, trace=self.trace, rows=[],
                                           breakpoints=Breakpoints())
        self._history = WorldHistory(self.trace)
        self.cursor = len(self.trace)
        self.focus = Focus()
        self.running = False
        self.working = self.document
        self.turner = SimpleTurner(self)
        self.wishes: list[Any] = []

    @property
    def world(self) -> Any:
        return self._history.at(self.cursor)

    @property
    def has_unapplied_edits(self) -> bool:
        return self.document != self.applied

    def show(self, document: PolicyDocument) -> None:
        self.document = document
        self.document_changed.emit()

    def set_working(self, document: PolicyDocument | None) -> None:
        self.working = document or self.document

    def edit(self, document: PolicyDocument, text: str) -> None:
        self.undo_stack.push(_Edit(self, self.document, document, text))

    def apply(self) -> None:
        self.applied = self.document
        if self.session is not None:
            self.session.policy = apply_document(PolicyStore(), self.document)
        self.document_changed.emit()

    def discard(self) -> None:
        self.edit(self.applied, "Discard changes")

    def set_focus(self, **changes: Any) -> None:
        self.focus = replace(self.focus, **changes)
        self.focus_changed.emit(self.focus)

    def go_to(self, seq: int) -> None:
        self.wishes.append(("go_to", seq))
        self.move(seq + 1)

    def move(self, cursor: int) -> None:
        self.cursor = cursor
        self.cursor_moved.emit(cursor)

    def set_breakpoint(self, breakpoint_: Any) -> None:
        self.session.breakpoints.add(breakpoint_)
        self.breakpoints_changed.emit()

    def toggle_breakpoint(self, breakpoint_: Any) -> None:
        self.session.breakpoints.toggle(breakpoint_)
        self.breakpoints_changed.emit()


def auto(value: int | None = None) -> Weight:
    return Weight() if value is None else Weight(type=DataType.FWP_UINT8, value=value)


def a_document() -> PolicyDocument:
    """The policy of step-dark.png."""
    contoso = a_provider("Contoso")
    owner = key_of(contoso)
    sublayer = a_sublayer_spec("Contoso L2", 40000, provider=owner)
    place: dict[str, Any] = {"sublayer": key_of(sublayer), "provider": owner}
    rewrite = a_callout("mac_rewrite", OUT)
    mirror = a_callout("mirror", registered=False)
    filters: tuple[FilterSpec, ...] = (
        block("no ARP announcements", ether_type(0x0806), layer=OUT, weight=auto(10), **place),
        block("VLAN 20 quarantine", condition("VLAN_ID", u16(0x0014)), layer=OUT, weight=auto(9), **place),
        calls(rewrite, "gateway rewrite", ether_type(0x0800), condition("MAC_REMOTE_ADDRESS_TYPE", u8(0)), layer=OUT,
              weight=auto(8), **place),
        block("no ARP from guests", ether_type(0x0806), weight=auto(), **place),
        calls(mirror, "mirror inbound", weight=auto(), action=ActionType.FWP_ACTION_CALLOUT_INSPECTION, **place),
        permit("LAN permit", weight=auto(), layer=OUT),
        block("old lab block", ether_type(0x88CC), weight=auto(1), layer=OUT, enabled=False),
    )
    return PolicyDocument(providers=(contoso,), sublayers=(sublayer,), callouts=(rewrite, mirror), filters=filters)


def a_story(document: PolicyDocument) -> list[Any]:
    """Frame 12 in classify at layer 57: two filters passed, the third calls its callout, and a rule is broken."""
    policy = apply_document(PolicyStore(), document)
    ids = {one.name: one.id for one in policy.filters.values()}
    sublayer = key_of(document.sublayers[0])
    here, there = "02:00:00:00:00:aa", "02:00:00:00:00:01"
    values = (here, here, there, 0, 0, 0x0800, 0x6014, 1 << 24, 7, 0, 0x81, 1)
    nbls: Any = ("12.0",)
    return [
        ev.FrameEntered(12, "outbound", 7, 0, 98, 1, 0, {}),
        ev.ModuleEntered("802.3", 57, nbls),
        ev.ClassifyBegan(57, nbls, values, {}),
        ev.SublayerEntered(sublayer, rights=True),
        ev.FilterTested(ids["no ARP announcements"], (0,), 5, 0x0800),
        ev.FilterTested(ids["VLAN 20 quarantine"], (0,), 6, 0x6014),
        ev.FilterTested(ids["gateway rewrite"]),
        ev.CalloutEntered(key_of(document.callouts[0]), "contoso", ids["gateway rewrite"], nbls, "FWP_ACTION_CONTINUE",
                          rights=True, line="mac_rewrite.py:30"),
        ev.NblCloned(nbls[0], "12.1", 0, driver="contoso", line="mac_rewrite.py:34"),  # type: ignore[arg-type]
        ev.RuleBroken("M07", "W", "12.1 is injected without asking for its state", "12.1", "contoso",  # type: ignore[arg-type]
                      "mac_rewrite.py:41"),
        ev.InjectAccepted(7, "FwpsInjectMacSendAsync0", 57, ("12.1",), driver="contoso",  # type: ignore[arg-type]
                          line="mac_rewrite.py:41"),
    ]
