"""What takes long at this moment, by name, and how each of it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

if TYPE_CHECKING:
    from gui.session_bridge.facts import BridgeFacts

Stop = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One of them."""

    task: str
    done: int
    total: int
    """0 is unknown."""

    def text(self) -> str:
        return f"{self.task}, {min(100, self.done * 100 // self.total)} %" if self.total else self.task


class Jobs(QObject):
    """Follows the progress that the bridge tells. The job that told last stands last."""

    changed = Signal()

    def __init__(self, bridge: BridgeFacts, stops: Mapping[str, Stop], others: Stop) -> None:
        """`stops` ends a task by its name, `others` the one that has its turn."""
        super().__init__(bridge)
        self._stops, self._others = dict(stops), others
        self._jobs: dict[str, Job] = {}
        bridge.progress.connect(self._on_progress)
        bridge.session_changed.connect(self._forget)

    @property
    def all(self) -> tuple[Job, ...]:
        return tuple(self._jobs.values())

    def cancel(self, task: str) -> None:
        """End one task; the others go on."""
        self._stops.get(task, self._others)()

    def cancel_all(self) -> None:
        for stop in (*self._stops.values(), self._others):
            stop()

    @Slot(str, int, int)
    def _on_progress(self, task: str, done: int, total: int) -> None:
        known = self._jobs.pop(task, None)
        if not done == total > 0:
            self._jobs[task] = Job(task, done, total)
        elif known is None:
            return
        self.changed.emit()

    @Slot()
    def _forget(self) -> None:
        """What another session was doing is over."""
        if self._jobs:
            self._jobs.clear()
            self.changed.emit()
