"""Messages of the bridge: news in the status line, what needs an eye or an answer in the bar below the toolbar."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from gui.session_bridge import Offer, SessionBridge
from gui.views.status import StatusLine
from gui.widgets.message_bar import MessageBar, MessageKind

KINDS: dict[str, MessageKind] = {"info": "info", "warn": "warn", "error": "error"}


class Messages(QObject):
    """The bar shows the latest warning, error or question until it is closed. News must not move the window.

    A question that something else covers comes again when that is closed: it may be the only way to its remedy.
    """

    def __init__(self, bridge: SessionBridge, bar: MessageBar, status: StatusLine) -> None:
        super().__init__(bar)
        self._bar, self._status = bar, status
        self._offers: list[Offer] = []
        self._is_plain = False
        """What the bar shows now is no question."""
        bridge.message.connect(self.say)
        bridge.offer.connect(self.ask)
        bridge.session_changed.connect(self._forget)
        bar.acted.connect(self._act)
        bar.other_acted.connect(self._act_otherwise)
        bar.closed.connect(self._on_closed)

    @Slot(str, str)
    def say(self, severity: str, text: str) -> None:
        if severity == "info":
            self._status.show_note(text)
        else:
            self._is_plain = True
            self._bar.say(KINDS[severity], text)

    @Slot(object)
    def ask(self, offer: Offer) -> None:
        self._offers = [*(each for each in self._offers if each.text != offer.text), offer]
        self._show()

    @Slot()
    def _forget(self) -> None:
        """Another session: what was said of the one before is over."""
        self._offers.clear()
        self._bar.dismiss()

    @Slot()
    def _act(self) -> None:
        if self._offers:
            offer = self._offers[-1]
            self._bar.dismiss()
            offer.act()

    @Slot()
    def _act_otherwise(self) -> None:
        if self._offers:
            offer = self._offers[-1]
            self._bar.dismiss()
            if offer.other_act is not None:
                offer.other_act()

    @Slot()
    def _on_closed(self) -> None:
        if not self._is_plain and self._offers:
            self._offers.pop()
        self._show()

    def _show(self) -> None:
        self._is_plain = False
        if self._offers:
            offer = self._offers[-1]
            self._bar.say(KINDS[offer.severity], offer.text, offer.button, offer.other)
