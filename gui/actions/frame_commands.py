"""Commands on frames: filter, marks, comments, time references. Keys: ui.md 5, as Wireshark has them."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from engine.errors import EngineError
from gui.actions.command import Command
from gui.actions.shell import Do, Shell
from gui.models.display.at_span import fields_at


def _chosen(shell: Shell) -> Collection[int]:
    """The frames that are selected in the table, else the one that is looked at."""
    number = shell.bridge.focus.frame
    chosen = shell.bridge.frame_notes.chosen
    return chosen if number is None or number in chosen else (number,)


def _has_frame(shell: Shell) -> bool:
    return bool(_chosen(shell))


def _has_marks(shell: Shell) -> bool:
    return bool(shell.bridge.frame_notes.notes.marked)


def _first(shell: Shell) -> int:
    number = shell.bridge.focus.frame
    return min(_chosen(shell)) if number is None else number


def _to_marked(*, backwards: bool) -> Do:
    def go(shell: Shell) -> None:
        number = shell.bridge.frame_notes.next_marked(shell.bridge.focus.frame or 0, backwards=backwards)
        if number is not None:
            shell.bridge.select_frame(number)

    return go


def _type_filter(shell: Shell) -> None:
    shell.show_view("frames")
    shell.bridge.frame_filter.wanted.emit(shell.bridge.frame_filter.text, False)


def _add_columns(shell: Shell) -> None:
    """The fields at the selected bytes become columns of the frames table."""
    session, focus = shell.bridge.session, shell.bridge.focus
    if session is None or focus.frame is None or focus.bytes is None:
        return
    try:
        found = fields_at(session.frame(focus.frame), focus.bytes)
    except (IndexError, EngineError):
        found = []
    if not found:
        shell.bridge.message.emit("info", "No field of a display filter stands at these bytes.")
    for field, _ in found:
        shell.bridge.frame_filter.column_wanted.emit(field.name)


_edit = partial(Command, menu="Edit")
_go = partial(Command, menu="Go")

FRAME_COMMANDS: tuple[Command, ...] = (
    _edit(id="frames.filter", text="Display filter", keys=("Ctrl+/",), icon="filter", run=_type_filter,
          opens_group=True),
    _edit(id="frames.clear_filter", text="Clear the display filter", icon="clear_filter",
          when=lambda shell: bool(shell.bridge.frame_filter.text),
          run=lambda shell: shell.bridge.frame_filter.wanted.emit("", True)),
    _edit(id="frames.mark", text="Mark frames", keys=("Ctrl+M",), icon="mark", when=_has_frame,
          run=lambda shell: shell.bridge.frame_notes.toggle_marked(_chosen(shell)), opens_group=True),
    _edit(id="frames.unmark_all", text="Unmark all frames", when=_has_marks,
          run=lambda shell: shell.bridge.frame_notes.unmark_all()),
    _edit(id="frames.ignore", text="Set frames aside", keys=("Ctrl+D",), icon="hide", when=_has_frame,
          run=lambda shell: shell.bridge.frame_notes.toggle_ignored(_chosen(shell))),
    _edit(id="frames.comment", text="Comment on a frame…", keys=("Ctrl+Alt+C",), icon="comment", when=_has_frame,
          run=lambda shell: shell.bridge.frame_notes.comment_wanted.emit(_first(shell))),
    _edit(id="frames.reference", text="Time reference", keys=("Ctrl+T",), icon="time_reference", when=_has_frame,
          run=lambda shell: shell.bridge.frame_notes.toggle_reference(_first(shell))),
    _edit(id="frames.as_column", text="Apply the selected bytes as column", keys=("Ctrl+Shift+I",), icon="columns",
          when=lambda shell: shell.bridge.focus.bytes is not None, run=_add_columns),
    _go(id="frames.next_mark", text="Next marked frame", keys=("Ctrl+Shift+N",), when=_has_marks,
        run=_to_marked(backwards=False), opens_group=True),
    _go(id="frames.previous_mark", text="Previous marked frame", keys=("Ctrl+Shift+B",), when=_has_marks,
        run=_to_marked(backwards=True)),
)
"""They stand behind the others of their menus."""
