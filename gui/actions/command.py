"""One command of the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gui.actions.shell import Ask, Do, Shell, always


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something that the user can have the window do."""

    id: str
    menu: str
    text: str
    run: Do
    keys: tuple[str, ...] = ()
    """Shortcuts, the first of which is shown."""
    icon: str = ""
    when: Ask = always
    """Whether it can be given now."""
    checked: Ask | None = None
    """For commands that say what is so: whether it is."""
    opens_group: bool = False
    """A separator stands before it in its menu."""
    words: Callable[[Shell], str] | None = None
    """A text that changes, such as that of undo."""
