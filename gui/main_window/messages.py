"""Messages of the bridge: news in the status line, what needs an eye or an answer in the bar below the toolbar."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from gui.session_bridge import Offer, SessionBridge
from gui.views.status import StatusLine
from gui.widgets.message_bar import MessageBar, MessageKind

KINDS: dict[str, MessageKind] = {"info": "info", "warn": "warn", "error": "error"}


class Messages(QObject):
    """The bar shows the latest warning, error or question until it is closed. News must not move the window."""

    def __init__(self, bridge: SessionBridge, bar: MessageBar, status: StatusLine) -> None:
        super().__init__(bar)
        self._bar, self._status = bar, status
        self._offer: Offer | None = None
        bridge.message.connect(self.say)
        bridge.offer.connect(self.ask)
        bridge.session_changed.connect(self._forget)
        bar.acted.connect(self._act)

    @Slot(str, str)
    def say(self, severity: str, text: str) -> None:
        if severity == "info":
            self._status.show_note(text)
        else:
            self._offer = None
            self._bar.say(KINDS[severity], text)

    @Slot(object)
    def ask(self, offer: Offer) -> None:
        self._offer = offer
        self._bar.say(KINDS[offer.severity], offer.text, offer.button)

    @Slot()
    def _forget(self) -> None:
        """Another session: what was said of the one before is over."""
        self._offer = None
        self._bar.dismiss()

    @Slot()
    def _act(self) -> None:
        offer, self._offer = self._offer, None
        self._bar.dismiss()
        if offer is not None:
            offer.act()
