"""Where the engine's thread meets Qt, and only here."""

from gui.session_bridge.bridge import SessionBridge
from gui.session_bridge.focus import Focus
from gui.session_bridge.offer import Offer

__all__ = ["Focus", "Offer", "SessionBridge"]
