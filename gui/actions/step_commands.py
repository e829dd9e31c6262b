"""Commands on steps: find, bookmarks, jumps along a kind, an NBL, a filter. Keys: ui.md 5 where it names one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from gui.actions.command import Command
from gui.actions.shell import Ask, Do, Shell, can_step_back
from gui.models.steps.moves import (
    current_record,
    find_step,
    go_to_last_write,
    next_bookmark,
    of_this_filter,
    of_this_kind,
    of_this_nbl,
    toggle_bookmark,
)

if TYPE_CHECKING:
    from gui.models.steps.wish import StepWish
    from gui.session_bridge import SessionBridge

Wished = Callable[["SessionBridge"], "StepWish | None"]


def _has_step(shell: Shell) -> bool:
    return current_record(shell.bridge) is not None


def _can(wished: Wished) -> Ask:
    return lambda shell: not shell.bridge.running and wished(shell.bridge) is not None


def _find(wished: Wished, *, backwards: bool = False) -> Do:
    def go(shell: Shell) -> None:
        wish = wished(shell.bridge)
        if wish is not None:
            find_step(shell.bridge, wish, backwards=backwards)

    return go


def _has_bookmarks(shell: Shell) -> bool:
    return bool(shell.bridge.step_bookmarks.all)


def _light(shell: Shell) -> None:
    wish = of_this_kind(shell.bridge)
    if wish is not None:
        shell.show_view("steps")
        shell.bridge.steps_wanted.emit(wish)


def _find_in_steps(shell: Shell) -> None:
    shell.show_view("steps")
    shell.bridge.steps_wanted.emit(None)


def _name(shell: Shell) -> None:
    """Name the bookmark here; make one first where there is none."""
    bridge = shell.bridge
    if bridge.step_bookmarks.at(*bridge.place()) is None:
        toggle_bookmark(bridge)
    here = bridge.step_bookmarks.at(*bridge.place())
    if here is not None:
        shell.show_view("steps")
        bridge.step_bookmarks.name_wanted.emit(here)


_go = partial(Command, menu="Go")

STEP_COMMANDS: tuple[Command, ...] = (
    _go(id="steps.find", text="Find in the steps", keys=("Ctrl+Shift+F",), icon="find", when=_has_step,
        run=_find_in_steps, opens_group=True),
    _go(id="steps.light_kind", text="Highlight steps of this kind", icon="highlight", when=_has_step, run=_light),
    _go(id="steps.next_kind", text="Next step of this kind", keys=("Alt+Down",), when=_can(of_this_kind),
        run=_find(of_this_kind)),
    _go(id="steps.previous_kind", text="Previous step of this kind", keys=("Alt+Up",), when=_can(of_this_kind),
        run=_find(of_this_kind, backwards=True)),
    _go(id="steps.next_nbl", text="Next step of this NBL", keys=("Ctrl+.",), when=_can(of_this_nbl),
        run=_find(of_this_nbl)),
    _go(id="steps.previous_nbl", text="Previous step of this NBL", keys=("Ctrl+,",), when=_can(of_this_nbl),
        run=_find(of_this_nbl, backwards=True)),
    _go(id="steps.next_filter", text="Next step of this filter", keys=("Alt+.",), when=_can(of_this_filter),
        run=_find(of_this_filter)),
    _go(id="steps.previous_filter", text="Previous step of this filter", keys=("Alt+,",),
        when=_can(of_this_filter), run=_find(of_this_filter, backwards=True)),
    _go(id="go.last_write", text="Last write of the selected bytes, or of this NBL", keys=("Alt+W",), icon="history",
        when=lambda shell: can_step_back(shell) and shell.bridge.focus.frame is not None,
        run=lambda shell: go_to_last_write(shell.bridge)),
    _go(id="steps.bookmark", text="Bookmark this step", keys=("Ctrl+F2",), icon="mark", when=_has_step,
        run=lambda shell: toggle_bookmark(shell.bridge), opens_group=True,
        checked=lambda shell: shell.bridge.step_bookmarks.at(*shell.bridge.place()) is not None),
    _go(id="steps.name_bookmark", text="Name the bookmark here…", keys=("Ctrl+Shift+F2",), icon="edit",
        when=_has_step, run=_name),
    _go(id="steps.next_bookmark", text="Next bookmark", keys=("F2",), when=_has_bookmarks,
        run=lambda shell: next_bookmark(shell.bridge)),
    _go(id="steps.previous_bookmark", text="Previous bookmark", keys=("Shift+F2",), when=_has_bookmarks,
        run=lambda shell: next_bookmark(shell.bridge, backwards=True)),
    _go(id="steps.clear_bookmarks", text="Remove all bookmarks", when=_has_bookmarks,
        run=lambda shell: shell.bridge.step_bookmarks.clear()),
)
"""They stand behind the others of their menu."""
