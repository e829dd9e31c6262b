"""The form of one line's breakpoint, in place below the text: when it stops, or what it writes instead."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.debugger.breakpoints import Breakpoint
from engine.debugger.expressions import ExpressionError
from engine.debugger.line_points import line_rule
from gui.widgets.controls import make_button, make_field, make_label, set_field_state

HELP = "names of locals, `self.name`, `frame`, `frame.direction`, `irql`; ==, <, in, and, or, not, &"


class PointForm(QWidget):
    """Enter sets the breakpoint, Escape closes the form. What is wrong is said below."""

    wanted = Signal(object)
    """A Breakpoint whose texts are understood."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._point: Breakpoint | None = None
        self.title = make_label("", "label")
        self.condition = make_field("always", mono=True)
        self.condition.setAccessibleName("Condition")
        self.condition.setToolTip(f"Stop only where this holds: {HELP}")
        self.ignore = make_field("0", mono=True)
        self.ignore.setAccessibleName("Times to ignore")
        self.ignore.setMaximumWidth(64)
        self.log = make_field("stop; or write a text such as “clone {clone} has {status}”", mono=True)
        self.log.setAccessibleName("Text to log instead of stopping")
        self.set = make_button("Set", "primary")
        self.close_ = make_button("Close", "quiet")
        self.error = make_label("", "small", "error")
        self.error.setWordWrap(True)
        self._lay_out()
        for field in (self.condition, self.ignore, self.log):
            field.textChanged.connect(self._check)
            field.returnPressed.connect(self._set)
        self.set.clicked.connect(self._set)
        self.close_.clicked.connect(self._close)
        self.hide()

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(6)
        first.addWidget(self.title)
        first.addWidget(make_label("if", "small", "secondary"))
        first.addWidget(self.condition, 1)
        first.addWidget(make_label("after", "small", "secondary"))
        first.addWidget(self.ignore)
        first.addWidget(make_label("times", "small", "secondary"))
        second.addWidget(make_label("log", "small", "secondary"))
        second.addWidget(self.log, 1)
        second.addWidget(self.set)
        second.addWidget(self.close_)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(5)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.error)

    def open_for(self, point: Breakpoint, *, log: bool = False) -> None:
        """Edit the breakpoint of a line; `log`: what it writes, first."""
        self._point = point
        self.title.setText(f"Line {point.line}")
        self.condition.setText(point.condition)
        self.ignore.setText(str(point.ignore) if point.ignore else "")
        self.log.setText(point.log)
        self.show()
        (self.log if log else self.condition).setFocus(Qt.FocusReason.OtherFocusReason)
        self._check()

    def _edited(self) -> Breakpoint | None:
        """The breakpoint as the fields have it; None where something is not understood, which is said."""
        point = self._point
        if point is None:
            return None
        ignore = self.ignore.text().strip() or "0"
        good = ignore.isdecimal() and ignore.isascii() and len(ignore) < 10
        set_field_state(self.ignore, "plain" if good else "error")
        problem = "" if good else "The times to ignore are a number."
        for field, texts in ((self.condition, (self.condition.text(), "")), (self.log, ("", self.log.text()))):
            try:
                line_rule(*texts, 0)
                set_field_state(field, "plain")
            except ExpressionError as error:
                set_field_state(field, "error")
                problem = problem or str(error)
        self.error.setText(problem)
        self.error.setVisible(bool(problem))
        if problem:
            return None
        return Breakpoint(kind="line", script=point.script, line=point.line, condition=self.condition.text().strip(),
                          log=self.log.text().strip(), ignore=int(ignore))

    @Slot()
    def _check(self) -> None:
        self.set.setEnabled(self._edited() is not None)

    @Slot()
    def _set(self) -> None:
        edited = self._edited()
        if edited is not None:
            self.wanted.emit(edited)
            self._close()

    @Slot()
    def _close(self) -> None:
        self._point = None
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)
