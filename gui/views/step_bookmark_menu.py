"""The list of bookmarks: go to one, name it, take it away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from gui.models.steps.moves import go_to_bookmark, toggle_bookmark
from gui.theme import icon
from gui.views.thing_menu import make_menu

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

LISTED = 40
"""More of them are found by the palette."""


def bookmark_menu(parent: QWidget, bridge: SessionBridge) -> QMenu:
    """An entry for each bookmark, and what can be done with the one here."""
    menu, keeper = make_menu(parent), bridge.step_bookmarks
    here = keeper.at(*bridge.place())
    words = "Bookmark this step" if here is None else "Remove the bookmark here"
    menu.addAction(icon("mark"), words, partial(toggle_bookmark, bridge)).setEnabled(bridge.cursor > 0)
    if here is not None:
        menu.addAction(icon("edit"), "Name the bookmark here…", partial(keeper.name_wanted.emit, here))
    menu.addSeparator()
    for one in keeper.all[:LISTED]:
        menu.addAction(one.text().replace("&", "&&"), partial(go_to_bookmark, bridge, one))
    if not keeper.all:
        menu.addAction("No bookmark yet").setEnabled(False)
    menu.addSeparator()
    menu.addAction(icon("delete"), "Remove all bookmarks", keeper.clear).setEnabled(bool(keeper.all))
    return menu


def more_menu(parent: QWidget, bridge: SessionBridge, actions: Sequence[QAction]) -> QMenu:
    """Commands of the view, then its bookmarks."""
    menu = bookmark_menu(parent, bridge)
    first = menu.actions()[0]
    menu.insertActions(first, actions)
    menu.insertSeparator(first)
    return menu
