"""The theme of the application and how it changes."""

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFont, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTableView

from engine.resources import MissingResourceError
from gui.theme import icon, keep_icon, theme, theme_manager
from gui.theme.style_sheet import build_style_sheet


@pytest.fixture
def manager(qapp):
    found = theme_manager()
    found.set_mode("dark")
    yield found
    found.set_density("normal")
    found.set_reduced_motion(False)
    found.set_mode("dark")


def test_there_is_one_manager_and_the_application_owns_it(manager):
    assert theme_manager() is manager
    assert manager.parent() is QApplication.instance()


def test_a_forced_theme_reaches_palette_and_style_sheet(manager, qtbot):
    with qtbot.waitSignal(manager.changed):
        manager.set_mode("light")

    assert theme().name == "light"
    app = QApplication.instance()
    assert app.palette().color(QPalette.ColorRole.Window) == theme().surface.panel
    assert app.styleSheet() == build_style_sheet(theme())


def test_the_same_theme_again_is_no_change(manager, qtbot):
    with qtbot.assertNotEmitted(manager.changed):
        manager.set_mode("dark")


def test_the_system_decides_unless_forced(manager):
    manager.set_mode("system")
    light = QApplication.instance().styleHints().colorScheme() == Qt.ColorScheme.Light

    assert theme().name == ("light" if light else "dark")


def test_the_bundled_fonts_are_the_ones_in_use(manager):
    ui, mono = theme().font("body"), theme().font("code")

    assert (QFontInfo(ui).family(), ui.pixelSize()) == ("Inter", 13)
    assert (QFontInfo(mono).family(), mono.pixelSize()) == ("JetBrains Mono", 12)


def test_figures_are_tabular_in_every_weight(manager):
    for style in ("title", "body", "label", "badge"):
        font = theme().font(style)
        assert font.featureValue(QFont.Tag("tnum")) == 1, style


def test_mono_has_a_slashed_zero_and_no_ligatures(manager):
    font = theme().font("code_small")

    assert (font.featureValue(QFont.Tag("zero")), font.featureValue(QFont.Tag("calt"))) == (1, 0)


def test_a_font_that_is_changed_stays_the_callers(manager):
    theme().font("body").setPixelSize(40)

    assert theme().font("body").pixelSize() == 13


def test_class_fonts_survive_a_change_of_theme(manager, qtbot):
    manager.set_mode("light")
    table, button = QTableView(), QPushButton("x")
    for widget in (table, button):
        qtbot.addWidget(widget)
        widget.show()

    assert (table.font().pixelSize(), table.horizontalHeader().font().pixelSize()) == (12, 11)
    assert (button.font().pixelSize(), button.font().weight()) == (12, 500)
    assert table.font().isFeatureSet(QFont.Tag("tnum"))


def test_the_row_height_follows_the_density(manager, qtbot):
    heights = []
    for density in ("compact", "touch", "normal"):
        with qtbot.waitSignal(manager.changed):
            manager.set_density(density)
        heights.append(manager.row_height)

    assert heights == [20, 32, 24]


def test_reduced_motion_takes_no_time(manager):
    assert [manager.motion_ms(kind) for kind in ("fast", "normal", "token")] == [90, 160, 220]
    manager.set_reduced_motion(True)
    assert [manager.motion_ms(kind) for kind in ("fast", "normal", "token")] == [0, 0, 0]


def test_an_icon_has_the_colour_of_its_role_and_of_the_disabled_text(manager):
    found = icon("stop", "block", 48)
    normal, disabled = (found.pixmap(48, mode).toImage() for mode in (found.Mode.Normal, found.Mode.Disabled))

    assert _inks(normal) == {theme().outcome("block").rgb() & 0xFFFFFF}
    assert _inks(disabled) == {theme().text.disabled.rgb() & 0xFFFFFF}


def test_a_kept_icon_follows_the_theme(manager):
    action = QAction("Stop")
    keep_icon(action, "stop", "block", 48)
    before = action.icon().pixmap(48).toImage()
    manager.set_mode("light")

    assert _inks(before) != _inks(action.icon().pixmap(48).toImage())
    assert _inks(action.icon().pixmap(48).toImage()) == {theme().outcome("block").rgb() & 0xFFFFFF}


def test_an_action_can_be_given_another_icon(manager):
    action = QAction("Pause")
    keep_icon(action, "pause")
    keep_icon(action, "stop", "accent")
    manager.set_mode("light")

    assert action.icon().pixmap(16).toImage() == icon("stop", "accent").pixmap(16).toImage()


def test_a_gone_action_is_no_trouble_for_the_next_theme(manager):
    action = QAction("gone")
    keep_icon(action, "stop")
    shiboken6.delete(action)

    manager.set_mode("light")

    assert theme().name == "light"


def test_an_unknown_icon_is_our_mistake(manager):
    with pytest.raises(MissingResourceError):
        icon("no-such-icon")


def test_every_action_has_an_icon_that_paints(manager):
    blank = [name for name in theme().look.icons if not _inks(icon(name, size=48).pixmap(48).toImage())]

    assert blank == []


def test_labels_repaint_in_the_new_theme(manager, qtbot):
    label = QLabel("x")
    qtbot.addWidget(label)
    label.show()
    manager.set_mode("light")

    assert label.palette().color(QPalette.ColorRole.WindowText) == theme().text.primary


def _inks(image):
    """Colours of the opaque pixels."""
    pixels = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return {image.pixel(x, y) & 0xFFFFFF for x, y in pixels if image.pixelColor(x, y).alpha() == 255}
