"""The stack: four live panes where the frame really is. The heart of the window."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QPoint, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from engine.ndis.snapshot import NblId
from engine.wfp.layers import LAYERS
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId
from gui.models.stack.ladder import LadderPlan
from gui.models.stack.panes import panes_of
from gui.models.stack.traffic import Traffic, Unit, flow_of, gauge_of
from gui.session_bridge import SessionBridge
from gui.theme import keep_icon
from gui.views.refresher import Refresher
from gui.views.stack.band import MissingBand
from gui.views.stack.breakpoints import filter_breakpoint, filter_breakpoints, filter_menu
from gui.views.stack.hints import NOT_MODELLED, NOT_MODELLED_REASON, plain_hint
from gui.views.stack.host import band_text, clock_text, interface_of, subtitle
from gui.views.stack.page import EDGE, StackPage, side_by_side
from gui.views.stack.pane import pane_of
from gui.views.stack.way import Way
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import Band, Chip
from gui.widgets.segmented import SegmentedControl

RATES_AFTER_MS = 400
"""A run shorter than this ends in the ladder again: nobody asked to watch it."""
LIVE_TICK_MS = 1000
RATES_EVERY_MS = 60
"""While frames run, one pane after the other is drawn anew so often, so that no drawing takes long."""
MOST_READS = 6
"""Slices of the trace that are read before the rates are drawn, though more has come meanwhile."""
_ROWS = ((56, 57), (58, 59))
_UNITS: tuple[Unit, ...] = ("frames", "bytes")
_LEAST_SHARE = 38
"""Percent of the height that either row of panes keeps."""


class StackView(QWidget):
    """Inbound at the left, outbound at the right, ETHERNET above NATIVE.

    While one steps, the panes are ladders; while frames run, they show rates. `rates_action` shows rates at any time.
    """

    title = "The stack"
    icon = "stack"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._policy: Policy | None = None
        self._plans: dict[int, LadderPlan] = {}
        self._traffic: Traffic | None = None
        self._runs_long = self._is_watched = False
        self._subtitle = ""
        self._last_heard, self._heard_ns = QElapsedTimer(), 0
        self._refresher = Refresher(self, self.refresh)
        self._reads = self._turn = 0
        self._had_rates = False
        self._pace = QTimer(self, singleShot=True, interval=RATES_EVERY_MS)
        self._pace.timeout.connect(self._refresher.ask)
        self._patience = QTimer(self, singleShot=True, interval=RATES_AFTER_MS)
        self._patience.timeout.connect(self._on_run_lasts)
        self._live_tick = QTimer(self, interval=LIVE_TICK_MS)
        self._live_tick.timeout.connect(self._refresher.ask)
        self.rates_action = QAction("Rates instead of filters", self, checkable=True)
        keep_icon(self.rates_action, "rate")
        self.rates_action.toggled.connect(self._refresher.ask)
        self.title_actions = [self.rates_action]
        self._clock = Chip(clock_text(0))
        self.unit = SegmentedControl([unit.capitalize() for unit in _UNITS], "Rates in")
        self.unit.chosen.connect(self._refresher.ask)
        self.unit.hide()
        self.title_widgets: list[QWidget] = [self._clock, self.unit]
        self.panes = {id_: pane_of(id_) for row in _ROWS for id_ in row}
        self._build()
        self._connect(bridge)
        self._on_session_changed()

    # --- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._bands = (Band("protocols"), Band("other lightweight filters"), Band("miniport"))
        missing = MissingBand(NOT_MODELLED, NOT_MODELLED_REASON)
        # A long interface name is cut; it must not widen the dock.
        self._bands[2].setMinimumWidth(60)
        stack = self.page = StackPage()
        self.way = Way(stack, self.panes)
        self._column = QVBoxLayout(stack)
        self._column.setContentsMargins(EDGE, 6, EDGE, 6)
        self._column.setSpacing(6)
        self._column.addWidget(self._bands[0])
        self._column.addLayout(side_by_side([self.panes[id_] for id_ in _ROWS[0]], (1, 1)))
        self._column.addWidget(self._bands[1])
        self._column.addLayout(side_by_side([self.panes[id_] for id_ in _ROWS[1]], (1, 1)))
        self._column.addLayout(side_by_side([self._bands[2], missing], (3, 2)))
        self.page.set_places(dict(self.panes), self._bands[0], self._bands[2])
        self._empty = EmptyState(
            "stack", "No frames yet", "Open a capture, a policy or a story: here you see each frame climb the stack.")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(stack)
        self.setMinimumSize(460, 340)

    def _connect(self, bridge: SessionBridge) -> None:
        bridge.session_changed.connect(self._on_session_changed)
        bridge.cursor_moved.connect(self._on_cursor_moved)
        bridge.watch.paused_changed.connect(self._refresher.ask)
        bridge.trace_grown.connect(self._on_trace_grown)
        bridge.focus_changed.connect(self._refresher.ask)
        bridge.running_changed.connect(self._on_running_changed)
        bridge.live_changed.connect(self._on_live_changed)
        bridge.breakpoints_changed.connect(self._show_breakpoints)
        for pane in self.panes.values():
            pane.ladder.filter_chosen.connect(lambda id_: bridge.set_focus(filter=FilterId(id_)))
            pane.ladder.filter_activated.connect(self._toggle_breakpoint)
            pane.ladder.menu_wanted.connect(self._show_menu)
            for source in (pane.ladder, pane.entering, pane.footer):
                source.token_chosen.connect(self._choose_token)

    # --- facts in ------------------------------------------------------------------------------------------------

    @property
    def shows_rates(self) -> bool:
        """Rates stand in the place of the ladders."""
        bridge, session = self._bridge, self._bridge.session
        if self.rates_action.isChecked() or self._runs_long or (bridge.is_live and bridge.running):
            return True
        if not self._is_watched or session is None:
            return False
        return not bridge.cursor or (session.is_finished and bridge.cursor == len(session.trace))

    @Slot()
    def _on_session_changed(self) -> None:
        session = self._bridge.session
        self._traffic = None if session is None else Traffic(session.trace)
        self._policy = None
        self.way.forget()
        self._pages.setCurrentIndex(0 if session is None else 1)
        self._refresher.ask()

    @Slot()
    def _on_cursor_moved(self) -> None:
        self.way.may_travel = self._bridge.came_by_step and not self._bridge.running
        self._show_soon()

    def _show_soon(self) -> None:
        if not (self._bridge.running and self.shows_rates):
            self._refresher.ask()
        elif not self._pace.isActive():
            self._pace.start()

    @Slot()
    def _on_trace_grown(self) -> None:
        session = self._bridge.session
        if self._bridge.is_live and session is not None and len(session.trace):
            self._heard_ns = session.trace[len(session.trace) - 1].time_ns
            self._last_heard.start()
        self._show_soon()

    @Slot()
    def _on_running_changed(self) -> None:
        if self._bridge.running:
            self._patience.start()
        else:
            self._patience.stop()
            self._runs_long = False
        self._refresher.ask()

    @Slot()
    def _on_run_lasts(self) -> None:
        self._runs_long = True
        self._refresher.ask()

    @Slot()
    def _on_live_changed(self) -> None:
        # Rates fall while nothing comes, and no signal tells of that.
        if self._bridge.is_live:
            self._live_tick.start()
        else:
            self._live_tick.stop()
        self._refresher.ask()

    def set_watched(self, watched: bool) -> None:
        """In a layout for watching, rates stay while no frame is being stepped."""
        if watched != self._is_watched:
            self._is_watched = watched
            self._refresher.ask()

    # --- showing -------------------------------------------------------------------------------------------------

    def subtitle(self) -> str:
        """The interface and the honest word, for the title bar."""
        return self._subtitle

    def refresh(self) -> None:
        """Show what the cursor and the focus of the bridge say now."""
        session, traffic = self._bridge.session, self._traffic
        if session is None or traffic is None:
            self._clock.set_text(clock_text(0))
            self._tell_subtitle("")
            return
        if self._bridge.watch.is_paused and self.shows_rates:
            return
        self._plan(session.policy)
        if traffic.catch_up():
            self._refresher.ask()
            self._reads += 1
            if self.shows_rates and self._reads < MOST_READS:
                return
        self._reads = 0
        world, cursor, focus = self._bridge.world, self._bridge.cursor, self._bridge.focus
        event = session.trace[cursor - 1].event if cursor else None
        now_ns = self._now_ns(world.time_ns)
        # Work items and timers belong to no frame; the one that was looked at stays.
        frame = world.frame or focus.frame or 0
        rates, unit = self.shows_rates, _UNITS[self.unit.current()]
        self.unit.setVisible(rates)
        shown = panes_of(world, event, self._plans, frame, as_rates=rates)
        if rates and self._had_rates and self._bridge.running:
            self._turn = (self._turn + 1) % len(shown)
            shown = dict([list(shown.items())[self._turn]])
        self._had_rates = rates
        for id_, pane in shown.items():
            gauge = gauge_of(traffic, id_, cursor, now_ns)
            flow = flow_of(traffic, id_, cursor, now_ns, unit) if rates else None
            self.panes[id_].show_pane(pane, gauge, flow, focus.nbl)
            self.panes[id_].ladder.select(focus.filter)
        if rates:
            self.way.hide()
        else:
            self.way.show(session.trace, frame, cursor)
        interface = interface_of(session, frame)
        below = band_text(interface)
        self._bands[2].set_text(below)
        self._bands[2].setToolTip(plain_hint(below))
        self._clock.set_text(clock_text(world.time_ns))
        self._tell_subtitle(subtitle(interface))

    def _plan(self, policy: Policy) -> None:
        if policy is self._policy:
            return
        self._policy = policy
        self._plans = {layer.id: LadderPlan.of(policy, layer.id) for layer in LAYERS}
        self._show_breakpoints()
        self._share_height()

    def _share_height(self) -> None:
        """Give the rows of panes height by what they hold, once for a policy: nothing moves while one steps."""
        wanted = [max(len(self._plans[id_].entries) for id_ in row) + 6 for row in _ROWS]
        first = round(100 * wanted[0] / sum(wanted))
        first = max(_LEAST_SHARE, min(first, 100 - _LEAST_SHARE))
        self._column.setStretch(1, first)
        self._column.setStretch(3, 100 - first)

    def _now_ns(self, shown_ns: int) -> int:
        if self._bridge.is_live and self._bridge.running and self._last_heard.isValid():
            return self._heard_ns + self._last_heard.nsecsElapsed()
        return shown_ns

    def _tell_subtitle(self, text: str) -> None:
        if text != self._subtitle:
            self._subtitle = text
            self.subtitle_changed.emit(text)

    @Slot()
    def _show_breakpoints(self) -> None:
        session = self._bridge.session
        marks = {} if session is None else filter_breakpoints(session.breakpoints, session.policy)
        for pane in self.panes.values():
            pane.ladder.show_breakpoints(marks)

    # --- wishes out ----------------------------------------------------------------------------------------------

    @Slot(int)
    def _toggle_breakpoint(self, filter_id: int) -> None:
        found = None if self._policy is None else self._policy.filter_by_id.get(FilterId(filter_id))
        if found is not None:
            self._bridge.toggle_breakpoint(filter_breakpoint(found))

    @Slot(int, QPoint)
    def _show_menu(self, filter_id: int, place: QPoint) -> None:
        found = None if self._policy is None else self._policy.filter_by_id.get(FilterId(filter_id))
        if found is None:
            return
        self._bridge.set_focus(filter=found.id)
        filter_menu(self._bridge, found, self).popup(place)

    @Slot(str)
    def _choose_token(self, nbl: str) -> None:
        self._bridge.set_focus(frame=int(nbl.partition(".")[0]), nbl=NblId(nbl))
