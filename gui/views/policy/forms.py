"""The tree, and beside or over it one form at a time; without a form, what the transaction would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from gui.views.dock_room import DockRoom
from gui.views.policy.filter_form import FilterForm
from gui.views.policy.object_form import ObjectForm
from gui.views.policy.template_chooser import TemplateChooser
from gui.views.policy.transaction import TransactionPanel

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

WIDE = 760
"""From this width on, tree and form stand side by side; below, the form covers the tree."""
FORM_HEIGHT = 520


class PolicyForms(QSplitter):
    """Knows which form is open, and gives it room."""

    def __init__(self, bridge: SessionBridge, tree: QWidget, view: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._bridge, self._tree, self._view = bridge, tree, view
        self._room = DockRoom(view)
        self.form = FilterForm(bridge)
        self.objects = ObjectForm(bridge)
        self.chooser = TemplateChooser(bridge)
        self.transaction = TransactionPanel()
        self._forms: tuple[QWidget, ...] = (self.form, self.objects, self.chooser)
        self.addWidget(tree)
        for page in (*self._forms, self.transaction):
            self.addWidget(page)
            self.setStretchFactor(self.indexOf(page), 1)
            page.hide()
        self.setChildrenCollapsible(False)

    @property
    def is_open(self) -> bool:
        """A form is shown."""
        return not all(form.isHidden() for form in self._forms)

    def open(self, page: QWidget) -> None:
        """Show one form in place of any other, with the keyboard in it."""
        for one in self._forms:
            one.setVisible(one is page)
        if page is not self.form:
            self._bridge.set_working(None)
        self.arrange()
        self._room.take(FORM_HEIGHT)
        page.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_forms(self) -> bool:
        """Hide the form that is open; return whether it had the keyboard."""
        focus = self.focusWidget()
        had_focus = focus is not None and any(form.isAncestorOf(focus) for form in self._forms)
        for form in self._forms:
            form.hide()
        self._bridge.set_working(None)
        self.arrange()
        self._room.give_back()
        return had_focus

    def close_chooser(self) -> None:
        """Another policy has come: what was about to be added was for the one before."""
        if not self.chooser.isHidden():
            self.close_forms()

    def arrange(self) -> None:
        is_wide = self._view.width() >= WIDE
        self._tree.setVisible(not self.is_open or is_wide)
        self.transaction.setVisible(not self.is_open and is_wide and self._bridge.has_unapplied_edits)
