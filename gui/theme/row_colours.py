"""Ten grounds for rows that users colour themselves, in the OKLCH hues 25°, 60° … 340°.

Every word, mark and badge of the look has a contrast of 4.5 : 1 or more on each of them; a test proves it.
"""

from __future__ import annotations

from PySide6.QtGui import QColor

from gui.theme.theme import Theme

ROW_COLOURS: dict[str, tuple[str, str]] = {
    "red": ("#4B1D1B", "#FFE0DA"),
    "orange": ("#472400", "#FFE3C4"),
    "yellow": ("#362A00", "#F4E8BB"),
    "green": ("#1F3206", "#DBF1C7"),
    "teal": ("#003320", "#C0F2DB"),
    "cyan": ("#003236", "#B9F5F8"),
    "blue": ("#003049", "#C2EFFF"),
    "indigo": ("#202B51", "#DBEAFF"),
    "violet": ("#36244A", "#F4E2FF"),
    "pink": ("#441E39", "#FFE0FB"),
}
"""By name: in the dark theme, in the light one."""


def row_colour(theme: Theme, name: str) -> QColor:
    """The ground of a row. Raises KeyError for a name that is none of `ROW_COLOURS`."""
    dark, light = ROW_COLOURS[name]
    return QColor(dark if theme.name == "dark" else light)
