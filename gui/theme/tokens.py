"""The numbers and colours of the look, read from resources/look/tokens.json.

Source: look/look.md. The file is the truth; these types say what is in it, so a key that one of them lacks is an error.
"""

from typing import Any, Literal

import msgspec
from PySide6.QtGui import QColor

from engine.resources import resource

ThemeName = Literal["dark", "light"]
OutcomeKind = Literal["permit", "block", "absorb", "inject", "pending", "skipped"]
SeverityKind = Literal["info", "warn", "error", "fatal"]
BadgeKind = Literal["N", "S", "O", "P"]
TextStyle = Literal["title", "heading", "body", "label", "table", "small", "overline", "code", "code_small", "badge"]


class _Tokens(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Surface(_Tokens, frozen=True):
    desk: QColor
    panel: QColor
    raised: QColor
    field: QColor
    control: QColor
    hover: QColor
    selected: QColor
    selected_idle: QColor
    tooltip: QColor


class Line(_Tokens, frozen=True):
    hair: QColor
    strong: QColor
    focus: QColor


class Text(_Tokens, frozen=True):
    primary: QColor
    secondary: QColor
    muted: QColor
    disabled: QColor
    on_accent: QColor


class Accent(_Tokens, frozen=True):
    base: QColor
    strong: QColor
    wash: QColor
    wash_strong: QColor


class Nbl(_Tokens, frozen=True):
    used: QColor
    used_text: QColor
    backfill: QColor
    unused: QColor
    hatch: QColor
    shared: QColor
    own: QColor


class Code(_Tokens, frozen=True):
    keyword: QColor
    string: QColor
    number: QColor
    comment: QColor
    name: QColor


class Colours(_Tokens, frozen=True):
    """Everything that differs between the dark and the light theme."""

    surface: Surface
    line: Line
    text: Text
    accent: Accent
    outcome: dict[OutcomeKind, QColor]
    outcome_wash: dict[OutcomeKind, QColor]
    severity: dict[Literal["info", "warn", "error", "fatal", "fatal_fill"], QColor]
    injection: dict[BadgeKind, QColor]
    injection_ink: dict[BadgeKind, QColor]
    nbl: Nbl
    heat: tuple[QColor, QColor, QColor, QColor, QColor]
    """One hue from little to much; red would mean block."""
    series: tuple[QColor, ...]
    code: Code


class MarkToken(_Tokens, frozen=True):
    shape: str
    letter: str = ""
    icon: str = ""


class FontToken(_Tokens, frozen=True):
    family: str
    fallback: tuple[str, ...]
    features: tuple[str, ...]
    """OpenType features: `tnum` switches on, `calt=0` off."""


class ScaleStep(_Tokens, frozen=True):
    """Size and line height in logical pixels; weight 100-900."""

    px: int
    line: int
    weight: int


class TypeTokens(_Tokens, frozen=True):
    ui: FontToken
    mono: FontToken
    scale: dict[TextStyle, ScaleStep]


class Space(_Tokens, frozen=True):
    unit: int
    steps: tuple[int, ...]
    panel_padding: int
    dock_gap: int


class Radius(_Tokens, frozen=True):
    badge: int
    control: int
    pane: int
    card: int


class RowHeights(_Tokens, frozen=True):
    compact: int
    normal: int
    touch: int


class Size(_Tokens, frozen=True):
    """Heights and widths in logical pixels."""

    row: RowHeights
    header_row: int
    filter_row: int
    filter_row_current: int
    sublayer_row: int
    toolbar: int
    menu: int
    dock_title: int
    status: int
    control: int
    icon: int
    icon_toolbar: int
    badge: int
    token: int
    lane: int
    lane_bar: int
    band: int
    pane_counters: int
    scrubber: int
    mdl_bar: int
    focus_ring: int
    scrollbar: int

    @property
    def row_compact(self) -> int:
        return self.row.compact

    @property
    def row_normal(self) -> int:
        return self.row.normal

    @property
    def row_touch(self) -> int:
        return self.row.touch


class Motion(_Tokens, frozen=True):
    fast_ms: int
    normal_ms: int
    token_ms: int
    curve: str
    reduced: int


class Look(_Tokens, frozen=True):
    """The whole file."""

    format: Literal["l2scope-look"]
    version: Literal[1]
    themes: dict[ThemeName, Colours]
    marks: dict[str, MarkToken]
    icons: dict[str, str]
    """Action to the Lucide icon that stands for it."""
    type: TypeTokens
    space: Space
    radius: Radius
    size: Size
    motion: Motion


def load_look() -> Look:
    """Read the tokens that ship with the program."""
    return msgspec.json.decode(resource("look", "tokens.json").read_bytes(), type=Look, dec_hook=decode_colour)


def decode_colour(kind: type, value: Any) -> Any:
    """Decoding hook of msgspec for QColor."""
    if kind is QColor and isinstance(value, str) and QColor.isValidColorName(value):
        return QColor(value)
    raise ValueError(f"a colour is '#RRGGBB', not {value!r}")
