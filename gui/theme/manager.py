"""The one theme of the application, and how it changes while the program runs."""

from typing import Literal

from PySide6.QtCore import QDir, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QAbstractButton, QApplication

from engine.resources import resource
from gui.theme.fonts import load_fonts
from gui.theme.icons import make_icon
from gui.theme.palette import build_palette
from gui.theme.style_sheet import build_style_sheet
from gui.theme.theme import Theme
from gui.theme.tokens import TextStyle, ThemeName, load_look

ThemeMode = Literal["system", "dark", "light"]
Density = Literal["compact", "normal", "touch"]
MotionKind = Literal["fast", "normal", "token"]

_PROPERTY = "l2scope_theme"

# Class fonts rather than style sheet fonts: a sheet's font would lose the OpenType features on some widgets.
CLASS_FONTS: dict[str, TextStyle] = {
    "QMenuBar": "table",
    "QMenu": "table",
    "QToolButton": "label",
    "QPushButton": "label",
    "QTabBar": "label",
    "QHeaderView": "overline",
    "QAbstractItemView": "table",
    "QLineEdit": "table",
    "QAbstractSpinBox": "table",
    "QComboBox": "table",
    "QCheckBox": "table",
    "QRadioButton": "table",
    "QStatusBar": "small",
    "QToolTip": "table",
    "QGroupBox": "overline",
}


class ThemeManager(QObject):
    """Holds the theme of the application it belongs to and dresses the application in it."""

    changed = Signal()
    """Another theme, density or motion: icons have to be asked for again, painted widgets repaint by themselves."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        app.setProperty(_PROPERTY, self)
        look = load_look()
        self._themes: dict[ThemeName, Theme] = {name: Theme.of(look, name) for name in look.themes}
        self._mode: ThemeMode = "system"
        self._density: Density = "normal"
        self._reduced_motion = False
        self._icons: dict[tuple[str, str, int, int], QIcon] = {}
        load_fonts()
        QDir.setSearchPaths("glyphs", [str(resource("look", "glyphs"))])
        app.setStyle("Fusion")
        self._theme = self._wanted_theme()
        self._dress(app)
        app.styleHints().colorSchemeChanged.connect(self._on_colour_scheme_changed)

    @property
    def theme(self) -> Theme:
        return self._theme

    @property
    def mode(self) -> ThemeMode:
        return self._mode

    @property
    def density(self) -> Density:
        return self._density

    @property
    def row_height(self) -> int:
        """Height of a table's row in logical pixels at the chosen density."""
        row = self._theme.size.row
        return {"compact": row.compact, "normal": row.normal, "touch": row.touch}[self._density]

    def set_mode(self, mode: ThemeMode) -> None:
        """Follow the system, or stay dark or light."""
        self._mode = mode
        hints = _application().styleHints()
        # Title bars and file dialogs belong to the system and follow this.
        if mode == "system":
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(Qt.ColorScheme.Dark if mode == "dark" else Qt.ColorScheme.Light)
        self._on_colour_scheme_changed()

    def set_density(self, density: Density) -> None:
        if density != self._density:
            self._density = density
            self.changed.emit()

    def set_reduced_motion(self, reduced: bool) -> None:
        if reduced != self._reduced_motion:
            self._reduced_motion = reduced
            self.changed.emit()

    def motion_ms(self, kind: MotionKind) -> int:
        """Duration of an animation in milliseconds; 0 where the user wants none."""
        motion = self._theme.motion
        if self._reduced_motion:
            return motion.reduced
        return {"fast": motion.fast_ms, "normal": motion.normal_ms, "token": motion.token_ms}[kind]

    def icon(self, name: str, role: str = "secondary", size: int = 16, trailing: int = 0) -> QIcon:
        """The icon of an action or of Lucide in the theme of now. Raises MissingResourceError for an unknown name."""
        key = (name, role, size, trailing)
        if key not in self._icons:
            self._icons[key] = make_icon(self._theme, name, role, size, trailing)
        return self._icons[key]

    @Slot()
    def _on_colour_scheme_changed(self) -> None:
        wanted = self._wanted_theme()
        if wanted is self._theme:
            return
        self._theme = wanted
        self._icons.clear()
        self._dress(_application())
        self.changed.emit()

    def _wanted_theme(self) -> Theme:
        if self._mode != "system":
            return self._themes[self._mode]
        light = _application().styleHints().colorScheme() == Qt.ColorScheme.Light
        return self._themes["light" if light else "dark"]

    def _dress(self, app: QApplication) -> None:
        app.setPalette(build_palette(self._theme))
        app.setFont(self._theme.font("body"))
        app.setStyleSheet(build_style_sheet(self._theme))
        # After the sheet: setting one forgets the fonts of classes.
        for class_name, style in CLASS_FONTS.items():
            app.setFont(self._theme.font(style), class_name)  # type: ignore[arg-type] # the stub wants bytes, Qt a str


def theme_manager() -> ThemeManager:
    """The manager of the running application, made on the first call."""
    app = _application()
    manager = app.property(_PROPERTY)
    return manager if isinstance(manager, ThemeManager) else ThemeManager(app)


def theme() -> Theme:
    """The theme of now. Ask in `paintEvent`, do not keep it."""
    return theme_manager().theme


def icon(name: str, role: str = "secondary", size: int = 16) -> QIcon:
    """Shorthand for `theme_manager().icon(…)`; see `keep_icon` for one that follows the theme."""
    return theme_manager().icon(name, role, size)


class _IconKeeper(QObject):
    """A child of the thing it dresses, so it ends with it."""

    def __init__(self, target: QAction | QAbstractButton) -> None:
        super().__init__(target)
        self._target = target
        self.key = ("", "", 0, 0)
        theme_manager().changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        self._target.setIcon(theme_manager().icon(*self.key))


def keep_icon(
    target: QAction | QAbstractButton, name: str, role: str = "secondary", size: int = 16, trailing: int = 0
) -> None:
    """Give `target` an icon now, and again whenever the theme changes."""
    keeper = target.findChild(_IconKeeper) or _IconKeeper(target)
    keeper.key = (name, role, size, trailing)
    keeper.refresh()


def _application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("the theme belongs to a QApplication: make that first")
    return app
