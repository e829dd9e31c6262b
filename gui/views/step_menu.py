"""The right click on a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QMenu, QTreeView, QWidget

from engine.wfp.types import FilterId
from gui.models.steps.model import StepsModel
from gui.models.steps.wish import filters_of, nbls_of
from gui.theme import icon
from gui.views.thing_menu import Thing, add_thing_entries, make_menu

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


def step_menu(parent: QWidget, bridge: SessionBridge, model: StepsModel, index: QModelIndex, tree: QTreeView) -> QMenu:
    """What can be done with the step of a row, and with the tree."""
    menu = make_menu(parent)
    add_thing_entries(menu, bridge, thing_at(model, index))
    menu.addSeparator()
    menu.addAction(icon("steps"), "Open all", tree.expandAll)
    menu.addAction("Close all", tree.collapseAll)
    return menu


def thing_at(model: StepsModel, index: QModelIndex) -> Thing:
    """What a row stands for: its step, the NBL and the filter that it names, its rule."""
    record, line = model.record(index), model.line(index)
    event = record.event
    nbls, filters = sorted(nbls_of(event)), sorted(filters_of(event))
    return Thing(
        seq=record.seq, kind=type(event), frame=record.frame or None, nbl=nbls[0] if nbls else None,
        filter=FilterId(filters[0]) if filters else None, rule=str(getattr(event, "rule", "") or ""),
        texts=(("Step", str(line)), ("Kind", type(event).__name__), ("Number", f"#{record.seq}")))
