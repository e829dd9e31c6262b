"""One theme: all tokens, typed, for the colours dark or light."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PySide6.QtGui import QColor, QFont

from gui.theme.fonts import styled_font
from gui.theme.tokens import (
    Accent,
    BadgeKind,
    Code,
    Colours,
    Line,
    Look,
    Motion,
    Nbl,
    OutcomeKind,
    Radius,
    SeverityKind,
    Size,
    Space,
    Surface,
    Text,
    TextStyle,
    ThemeName,
    TypeTokens,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours, measures and fonts that painting needs. Nothing here changes; a new theme is a new object."""

    name: ThemeName
    look: Look
    colours: Colours
    roles: Mapping[str, QColor]
    """Every colour a word or an icon may take, by name: `secondary`, `accent`, `block`, `warn` …"""

    fonts: Mapping[TextStyle, QFont]
    """Shared: change only what `font` returns."""

    @classmethod
    def of(cls, look: Look, name: ThemeName) -> "Theme":
        colours = look.themes[name]
        fonts = {style: styled_font(look.type, style) for style in look.type.scale}
        roles = MappingProxyType(_roles(colours))
        return cls(name=name, look=look, colours=colours, roles=roles, fonts=MappingProxyType(fonts))

    @property
    def surface(self) -> Surface:
        return self.colours.surface

    @property
    def line(self) -> Line:
        return self.colours.line

    @property
    def text(self) -> Text:
        return self.colours.text

    @property
    def accent(self) -> Accent:
        return self.colours.accent

    @property
    def nbl(self) -> Nbl:
        return self.colours.nbl

    @property
    def code(self) -> Code:
        return self.colours.code

    @property
    def heat(self) -> tuple[QColor, QColor, QColor, QColor, QColor]:
        return self.colours.heat

    @property
    def series(self) -> tuple[QColor, ...]:
        return self.colours.series

    @property
    def size(self) -> Size:
        return self.look.size

    @property
    def radius(self) -> Radius:
        return self.look.radius

    @property
    def space(self) -> Space:
        return self.look.space

    @property
    def motion(self) -> Motion:
        return self.look.motion

    @property
    def type(self) -> TypeTokens:
        return self.look.type

    def outcome(self, kind: OutcomeKind) -> QColor:
        return self.colours.outcome[kind]

    def outcome_wash(self, kind: OutcomeKind) -> QColor:
        return self.colours.outcome_wash[kind]

    def severity(self, kind: SeverityKind) -> QColor:
        """The colour of a severity's word; `fatal` is white, for its fill see `fatal_fill`."""
        return self.colours.severity[kind]

    @property
    def fatal_fill(self) -> QColor:
        return self.colours.severity["fatal_fill"]

    def injection(self, kind: BadgeKind) -> QColor:
        return self.colours.injection[kind]

    def injection_ink(self, kind: BadgeKind) -> QColor:
        """The letter on the badge's filled shape."""
        return self.colours.injection_ink[kind]

    @property
    def tooltip_text(self) -> QColor:
        """The tooltip is dark in both themes."""
        return self.text.primary if self.name == "dark" else self.surface.panel

    def colour(self, role: str) -> QColor:
        """The colour of `role`: a key of `roles` (else KeyError), or a colour as `#RRGGBB`."""
        return QColor(role) if role.startswith("#") else self.roles[role]

    def font(self, style: TextStyle) -> QFont:
        """A font of the caller's own, to change its weight or size."""
        return QFont(self.fonts[style])

    def line_height(self, style: TextStyle) -> int:
        return self.look.type.scale[style].line


def _roles(colours: Colours) -> dict[str, QColor]:
    text, severity = colours.text, colours.severity
    return {
        "primary": text.primary,
        "secondary": text.secondary,
        "muted": text.muted,
        "disabled": text.disabled,
        "on_accent": text.on_accent,
        "accent": colours.accent.base,
        "accent_strong": colours.accent.strong,
        "strong": colours.line.strong,
        **{str(kind): colour for kind, colour in colours.outcome.items()},
        **{kind: severity[kind] for kind in ("info", "warn", "error")},
    }
