"""The first-run tour: it steps a real frame of a story, and can be left and taken up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from engine.debugger.moves import StepKind
from gui.models.stories import first_story, story_of
from gui.session_bridge import Offer
from gui.widgets.bubble import Bubble

if TYPE_CHECKING:
    from gui.main_window.window import MainWindow

KEPT_AS = "tour"
FRAME = 4
"""Frame of the story that meets the callout."""
STEPS = 5
"""Until the first filters have been tested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One bubble."""

    title: str
    text: str
    view: str = ""
    """It points at this view, or at a part of the window by name."""
    forward: str = "Next"
    act: str = ""
    """What the button does first: `open`, `step`, `back`."""
    ends_with: str = ""
    """It goes on by itself when the user does so: `open`, `step`, `back`."""


STOPS = (
    Stop(title="A frame, step by step", act="open", ends_with="open", forward="Open the story", text=(
        "Absorb, clone, reinject: a callout takes a frame, sends a changed clone, and lets it pass the second time. "
        "Nothing here touches a real wire.")),
    Stop(title="One step", view="toolbar", act="step", ends_with="step", forward="Step into", text=(
        "F11 goes one event deeper, F10 over what lies inside, F8 to the next frame. Press F11 five times.")),
    Stop(title="The stack", view="stack", text=(
        "The four MAC layers. The filter under test is lit; each one that was passed says which condition failed, and "
        "with what value. The frame's token stands where the frame is.")),
    Stop(title="Every step is kept", view="steps", act="back", ends_with="back", forward="Step back", text=(
        "This is the trace. A click goes to a step, the line below it drags through time, Ctrl+F11 goes one step back. "
        "Ctrl+F2 puts a bookmark here.")),
    Stop(title="NET_BUFFER_LISTs to scale", view="nbl_chain", text=(
        "Members, MDLs and offsets as the last step left them; what it changed is lit. The badge is the injection "
        "state: N not injected, S by self, O by other, P previously by self.")),
    Stop(title="Why, in words", view="explain", text=(
        "Who decided, who was overridden and by which rule, and the nearest single change of policy that would turn "
        "the outcome.")),
    Stop(title="Change the policy", view="policy", text=(
        "Edit a filter here, and What if counts the frames whose fate differs before you apply it. Ctrl+Z undoes by "
        "name.")),
    Stop(title="Anything else", view="field", forward="Done", text=(
        "Ctrl+K finds every command and every place: 12.1 is a frame's copy, #13 a step, 0x11F23 a filter. F1 lists "
        "the keys and lets you change them. Help brings this tour back.")),
)


class Tour(QObject):
    """Of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bridge = window, window.bridge
        self._place = self._cursor = 0
        self._is_coming = False
        self.bubble = Bubble(window)
        self.bubble.went_on.connect(self._act)
        self.bubble.went_back.connect(self._back)
        self.bubble.skipped.connect(self.leave)
        self._bridge.session_changed.connect(self._on_session)
        self._bridge.cursor_moved.connect(self._on_cursor)
        self._bridge.settled.connect(self._on_settled)

    @property
    def is_on(self) -> bool:
        return not self.bubble.isHidden()

    def words(self) -> str:
        """What the menu calls it."""
        return "Go on with the tour" if 0 < self._kept() < len(STOPS) else "Take the tour"

    def offer(self) -> None:
        """Tell a newcomer, once."""
        if self._bridge.store.plain(KEPT_AS) is None:
            self._keep(0)
            self._bridge.say(Offer("info", "New here? The tour steps one frame through a story in two minutes.",
                                   "Take the tour", self.start))

    @Slot()
    def start(self) -> None:
        """Begin, or go on where it was left."""
        kept = self._kept()
        self._show(kept if 0 < kept < len(STOPS) and self._has_story() else 0)

    @Slot()
    def leave(self) -> None:
        """Close the bubble; Help brings it back at the same stop."""
        self.bubble.hide()
        self._window.pages.stack().setFocus()

    # --- inside ----------------------------------------------------------------------------------------------------

    def _show(self, place: int) -> None:
        self._place = max(0, place)
        self._keep(self._place)
        if self._place >= len(STOPS):
            self.leave()
            return
        stop, self._cursor = STOPS[self._place], self._bridge.cursor
        if stop.view and stop.view not in _PARTS:
            self._window.layouts.switch("step")
            self._window.show_view(stop.view)
        self.bubble.say(self._target(stop.view), stop.title, stop.text, forward=stop.forward,
                        count=f"{self._place + 1} of {len(STOPS)}", has_back=self._place > 0)

    def _target(self, view: str) -> QWidget | None:
        if view in _PARTS:
            return _PARTS[view](self._window)
        return self._window.widget_of(view) if view else None

    @Slot()
    def _back(self) -> None:
        self._show(self._place - 1)

    @Slot()
    def _act(self) -> None:
        match STOPS[self._place].act:
            case "open" if not self._has_story():
                self._bridge.open([first_story()])
            case "open" if self._bridge.cursor == 0:
                self._on_session()
            case "step":
                self._bridge.step(StepKind.INTO)
            case "back" if self._bridge.cursor > 0:
                self._bridge.step(StepKind.BACK_INTO)
            case _:
                self._show(self._place + 1)

    @Slot()
    def _on_session(self) -> None:
        if self.is_on and STOPS[self._place].ends_with == "open" and self._has_story():
            self._bridge.step_frame(FRAME)
            self._is_coming = True

    @Slot()
    def _on_settled(self) -> None:
        if self._is_coming and self.is_on:
            self._is_coming = False
            self._show(self._place + 1)

    @Slot(int)
    def _on_cursor(self, cursor: int) -> None:
        ends_with = STOPS[self._place].ends_with if self.is_on else ""
        if (ends_with == "step" and cursor >= self._cursor + STEPS) or (ends_with == "back" and cursor < self._cursor):
            self._show(self._place + 1)

    def _has_story(self) -> bool:
        story = story_of(self._bridge.capture) if self._bridge.session is not None else None
        return story is not None and story.is_first

    def _kept(self) -> int:
        value = self._bridge.store.plain(KEPT_AS)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0

    def _keep(self, place: int) -> None:
        self._bridge.store.set_plain(KEPT_AS, place)


_PARTS: dict[str, Callable[[MainWindow], QWidget]] = {
    "toolbar": lambda window: window.chrome.tool_row,
    "field": lambda window: window.chrome.tool_row.field,
}
