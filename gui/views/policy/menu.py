"""The context menu of a row of the policy tree: only entries that do something for this row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from engine.wfp.objects import ObjectKind
from engine.wfp.validation import sublayer_of
from gui.models.policy import edits
from gui.models.policy.moves import sublayers_of
from gui.models.policy.object_edits import ObjectRow, duplicate_object
from gui.models.policy.rows import CalloutRow, Change, FilterRow, ProviderRow, Row, SublayerRow
from gui.theme import icon
from gui.views.break_here import break_at_filter, has_break
from gui.views.thing_menu import Thing, add_thing_entries

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge
    from gui.views.policy.view import PolicyView


def fill_menu(menu: QMenu, view: PolicyView, bridge: SessionBridge, row: Row | None) -> None:
    """Add what can be done with `row`, then what can be added anywhere."""
    match row:
        case FilterRow(change=Change.REMOVED):
            _add(menu, "Restore", "undo", lambda: view.commands.run(edits.restore_filter, row))
        case FilterRow():
            _fill_filter(menu, view, bridge, row)
        case SublayerRow() | ProviderRow() | CalloutRow() if not row.is_builtin:
            _fill_object(menu, view, row)
        case SublayerRow() | ProviderRow() if row.key is not None:
            _add_copy(menu, row.name, str(row.key))
        case _:
            pass
    if not menu.isEmpty():
        menu.addSeparator()
    _add(menu, "Add filter\tIns", "new_filter", view.new_filter)
    _add(menu, "New callout from template…", "callout", view.new_from_template)
    for kind, icon_name in ((ObjectKind.CALLOUT, "callout"), (ObjectKind.SUBLAYER, "stack"),
                            (ObjectKind.PROVIDER, "policy")):
        _add(menu, f"Add {kind}…", icon_name, partial(view.new_object, kind))


def _fill_object(menu: QMenu, view: PolicyView, row: ObjectRow) -> None:
    _add(menu, "Edit\tEnter", "edit", lambda: view.edit_row(row))
    if isinstance(row, CalloutRow):
        words = "Unregister" if row.spec.registered else "Register"
        _add(menu, f"{words}\tSpace", "hide", lambda: view.commands.toggle(row))
    _add(menu, "Duplicate", "copy", lambda: view.commands.run(duplicate_object, row))
    _add(menu, "Remove\tDel", "delete", lambda: view.commands.remove(row))
    if isinstance(row, SublayerRow):
        for words, up in (("Try earlier", True), ("Try later", False)):
            _add(menu, words, "first" if up else None, partial(view.commands.shift_sublayer, row, up=up))
    _add_copy(menu, row.name, str(row.key))


def _fill_filter(menu: QMenu, view: PolicyView, bridge: SessionBridge, row: FilterRow) -> None:
    _add(menu, "Edit\tEnter", "edit", lambda: view.edit_key(row.key))
    _add(menu, f"{'Disable' if row.spec.enabled else 'Enable'}\tSpace", "hide", lambda: view.commands.toggle(row))
    _add(menu, "Duplicate", "copy", lambda: view.commands.run(edits.duplicate_filter, row))
    move = menu.addMenu(icon("layers"), "Move to sublayer")
    for key, name in sublayers_of(bridge.document):
        if key != sublayer_of(row.spec):
            _add(move, name.replace("&", "&&"), None, partial(view.commands.move_filter, row, key))
    _add(menu, "Remove\tDel", "delete", lambda: view.commands.remove(row))
    menu.addSeparator()
    if bridge.session is not None and row.id is not None:
        words = "Do not break here" if has_break(bridge, row.key) else "Break here"
        _add(menu, words, "breakpoint", lambda: break_at_filter(bridge, row.key))
    ids = [] if row.id is None else [("Id", str(row.id)), ("Hexadecimal id", f"0x{row.id:X}")]
    add_thing_entries(menu, bridge, Thing(filter=row.id, is_breakable=False, texts=(
        ("Name", row.spec.name), *ids, ("Key", str(row.key)))))


def _add_copy(menu: QMenu, *texts: str) -> None:
    copy = menu.addMenu(icon("copy"), "Copy")
    for text in dict.fromkeys(texts):
        _add(copy, text.replace("&", "&&"), None, partial(_copy, text))


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def _add(menu: QMenu, text: str, icon_name: str | None, act: Callable[[], object]) -> None:
    action = menu.addAction(text)
    if icon_name is not None:
        action.setIcon(icon(icon_name))
    action.triggered.connect(lambda _=False: act())
