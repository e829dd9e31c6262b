"""The display filter of the frames table, worked out in the engine's thread while the table stays usable."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.debugger.frames.facts import KeptColumns, matching_blocks
from engine.debugger.session import DebugSession
from engine.display.facts import Index, Mask
from engine.display.notes import FrameNotes
from engine.display.parse import parse_filter
from engine.display.tree import DisplayFilter
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.bulk.frame_classes import FrameClasses
    from engine.debugger.frames.class_columns import ClassColumns
    from gui.session_bridge.bridge import SessionBridge

TASK = "Filtering"
SLICE_S = 0.03
"""The engine's thread is asked for so much at a time: a step waits no longer, nor does Cancel."""
AGAIN_MS = 150
"""What has changed meanwhile is gathered so long before it is asked again."""


class FrameFilter(QObject):
    """One display filter over the frames of the bridge's session."""

    changed = Signal()
    """Another filter, or other frames pass it."""
    wanted = Signal(str, bool)
    """A view proposes a text; True: and applies it."""
    column_wanted = Signal(str)
    """A view proposes a field as a column of the table."""
    progress = Signal(int, int)
    """Frames asked, and all; equal when it is done."""

    def __init__(self, bridge: SessionBridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self.filter: DisplayFilter | None = None
        """What is applied; None: every frame is shown."""
        self.places: Index | None = None
        """Rows of the frames that pass, ascending; None: all."""
        self.is_complete = True
        """All frames that are known have been asked."""
        self.seconds = 0.0
        """How long the last full answer took."""
        self._shown: DisplayFilter | None = None
        """What the places answer."""
        self._asked = 0
        self._rows: object = None
        """Those that the places are of."""
        self._kept, self._classes = KeptColumns(), _Classes()
        self._wish = 0
        self._is_working = False
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._ask_again)
        bridge.session_changed.connect(self._on_session)
        bridge.rows_grown.connect(self._on_rows_grown)
        bridge.rows_changed.connect(self._on_rows_changed)
        bridge.frame_notes.changed.connect(self._on_notes)

    @property
    def text(self) -> str:
        """Of the applied filter; empty when there is none."""
        return "" if self.filter is None else self.filter.text

    @property
    def count(self) -> int:
        """Frames that are shown, as far as is known."""
        session = self._bridge.session
        return len(session.rows) if self.places is None and session is not None else (
            0 if self.places is None else len(self.places))

    def apply(self, text: str) -> None:
        """Show the frames that pass; an empty text shows all. Raises DisplayFilterError: nothing has changed then."""
        self.filter = parse_filter(text) if text.strip() else None
        self._ask_all()

    def clear(self) -> None:
        """Show all frames."""
        self.filter = None
        self._ask_all()

    def cancel(self) -> None:
        """Stop asking; the rows, and the filter, are those of before."""
        if self._is_working:
            self._stop()
            self.filter = self._shown
            self._bridge.message.emit("info", "Filtering was cancelled: the frames that were shown before stay.")
            self.changed.emit()

    # --- facts in ------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session(self) -> None:
        self._kept, self._classes = KeptColumns(), _Classes()
        session = self._bridge.session
        rows = None if session is None else session.rows
        if rows is not self._rows:  # else the same frames run again
            self._rows, self._asked, self.is_complete = rows, 0, False
            self.places = None if self.filter is None else np.empty(0, np.uint32)
            self.changed.emit()
        self._ask_all()

    @Slot(int)
    def _on_rows_grown(self, rows: int) -> None:
        if self.filter is not None and rows > self._asked and not self._is_working:
            self._start(keep=True)

    @Slot(int, int)
    def _on_rows_changed(self) -> None:
        self._ask_again_for("changes")

    @Slot(object)
    def _on_notes(self) -> None:
        self._ask_again_for("noted")

    def _ask_again_for(self, how: str) -> None:
        """Fields of this kind have other values. A timer that runs already is left alone, or it would never end."""
        wanted = self.filter is not None and any(getattr(field, how) for field in self.filter.fields)
        if wanted and not self._again.isActive():
            self._again.start()

    # --- the work ------------------------------------------------------------------------------------------------

    @Slot()
    def _ask_again(self) -> None:
        if self._is_working:
            self._again.start()  # or an answer that takes longer than the changes come would never be there
        else:
            self._ask_all()

    def _ask_all(self) -> None:
        self._again.stop()
        self._stop()
        if self.filter is None or self._bridge.session is None:
            self.places, self.is_complete, self._asked, self._shown = None, True, 0, self.filter
            self.changed.emit()
        else:
            self._start(keep=False)

    def _stop(self) -> None:
        """Whatever is being asked is not wanted any more."""
        self._wish += 1
        self._again.stop()
        if self._is_working:
            self._is_working = False
            self._end()

    def _end(self) -> None:
        self.progress.emit(1, 1)
        self._bridge.progress.emit(TASK, 1, 1)

    def _start(self, *, keep: bool) -> None:
        session, wanted = self._bridge.session, self.filter
        assert session is not None
        assert wanted is not None
        self._wish += 1
        asking = _Asking(session, wanted, self._bridge.frame_notes.notes, self._kept, self._classes,
                         self._asked if keep else 0)
        self._is_working, self.is_complete = True, False
        self._bridge.worker.start(self._work(asking, self._wish, keep=keep))

    async def _work(self, asking: _Asking, wish: int, *, keep: bool) -> None:
        call, began = self._bridge.worker.call, time.perf_counter()
        try:
            while not asking.is_done and wish == self._wish:
                await call(asking.go_on, SLICE_S)
                if wish == self._wish and not asking.is_done:
                    self.progress.emit(asking.done, asking.all)
                    self._bridge.progress.emit(TASK, asking.done, asking.all)
            if wish == self._wish and asking.is_done:
                self._take(asking, keep=keep)
                self.seconds = time.perf_counter() - began
        except EngineError as failure:
            self._bridge.fail(failure)
        finally:
            if wish == self._wish:
                self._is_working = False
                self._end()
        session = self._bridge.session
        if wish == self._wish and session is asking.session and len(session.rows) > self._asked:
            self._start(keep=True)

    def _take(self, asking: _Asking, *, keep: bool) -> None:
        found = asking.places()
        if keep and self.places is not None:
            if not len(found):
                self._asked, self.is_complete = asking.end, True
                return
            found = np.concatenate([self.places, found])
        self.places, self._asked, self.is_complete, self._shown = found, asking.end, True, asking.wanted
        self.changed.emit()


class _Asking:
    """One pass over frames, in slices. It belongs to the engine's thread while a slice is under way."""

    def __init__(self, session: DebugSession, wanted: DisplayFilter, notes: FrameNotes, kept: KeptColumns,
                 classes: _Classes, begin: int) -> None:
        """Rows before `begin` have been asked already."""
        self.session, self.wanted, self.begin, self.end = session, wanted, begin, len(session.rows)
        self._first = session.rows[0].number if self.end else 1
        self._notes, self._kept, self._classes = notes, kept, classes
        self._blocks: Iterator[tuple[int, Mask | None]] | None = None
        self._found: list[Index] = []
        self.done, self.is_done = 0, False

    @property
    def all(self) -> int:
        return max(1, self.end - self.begin)

    def go_on(self, seconds: float) -> None:
        """Ask for so long, or until all has been asked."""
        until = time.monotonic() + seconds
        if self._blocks is None:
            self._blocks = matching_blocks(
                self.wanted, self.session, self._notes, first=self._first + self.begin,
                last=self._first + self.end - 1, classes=self._classes.of(self.session), kept=self._kept)
        for number, mask in self._blocks:
            place = number - self._first
            if mask is not None:
                self._found.append((np.flatnonzero(mask) + place).astype(np.uint32))
                place += len(mask)
            self.done = place - self.begin
            if time.monotonic() >= until:
                return
        self.is_done = True

    def places(self) -> Index:
        """Rows that pass, ascending."""
        return np.concatenate(self._found) if self._found else np.empty(0, np.uint32)


class _Classes:
    """What a large capture's frames are known by; made once, by the engine's thread."""

    def __init__(self) -> None:
        self._frames: FrameClasses | None = None
        self._columns: ClassColumns | None = None

    def of(self, session: DebugSession) -> ClassColumns | None:
        """None for frames that have not been folded into classes."""
        frames = None if session.reading is None else session.reading.frames
        if frames is not None and frames is not self._frames:
            from engine.debugger.frames.class_columns import ClassColumns  # compiled kernels take a moment to load

            self._frames, self._columns = frames, ClassColumns(frames, session.interfaces)
        return self._columns if frames is not None else None
