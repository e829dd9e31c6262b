"""The QPalette of a theme: what Fusion and everything without a style sheet rule paints with."""

from PySide6.QtGui import QColor, QPalette

from gui.theme.theme import Theme

_Role = QPalette.ColorRole
_Group = QPalette.ColorGroup


def build_palette(theme: Theme) -> QPalette:
    palette = QPalette()
    for role, colour in _active(theme).items():
        palette.setColor(role, colour)
    palette.setColor(_Group.Inactive, _Role.Highlight, theme.surface.selected_idle)
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText, _Role.PlaceholderText):
        palette.setColor(_Group.Disabled, role, theme.text.disabled)
    palette.setColor(_Group.Disabled, _Role.Highlight, theme.surface.selected_idle)
    return palette


def _active(theme: Theme) -> dict[QPalette.ColorRole, QColor]:
    surface, text, line = theme.surface, theme.text, theme.line
    return {
        _Role.Window: surface.panel,
        _Role.WindowText: text.primary,
        _Role.Base: surface.panel,
        _Role.AlternateBase: surface.raised,
        _Role.Text: text.primary,
        _Role.PlaceholderText: text.muted,
        _Role.Button: surface.control,
        _Role.ButtonText: text.primary,
        _Role.BrightText: theme.severity("error"),
        _Role.Light: surface.hover,
        _Role.Midlight: surface.control,
        _Role.Mid: line.hair,
        _Role.Dark: line.strong,
        _Role.Shadow: surface.desk,
        _Role.Highlight: surface.selected,
        _Role.HighlightedText: text.primary,
        _Role.Accent: theme.accent.base,
        _Role.Link: theme.accent.base,
        _Role.LinkVisited: theme.accent.strong,
        _Role.ToolTipBase: surface.tooltip,
        _Role.ToolTipText: theme.tooltip_text,
    }
