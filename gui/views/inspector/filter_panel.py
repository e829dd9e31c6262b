"""One filter beside the frame that is classified: its facts, and each condition with what the frame has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from engine.wfp.diagnostics import Diagnostic
from engine.wfp.objects import Filter
from engine.wfp.types import Guid
from gui.models.inspected import ConditionsModel, Fact, condition_lines, filter_facts, filter_in_sight
from gui.models.policy.hints import hint_text, hints_of
from gui.views.break_here import break_at_filter, has_break
from gui.views.condition_table import ConditionTable
from gui.views.inspector.facts import Facts
from gui.views.refresher import Refresher
from gui.widgets.controls import make_button, make_label
from gui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge

LOW = 380
"""Below this height the facts stand closer, so that the conditions stay in sight."""


class FilterPanel(QWidget):
    """Follows the focus; without one the filter under test, and between two tests the last one of the frame."""

    edit_requested = Signal(int)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._filter: Filter | None = None
        self.facts = Facts()
        self.facts.setAccessibleName("Filter")
        self.model = ConditionsModel(self)
        self.table = ConditionTable(self.model, self)
        self._none = make_label("No condition: every frame at the layer matches.", "table", "secondary")
        self._none.setContentsMargins(10, 4, 10, 4)
        self.break_here = make_button("Break here", "normal", "breakpoint")
        self.edit = make_button("Edit", "outline", "edit")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(EmptyState(
            "filter", "No filter in focus", "Click a filter in the stack or in the policy, or step to one."))
        area = QScrollArea()
        area.setAccessibleName("The filter in focus")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._make_page())
        self._pages.addWidget(area)
        self.break_here.clicked.connect(self._toggle_break)
        self.edit.clicked.connect(self._ask_edit)
        self._hints: dict[Guid, list[Diagnostic]] | None = None
        refresher = Refresher(self, self._refresh)
        bridge.session_changed.connect(self._forget_hints)
        for signal in (bridge.session_changed, bridge.cursor_moved, bridge.focus_changed, bridge.breakpoints_changed):
            signal.connect(refresher.ask)
        refresher.ask()

    def filter(self) -> Filter | None:
        return self._filter

    def _make_page(self) -> QWidget:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(10, 6, 10, 8)
        buttons.setSpacing(8)
        buttons.addWidget(self.break_here)
        buttons.addWidget(self.edit)
        buttons.addStretch(1)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.facts)
        layout.addWidget(self._none)
        layout.addWidget(self.table, 1)
        layout.addStretch(0)  # takes the room of a table that is hidden
        layout.addLayout(buttons)
        return page

    def _refresh(self) -> None:
        session = self._bridge.session
        world = self._bridge.world
        found, why = self._in_sight()
        self._filter = found
        self._pages.setCurrentIndex(int(found is not None))
        if found is None or session is None:
            return
        facts = filter_facts(found, session.policy)
        if self._hints is None:
            self._hints = hints_of(session.policy)
        facts += [Fact("Look at", hint_text(one)) for one in self._hints.get(found.key, ())]
        if why not in ("in focus", "under test"):
            facts.append(Fact("Shown", why, strong=True))
        self.facts.show_facts(facts)
        lines = condition_lines(found, world)
        self.model.show(lines)
        self.table.setVisible(bool(lines))
        self._none.setVisible(not lines)
        self.break_here.setText("Do not break" if has_break(self._bridge, found.key) else "Break here")

    def _in_sight(self) -> tuple[Filter | None, str]:
        """The filter to show, and why it is that one."""
        session, world, focus = self._bridge.session, self._bridge.world, self._bridge.focus
        if session is None:
            return None, ""
        found, why = filter_in_sight(world, session.policy, focus.filter)
        if found is None and focus.frame is not None and focus.frame in world.outcomes:
            state = session.outcome(focus.frame)
            if state is not None and state.decided_by is not None:
                found = session.policy.filter_by_id.get(state.decided_by)
                why = f"decided frame {focus.frame}, at {state.layer}"
        return found, why

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.facts.set_compact(self.height() < LOW)

    @Slot()
    def _forget_hints(self) -> None:
        self._hints = None

    @Slot()
    def _toggle_break(self) -> None:
        if self._filter is not None:
            break_at_filter(self._bridge, self._filter.key)

    @Slot()
    def _ask_edit(self) -> None:
        if self._filter is not None:
            self.edit_requested.emit(self._filter.id)
