"""Colours, fonts, measures and icons. Everything else in `gui` asks here and names no colour itself."""

from gui.theme.icons import icon_pixmap
from gui.theme.manager import ThemeManager, ThemeMode, icon, keep_icon, theme, theme_manager
from gui.theme.theme import Theme
from gui.theme.tokens import BadgeKind, OutcomeKind, SeverityKind, TextStyle, ThemeName

__all__ = [
    "BadgeKind",
    "OutcomeKind",
    "SeverityKind",
    "TextStyle",
    "Theme",
    "ThemeManager",
    "ThemeMode",
    "ThemeName",
    "icon",
    "icon_pixmap",
    "keep_icon",
    "theme",
    "theme_manager",
]
