"""The application's style sheet: resources/look/application.qss with the tokens of a theme filled in."""

from string import Template

import msgspec
from PySide6.QtGui import QColor

from engine.resources import read_text
from gui.theme.theme import Theme


def build_style_sheet(theme: Theme) -> str:
    """Return the sheet. A name in the file that no token has is a KeyError."""
    return Template(read_text("look", "application.qss")).substitute(style_values(theme))


def style_values(theme: Theme) -> dict[str, str]:
    """What the sheet may name: `surface_panel`, `outcome_permit`, `size_header_row`, `radius_control` …"""
    values: dict[str, str] = {"theme": theme.name}
    for group in ("surface", "line", "text", "accent", "size", "radius"):
        for name, value in msgspec.structs.asdict(getattr(theme, group)).items():
            if isinstance(value, QColor):
                values[f"{group}_{name}"] = value.name()
            elif isinstance(value, int):
                values[f"{group}_{name}"] = str(value)
    for group in ("outcome", "outcome_wash", "severity"):
        for name, colour in getattr(theme.colours, group).items():
            values[f"{group}_{name}"] = colour.name()
    values["tooltip_text"] = theme.tooltip_text.name()
    return values
