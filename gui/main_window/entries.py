"""What the palette can find in one window."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from engine.wfp.types import FilterId
from gui.actions import Actions, key_text
from gui.main_window.recent import shorten
from gui.models.palette import Entry
from gui.models.places import FilterPlace, FramePlace, NblPlace, Place, SharePlace, StepPlace, parse_place
from gui.models.steps.moves import go_to_bookmark
from gui.models.stories import Story, stories, story_shelf
from gui.session_bridge import SessionBridge


class Entries:
    """Places first, then commands, filters, bookmarks, stories and recent files."""

    def __init__(self, bridge: SessionBridge, actions: Actions) -> None:
        self._bridge, self._actions = bridge, actions
        self._stories: list[tuple[Story, str]] | None = None

    def __call__(self, text: str) -> list[Entry]:
        return [*self._places(text), *self._commands(), *self._filters(), *self._bookmarks(), *self._stories_found(),
                *self._recent()]

    def _places(self, text: str) -> Iterator[Entry]:
        place, session = parse_place(text), self._bridge.session
        if place is None or session is None:
            return
        words = {"words": text.strip()}
        match place:
            case FramePlace(number):
                if number <= len(session.rows):
                    yield Entry(text=f"Go to frame {number}", icon="frames", act=partial(self.go_to, place), **words)
                    run = partial(self._bridge.step_frame, number)
                    yield Entry(text=f"Run up to frame {number}", icon="run_to_here", act=run, **words)
                if number in session.policy.filter_by_id:
                    yield self._filter(FilterId(number), text.strip())
            case NblPlace(_, nbl):
                yield Entry(text=f"Go to {nbl}", icon="nbl_chain", act=partial(self.go_to, place), **words)
            case StepPlace(event):
                note = f"of frame {self._bridge.focus.frame}" if self._bridge.focus.frame else ""
                act = partial(self.go_to, place)
                yield Entry(text=f"Go to event #{event}", note=note, icon="steps", act=act, **words)
            case SharePlace(percent):
                act = partial(self.go_to, place)
                yield Entry(text=f"Go to {percent} % of the steps", icon="steps", act=act, **words)
            case FilterPlace(id_):
                if id_ in session.policy.filter_by_id:
                    yield self._filter(id_, text.strip())

    def go_to(self, place: Place) -> None:
        """Follow a place; what it does not lead to is said."""
        bridge, session = self._bridge, self._bridge.session
        if session is None:
            return
        match place:
            case FramePlace(number):
                if 1 <= number <= len(session.rows):
                    bridge.select_frame(number)
                else:
                    self._nowhere(f"There is no frame {number}, the last one is {len(session.rows)}.")
            case NblPlace(frame, nbl):
                recorded = session.trace.of_frame(frame)
                if recorded:
                    if bridge.focus.frame != frame:
                        bridge.select_frame(frame)
                    bridge.set_focus(frame=frame, nbl=nbl)
                else:
                    self._nowhere(f"Frame {frame} has not run yet, so there is no {nbl}: run up to it first.")
            case StepPlace(event):
                recorded = session.trace.of_frame(bridge.focus.frame or 0)
                if 1 <= event <= len(recorded):
                    bridge.go_to(recorded[event - 1])
                else:
                    self._nowhere(f"The frame in focus has {len(recorded)} recorded events, there is no #{event}.")
            case SharePlace(percent):
                bridge.go_to(max(0, (len(session.trace) * percent - 1) // 100))
            case FilterPlace(id_):
                bridge.set_focus(filter=id_)

    def _nowhere(self, text: str) -> None:
        self._bridge.message.emit("warn", text)

    def _commands(self) -> Iterator[Entry]:
        for command, action in self._actions.items():
            if action.isEnabled():
                note = key_text(action) or command.menu
                act = partial(self._actions.trigger, command.id)
                text = action.text().rstrip("…")
                yield Entry(text=text, note=note, icon=command.icon or "command", act=act, words=command.menu)

    def _filters(self) -> Iterator[Entry]:
        session = self._bridge.session
        if session is not None:
            for id_ in session.policy.filter_by_id:
                yield self._filter(id_)

    def _filter(self, id_: FilterId, typed: str = "") -> Entry:
        session = self._bridge.session
        assert session is not None
        name = session.policy.filter_by_id[id_].name
        words = typed or f"{id_} 0x{id_:X}"
        note = f"filter {id_} 0x{id_:X}"
        return Entry(text=name, note=note, icon="filter", words=words, act=partial(self.go_to, FilterPlace(id_)))

    def _bookmarks(self) -> Iterator[Entry]:
        for one in self._bridge.step_bookmarks.all:
            act = partial(go_to_bookmark, self._bridge, one)
            yield Entry(text=one.text(), note="bookmark", icon="mark", words="bookmark", act=act)

    def _stories_found(self) -> Iterator[Entry]:
        if self._stories is None:
            misuses = {one.story.folder: f"story {one.id}, {', '.join(one.rules)}" for one in story_shelf().misuses}
            self._stories = [(story, misuses.get(story.folder, "story")) for story in stories()]
        for story, note in self._stories:
            act = partial(self._bridge.open, [story.folder])
            yield Entry(text=story.title, note=note, icon="teach", words=note, act=act)

    def _recent(self) -> Iterator[Entry]:
        for file in self._bridge.store.recent_files():
            if not file.is_missing:
                act = partial(self._bridge.open, [file.path])
                yield Entry(text=shorten(file.path), note="recent", icon="open", act=act, words=str(file.path))
