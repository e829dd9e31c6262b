"""The policy: its tree, the commands on it, and the form of one filter beside or over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from engine.wfp.apply import check_document
from engine.wfp.diagnostics import Diagnostic
from engine.wfp.document import find_filter
from engine.wfp.fwp_errors import WfpError
from engine.wfp.objects import FilterSpec, ObjectKind
from engine.wfp.types import FilterId, Guid
from gui.models.policy import edits
from gui.models.policy.edits import owner_of
from gui.models.policy.filter_draft import FilterDraft
from gui.models.policy.hints import hints_of
from gui.models.policy.object_edits import ObjectSpec, new_object, spec_of
from gui.models.policy.rows import FilterRow, Row, count_changes, policy_rows
from gui.models.policy.tree import PolicyTreeModel
from gui.theme import keep_icon
from gui.views.policy.bar import ChangeBar
from gui.views.policy.commands import PolicyCommands
from gui.views.policy.forms import PolicyForms
from gui.views.policy.menu import fill_menu
from gui.views.policy.tree import PolicyTree
from gui.views.refresher import Refresher
from gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

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
        self._place = bridge.applied.path
        self.model = PolicyTreeModel(self)
        self.tree = PolicyTree(self.model)
        self._left = QWidget()
        self.forms = PolicyForms(bridge, self._left, self)
        self.form, self.objects, self.chooser = self.forms.form, self.forms.objects, self.forms.chooser
        self.transaction = self.forms.transaction
        self.bar = ChangeBar()
        self.warning = MessageBar()
        self.commands = PolicyCommands(bridge, self)
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
        self.forms.open(self.form)

    @Slot(object)
    def edit_row(self, row: Row) -> None:
        """Open the form of whatever stands in a row."""
        if isinstance(row, FilterRow):
            self.edit_key(row.key)
        elif (spec := spec_of(self._bridge.document, row)) is not None:
            self.commands.warn(row)
            self.objects.edit(spec)
            self.forms.open(self.objects)

    def new_object(self, kind: ObjectKind) -> None:
        """Open the form of a new provider, sublayer or callout, in the place where the user is."""
        row = self.tree.current_row()
        owner = None if row is None else owner_of(row)
        self.objects.start(new_object(self._bridge.document, kind, owner))
        self.forms.open(self.objects)

    def new_filter(self) -> None:
        """Open an empty form, in the place where the user is."""
        self.form.start_at(self.tree.current_row())
        self.forms.open(self.form)

    @Slot(object)
    def _on_filter_wanted(self, draft: FilterDraft) -> None:
        """Another view has made a filter from what it shows."""
        self.form.propose(draft)
        self.forms.open(self.form)

    def new_from_template(self) -> None:
        """Open the templates, in the place where the user is."""
        self.chooser.start(self.tree.current_row())
        self.forms.open(self.chooser)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part, stretch in ((self.warning, 0), (self.tree, 1), (self.bar, 0)):
            column.addWidget(part, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.forms)
        self.setFocusProxy(self.tree.tree)

    def _make_actions(self) -> list[QAction]:
        actions = [
            self._action("Add filter", "add", self.new_filter, QKeySequence(Qt.Key.Key_Insert)),
            self._action("Find in the policy", "find", self.tree.open_search, QKeySequence("Ctrl+F")),
            self._action("More commands", "ellipsis", self._open_own_menu),
        ]
        self.addActions(actions)
        return actions

    def _action(self, text: str, icon: str, act: Callable[[], None], key: QKeySequence | None = None) -> QAction:
        action = QAction(text, self)
        if key is not None:
            action.setShortcut(key)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setToolTip(f"{text} ({key.toString(QKeySequence.SequenceFormat.NativeText)})")
        keep_icon(action, icon, size=14)
        action.triggered.connect(act)
        return action

    def _connect(self) -> None:
        bridge, tree = self._bridge, self.tree
        bridge.document_changed.connect(self._on_document)
        bridge.filter_wanted.connect(self._on_filter_wanted)
        bridge.session_changed.connect(self._on_session)
        bridge.cursor_moved.connect(self._refresher.ask)
        bridge.breakpoints_changed.connect(self._on_breakpoints)
        bridge.focus_changed.connect(self._on_focus)
        tree.searched.connect(self._show_rows)
        tree.chosen.connect(self._on_chosen)
        tree.activated.connect(self.edit_row)
        tree.toggled.connect(self.commands.toggle)
        tree.removed.connect(self.commands.remove)
        tree.menu_wanted.connect(self._open_menu)
        self.model.renamed.connect(self.commands.rename)
        self.model.weighed.connect(self.commands.weigh)
        # Queued: the tree may not change while the drop is under way.
        self.model.dropped.connect(self.commands.drop, Qt.ConnectionType.QueuedConnection)
        self.commands.told.connect(self.warning.say)
        self.commands.done.connect(tree.select)
        self.bar.applied.connect(bridge.apply)
        self.bar.discarded.connect(bridge.discard)
        self.form.accepted.connect(self._on_accepted)
        self.objects.accepted.connect(self._on_object_accepted)
        for form in (self.form, self.objects, self.chooser):
            form.closed.connect(self._hide_form)
        self.transaction.unwanted.connect(self.commands.take_back)
        self.transaction.chosen.connect(tree.select)
        self.chooser.added.connect(self._on_added)

    # --- facts in --------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session(self) -> None:
        session = self._bridge.session
        if (place := self._bridge.applied.path) != self._place:
            self._place = place
            self.forms.close_chooser()
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
        self.transaction.show_documents(bridge.document, bridge.applied)
        self.forms.arrange()

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

    @Slot(object, object)
    def _on_object_accepted(self, key: Guid | None, spec: ObjectSpec) -> None:
        self._hide_form()
        self.commands.put_object(key, spec)

    @Slot(str)
    def _on_added(self, key: Guid) -> None:
        self._hide_form()
        self.tree.select(key)

    @Slot()
    def _hide_form(self) -> None:
        if self.forms.close_forms():
            self.tree.tree.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.forms.arrange()

    @Slot(object, object)
    def _open_menu(self, row: Row | None, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_menu(menu, self, self._bridge, row)
        menu.popup(place)

    @Slot()
    def _open_own_menu(self) -> None:
        self._open_menu(self.tree.current_row(), self.mapToGlobal(QPoint(self.width() - 180, 0)))
