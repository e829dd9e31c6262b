"""Messages of the bridge in the bar below the toolbar."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from gui.session_bridge import Offer, SessionBridge
from gui.widgets.message_bar import MessageBar, MessageKind

INFO_STAYS_MS = 8000
KINDS: dict[str, MessageKind] = {"info": "info", "warn": "warn", "error": "error"}


class Messages(QObject):
    """Shows the latest message; information goes by itself, a warning or an error stays until it is closed."""

    def __init__(self, bridge: SessionBridge, bar: MessageBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._offer: Offer | None = None
        self._patience = QTimer(self, singleShot=True, interval=INFO_STAYS_MS)
        self._patience.timeout.connect(bar.dismiss)
        bridge.message.connect(self.say)
        bridge.offer.connect(self.ask)
        bar.acted.connect(self._act)

    @Slot(str, str)
    def say(self, severity: str, text: str) -> None:
        kind = KINDS[severity]
        waits = self._offer is not None and self._bar.isVisible() and self._offer.severity != "info"
        if kind == "info" and waits:
            # A question or an error is not pushed away by news; the log has the news too.
            return
        self._show(kind, text, None)

    @Slot(object)
    def ask(self, offer: Offer) -> None:
        self._show(KINDS[offer.severity], offer.text, offer)

    def _show(self, kind: MessageKind, text: str, offer: Offer | None) -> None:
        self._offer = offer
        self._bar.say(kind, text, offer.button if offer is not None else "")
        self._patience.stop()
        if kind == "info":
            self._patience.start()

    @Slot()
    def _act(self) -> None:
        offer, self._offer = self._offer, None
        self._bar.dismiss()
        if offer is not None:
            offer.act()
