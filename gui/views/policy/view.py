"""The policy: its tree, the commands on it, and the form of one filter beside or over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QMenu, QSplitter, QVBoxLayout, QWidget

from engine.wfp.apply import check_document
from engine.wfp.diagnostics import Diagnostic
from engine.wfp.document import find_filter
from engine.wfp.fwp_errors import WfpError
from engine.wfp.objects import FilterSpec
from engine.wfp.types import FilterId, Guid
from gui.models.policy import edits
from gui.models.policy.hints import hints_of
from gui.models.policy.rows import FilterRow, ProviderRow, Row, SublayerRow, count_changes, policy_rows
from gui.models.policy.tree import PolicyTreeModel
from gui.theme import keep_icon
from gui.views.dock_room import DockRoom
from gui.views.policy.bar import ChangeBar
from gui.views.policy.commands import PolicyCommands
from gui.views.policy.filter_form import FilterForm
from gui.views.policy.menu import fill_menu
from gui.views.policy.template_chooser import TemplateChooser
from gui.views.policy.tree import PolicyTree
from gui.views.refresher import Refresher
from gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

WIDE = 760
"""From this width on, tree and form stand side by side; below, the form covers the tree."""
FORM_HEIGHT = 520
CHECK_AFTER_MS = 150


class PolicyView(QWidget):
    """Shows the edited policy; each command is one named step of undo."""

    title = "Policy"
    icon = "policy"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._errors: list[WfpError] = []
        self._hints: dict[Guid, list[Diagnostic]] = {}
        self._current: FilterId | None = None
        self.model = PolicyTreeModel(self)
        self.tree = PolicyTree(self.model)
        self.form = FilterForm(bridge)
        self.chooser = TemplateChooser(bridge)
        self.bar = ChangeBar()
        self.warning = MessageBar()
        self.commands = PolicyCommands(bridge, self)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._room = DockRoom(self)
        self._lay_out()
        self.title_actions = self._make_actions()
        self._refresher = Refresher(self, self._refresh_counts)
        self._check = QTimer(self, singleShot=True, interval=CHECK_AFTER_MS)
        self._check.timeout.connect(self._check_document)
        self._connect()
        self._on_session()

    def subtitle(self) -> str:
        document = self._bridge.document
        name = "" if document.path is None else f"{document.path.name} · "
        count, hints = len(document.filters), sum(map(len, self._hints.values()))
        told = f" · {hints} hint{'s' * (hints != 1)}" if hints else ""
        return f"{name}{count} filter{'s' * (count != 1)}{told}" if count or name else ""

    # --- wishes from elsewhere -------------------------------------------------------------------------------------

    def edit_filter(self, id_: FilterId) -> None:
        """Open the form of a filter of the applied policy."""
        session = self._bridge.session
        known = None if session is None else session.policy.filter_by_id.get(id_)
        if known is not None:
            self.edit_key(known.key)

    def edit_key(self, key: Guid) -> None:
        try:
            spec = find_filter(self._bridge.document, key)
        except WfpError:
            return  # removed in the edited policy
        self.commands.warn(self.model.row_at(self.model.index_of(key)))
        self.form.edit(spec)
        self.tree.select(key)
        self._show_form()

    def new_filter(self) -> None:
        """Open an empty form, in the place where the user is."""
        row = self.tree.current_row()
        match row:
            case FilterRow():
                self.form.start(row.spec.layer, row.spec.sublayer, row.spec.provider)
            case SublayerRow():
                self.form.start(sublayer=row.key)
            case ProviderRow():
                self.form.start(provider=row.key)
            case None:
                self.form.start()
        self._show_form()

    def new_from_template(self) -> None:
        """Open the templates, in the place where the user is."""
        self.chooser.start(self.tree.current_row())
        self._show_form(self.chooser)

    # --- set up ----------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part, stretch in ((self.warning, 0), (self.tree, 1), (self.bar, 0)):
            column.addWidget(part, stretch)
        self._left = left
        self._splitter.addWidget(left)
        for page in (self.form, self.chooser):
            self._splitter.addWidget(page)
            self._splitter.setStretchFactor(self._splitter.indexOf(page), 1)
            page.hide()
        self._splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)
        self.setFocusProxy(self.tree.tree)

    def _make_actions(self) -> list[QAction]:
        add = QAction("Add filter", self)
        add.setShortcut(QKeySequence(Qt.Key.Key_Insert))
        add.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        add.setToolTip("Add filter (Ins)")
        keep_icon(add, "add", size=14)
        add.triggered.connect(self.new_filter)
        find = QAction("Find in the policy", self)
        find.setShortcut(QKeySequence(QKeySequence.StandardKey.Find))
        find.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keep_icon(find, "find", size=14)
        find.triggered.connect(self.tree.open_search)
        more = QAction("More commands", self)
        keep_icon(more, "ellipsis", size=14)
        more.triggered.connect(self._open_own_menu)
        self.addActions([add, find, more])
        return [add, find, more]

    def _connect(self) -> None:
        bridge, tree = self._bridge, self.tree
        bridge.document_changed.connect(self._on_document)
        bridge.session_changed.connect(self._on_session)
        bridge.cursor_moved.connect(self._refresher.ask)
        bridge.breakpoints_changed.connect(self._on_breakpoints)
        bridge.focus_changed.connect(self._on_focus)
        tree.searched.connect(self._show_rows)
        tree.chosen.connect(self._on_chosen)
        tree.activated.connect(lambda row: self.edit_key(row.key))
        tree.toggled.connect(self.commands.toggle)
        tree.removed.connect(self.commands.remove)
        tree.menu_wanted.connect(self._open_menu)
        self.model.renamed.connect(self.commands.rename)
        self.model.weighed.connect(self.commands.weigh)
        self.commands.told.connect(self.warning.say)
        self.commands.done.connect(tree.select)
        self.bar.applied.connect(bridge.apply)
        self.bar.discarded.connect(bridge.discard)
        self.form.accepted.connect(self._on_accepted)
        self.form.closed.connect(self._hide_form)
        self.chooser.closed.connect(self._hide_form)
        self.chooser.added.connect(self._on_added)

    # --- facts in --------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session(self) -> None:
        session = self._bridge.session
        self._hints = {} if session is None else hints_of(session.policy)
        self.model.show_hints(self._hints)
        self._on_document()

    @Slot()
    def _on_document(self) -> None:
        self._show_rows()
        self._refresher.ask()
        self._show_bar()
        self._check.start()
        self.subtitle_changed.emit(self.subtitle())

    @Slot()
    def _show_rows(self) -> None:
        bridge = self._bridge
        policy = None if bridge.session is None else bridge.session.policy
        search = self.tree.search.text()
        self.model.show(policy_rows(bridge.document, bridge.applied, policy, search))
        self.tree.search.set_note(f"{self.model.filter_count()}" if search.strip() else "")
        self.tree.show_page()

    def _refresh_counts(self) -> None:
        world = self._bridge.world
        classification = None if world.layer is None else world.classifications.get(world.layer)
        current = None if classification is None else classification.current
        self.model.show_counts(world.filters, current)
        if current is not None and current != self._current:
            self.tree.keep_in_sight(current)
        self._current = current

    @Slot()
    def _check_document(self) -> None:
        bridge = self._bridge
        self._errors = check_document(bridge.document) if bridge.has_unapplied_edits else []
        self._show_bar()

    def _show_bar(self) -> None:
        bridge = self._bridge
        count = count_changes(bridge.document, bridge.applied)
        errors = self._errors if count else []
        # Until the check has run, Apply stays as it was: the engine checks again in any case.
        self.bar.show_changes(count, errors)

    @Slot()
    def _on_breakpoints(self) -> None:
        session = self._bridge.session
        marked = [] if session is None else [one.filter for one in session.breakpoints if one.filter is not None]
        self.model.show_breakpoints(frozenset(marked))

    @Slot(object)
    def _on_focus(self, focus: object) -> None:
        id_ = getattr(focus, "filter", None)
        if id_ is not None:
            self.tree.select_id(id_)

    @Slot(object)
    def _on_chosen(self, row: Row) -> None:
        if isinstance(row, FilterRow) and row.id is not None:
            self._bridge.set_focus(filter=row.id)

    # --- form ------------------------------------------------------------------------------------------------------

    @Slot(object, object)
    def _on_accepted(self, key: Guid | None, spec: FilterSpec) -> None:
        edit = edits.put_filter(self._bridge.document, key, spec)
        if edit.document != self._bridge.document:
            self._bridge.edit(edit.document, edit.text)
        self._hide_form()
        if edit.key is not None:
            self.tree.select(edit.key)

    @Slot(str)
    def _on_added(self, key: Guid) -> None:
        self._hide_form()
        self.tree.select(key)

    def _show_form(self, page: QWidget | None = None) -> None:
        page = page or self.form
        for one in (self.form, self.chooser):
            one.setVisible(one is page)
        self._arrange()
        self._room.take(FORM_HEIGHT)
        page.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _hide_form(self) -> None:
        focus = self.focusWidget()
        had_focus = focus is not None and (self.form.isAncestorOf(focus) or self.chooser.isAncestorOf(focus))
        self.form.hide()
        self.chooser.hide()
        self._arrange()
        self._room.give_back()
        if had_focus:
            self.tree.tree.setFocus(Qt.FocusReason.OtherFocusReason)

    def _arrange(self) -> None:
        is_open = not (self.form.isHidden() and self.chooser.isHidden())
        self._left.setVisible(not is_open or self.width() >= WIDE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # --- menus -----------------------------------------------------------------------------------------------------

    @Slot(object, object)
    def _open_menu(self, row: Row | None, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_menu(menu, self, self._bridge, row)
        menu.popup(place)

    @Slot()
    def _open_own_menu(self) -> None:
        self._open_menu(self.tree.current_row(), self.mapToGlobal(QPoint(self.width() - 180, 0)))
