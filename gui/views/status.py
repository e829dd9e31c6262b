"""The line at the bottom: where one is, and what goes on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QProgressBar, QSizePolicy, QStatusBar, QWidget

from gui.models.memory import resident_mebibytes
from gui.session_bridge import SessionBridge
from gui.theme import icon, theme, theme_manager
from gui.views.refresher import Refresher
from gui.widgets.controls import make_button, make_label
from gui.widgets.text import thousands

SHOW_WORK_AFTER_MS = 300
NOTE_STAYS_MS = 8000
MEMORY_EVERY_MS = 2000


class StatusLine(QStatusBar):
    """Source, frame, event, seed at the left; findings, memory, indexing and long work at the right."""

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setSizeGripEnabled(False)
        self.setFixedHeight(theme().size.status)
        self._source, self._frame, self._event, self._seed, self._options = (_label() for _ in range(5))
        self._edited = make_label("policy: edited", "small", "warn")
        self._findings, self._memory, self._index = (_label() for _ in range(3))
        self._note = make_label("", "small", "secondary")
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for left in (self._source, self._frame, self._event, self._seed, self._options, self._edited):
            self.addWidget(left)
        self.addWidget(self._note, 1)
        self._patience = QTimer(self, singleShot=True, interval=NOTE_STAYS_MS)
        self._patience.timeout.connect(self._note.clear)
        self.work = WorkLine(bridge)
        for right in (self.work, self._findings, self._memory, self._index):
            self.addPermanentWidget(right)
        self._refresher = Refresher(self, self.refresh)
        for fact in (
            bridge.session_changed, bridge.cursor_moved, bridge.trace_grown, bridge.rows_grown,
            bridge.document_changed, bridge.settled, bridge.live_changed,
        ):  # fmt: skip
            fact.connect(self._refresher.ask)
        theme_manager().changed.connect(self._refresher.ask)
        self._clock = QTimer(self, interval=MEMORY_EVERY_MS)
        self._clock.timeout.connect(self._show_memory)
        self._clock.start()
        self._show_memory()
        self.refresh()

    def show_note(self, text: str) -> None:
        """Say something that needs no answer; it goes by itself."""
        self._note.setText(text)
        self._note.setToolTip(text)
        self._patience.start()

    def note(self) -> str:
        return self._note.text()

    @Slot()
    def refresh(self) -> None:
        """Say where the cursor is."""
        bridge, session = self._bridge, self._bridge.session
        bright = theme().text.primary.name()
        for label in (self._frame, self._event, self._seed, self._findings, self._index):
            label.setVisible(session is not None)
        self._edited.setVisible(bridge.has_unapplied_edits)
        changed = session.options.changed() if session is not None else {}
        self._options.setVisible(bool(changed))
        if session is None:
            self._source.setText("nothing open")
            return
        name = Path(session.source_name).name or "no capture"
        self._source.setText(f"capturing {name}" if bridge.is_live else name)
        rows, cursor = len(session.rows), bridge.cursor
        number, event, of = 0, 0, 0
        if cursor:
            number = session.trace[cursor - 1].frame
            event, of = session.trace.place_in_frame(cursor - 1)
        shown = f"<b style='color:{bright}'>{number}</b>" if number else "–"
        self._frame.setText(f"frame {shown} of {thousands(rows)}")
        self._event.setText(f"event <b style='color:{bright}'>{event}</b> of {of}" if cursor else "at the start")
        self._seed.setText(f"seed {session.seed}")
        self._options.setText(f"{len(changed)} engine option{'' if len(changed) == 1 else 's'} changed")
        self._options.setToolTip("\n".join(f"{name} = {value}" for name, value in changed.items()))
        findings = len(bridge.world.findings)
        self._findings.setText(f"{thousands(findings)} finding{'' if findings == 1 else 's'}")
        seconds = bridge.index_seconds
        told = "reading frames…" if seconds is None else f"{thousands(rows)} frames indexed in {seconds:.2f} s"
        self._index.setText("" if bridge.is_live else told)

    @Slot()
    def _show_memory(self) -> None:
        mebibytes = resident_mebibytes()
        self._memory.setVisible(mebibytes is not None)
        self._memory.setText(f"memory {mebibytes} MiB")
        session = self._bridge.session
        if session is not None:
            store = session.trace.store
            self._memory.setToolTip(f"steps: about {store.memory_bytes >> 20} MiB in memory, "
                                    f"{store.spilled_bytes >> 20} MiB in a temporary file")


class WorkLine(QWidget):
    """A bar and Cancel for work that lasts longer than a moment."""

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._shown = ""
        self._task = _label()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(120, 6)
        self._bar.setAccessibleName("Progress")
        cancel = make_button("Cancel", "link")
        cancel.setToolTip("Stop all that is under way")
        cancel.setFixedHeight(20)
        cancel.clicked.connect(bridge.cancel)
        self.list = make_button("", "link")
        self.list.setFixedHeight(20)
        self.list.setAccessibleName("Jobs under way")
        self.list.setToolTip("All jobs under way, each with its Cancel")
        self.list.clicked.connect(self._open_list)
        self.list.hide()
        bridge.jobs.changed.connect(self._count_others)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(6)
        for part in (self._task, self._bar, self.list, cancel):
            row.addWidget(part)
        self._delay = QTimer(self, singleShot=True, interval=SHOW_WORK_AFTER_MS)
        self._delay.timeout.connect(self.show)
        bridge.progress.connect(self.show_progress)
        bridge.session_changed.connect(self._end)
        self.hide()

    @Slot(str, int, int)
    def show_progress(self, task: str, done: int, total: int) -> None:
        if done == total > 0:
            # The end of one task is not the end of another that goes on beside it.
            if task == self._shown:
                self._end()
                for job in self._bridge.jobs.all[-1:]:
                    self.show_progress(job.task, job.done, job.total)
            return
        self._shown = task
        self._task.setText(f"{task}  {thousands(done)}" if done else task)
        # Setting a value paints at once, which a bar without an end does not need.
        if total:
            self._bar.setRange(0, 1000)
            self._bar.setValue(done * 1000 // total)
        elif self._bar.maximum():
            self._bar.setRange(0, 0)
        if not self.isVisible() and not self._delay.isActive():
            self._delay.start()

    @Slot()
    def _count_others(self) -> None:
        others = len(self._bridge.jobs.all) - 1
        self.list.setVisible(others > 0)
        self.list.setText(f"and {others} more")

    @Slot()
    def _open_list(self) -> None:
        self.job_menu().popup(self.list.mapToGlobal(QPoint(0, 0)))

    def job_menu(self) -> QMenu:
        """An entry for each job, which cancels it."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for job in self._bridge.jobs.all:
            menu.addAction(icon("x"), f"Cancel: {job.text()}".replace("&", "&&"),
                           partial(self._bridge.jobs.cancel, job.task))
        return menu

    @Slot()
    def _end(self) -> None:
        self._delay.stop()
        self.hide()


def _label() -> QLabel:
    label = make_label("", "small", "secondary")
    label.setTextFormat(label.textFormat().RichText)
    return label
