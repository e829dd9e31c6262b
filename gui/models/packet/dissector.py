"""Dissects beside the window: one worker thread, the latest wish first, recent answers kept."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gui.models.packet.dissect import dissect
from gui.models.packet.dissection import Dissection
from gui.session_bridge.garbage import collect_in_gui_thread

LOOK_MS = 10
KEPT = 64


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be taken apart; see `dissect`."""

    data: bytes
    link_type: int
    ether_type: int | None = None


class Dissector(QObject):
    """Ask, and `done` follows: at once for what was asked lately, else when the worker has it."""

    done = Signal(object, object)
    """The Wish and its Dissection."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        collect_in_gui_thread()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dissect")
        self._known: OrderedDict[Wish, Dissection] = OrderedDict()
        self._job: tuple[Wish, Future[Dissection]] | None = None
        self._next: Wish | None = None
        # Looking is safer than a signal from the thread: whatever ends first, nobody is called after their end.
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_busy(self) -> bool:
        return self._job is not None

    def ask(self, wish: Wish) -> None:
        """Forget what else waits, and see to `wish`."""
        if (known := self._known.get(wish)) is not None:
            self._next = None
            self._known.move_to_end(wish)
            self.done.emit(wish, known)
        elif self._job is None:
            self._start(wish)
        else:
            self._next = wish

    def _start(self, wish: Wish) -> None:
        self._job = (wish, self._pool.submit(dissect, wish.data, wish.link_type, wish.ether_type))
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        if self._job is None or not self._job[1].done():
            return
        wish, future = self._job
        self._job = None
        self._timer.stop()
        following, self._next = self._next, None
        if following is not None:
            self._start(following)
        self._known[wish] = future.result()
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        self.done.emit(wish, self._known[wish])
