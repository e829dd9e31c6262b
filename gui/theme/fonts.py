"""The bundled fonts, and the QFont of each text style.

Source: look/look.md, Type: `addApplicationFont`, then `tnum` on the application font. `ttf` only: Qt reads no WOFF2.
"""

from PySide6.QtGui import QFont, QFontDatabase

from engine.resources import resource
from gui.theme.tokens import FontToken, TextStyle, TypeTokens

MONO_STYLES: frozenset[TextStyle] = frozenset({"code", "code_small"})


def load_fonts() -> None:
    """Add Inter and JetBrains Mono to the application. A damaged file leaves the fallbacks of the tokens."""
    for folder in ("inter", "jetbrains-mono"):
        for path in sorted(resource("fonts", folder).glob("*.ttf")):
            QFontDatabase.addApplicationFont(str(path))


def styled_font(tokens: TypeTokens, style: TextStyle) -> QFont:
    """Return the font of `style`, sized in logical pixels, with its OpenType features."""
    step = tokens.scale[style]
    token = tokens.mono if style in MONO_STYLES else tokens.ui
    font = QFont([token.family, *token.fallback])
    font.setPixelSize(step.px)
    font.setWeight(QFont.Weight(step.weight))
    font.setStyleHint(QFont.StyleHint.Monospace if style in MONO_STYLES else QFont.StyleHint.SansSerif)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    _set_features(font, token)
    return font


def _set_features(font: QFont, token: FontToken) -> None:
    for feature in token.features:
        name, _, value = feature.partition("=")
        font.setFeature(QFont.Tag(name), int(value or 1))
