"""Segments, bars, titles, fields, buttons, labels, the focus ring."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.theme import theme, theme_manager
from gui.widgets.action_button import ActionButton
from gui.widgets.command_field import CommandField, IconField
from gui.widgets.controls import make_button, make_field, set_field_state
from gui.widgets.dock_title import DockTitle
from gui.widgets.empty_state import EmptyState
from gui.widgets.focus_overlay import REACH, FocusOverlay
from gui.widgets.labels import Chip, MarkLabel, Pill, Sparkline, TokenButton
from gui.widgets.message_bar import MessageBar
from gui.widgets.segmented import SegmentedControl
from gui.widgets.token import FrameToken
from tests.gui.widgets.drawing import colours


def shown(qtbot, widget):
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.fixture
def segments(qtbot):
    return shown(qtbot, SegmentedControl(("Step", "Live", "Policy"), "Layout"))


def test_a_click_chooses_a_segment_once(segments, qtbot):
    at = segments.segment_rect(2).center().toPoint()
    with qtbot.waitSignal(segments.chosen) as told:
        QTest.mouseClick(segments, Qt.MouseButton.LeftButton, pos=at)
    with qtbot.assertNotEmitted(segments.chosen):
        QTest.mouseClick(segments, Qt.MouseButton.LeftButton, pos=at)

    assert told.args == [2]
    assert segments.accessibleDescription() == "Policy, 3 of 3"


@pytest.mark.parametrize(
    ("key", "index"), [(Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 0), (Qt.Key.Key_Home, 0), (Qt.Key.Key_End, 2)]
)
def test_keys_choose_a_segment(segments, key, index):
    segments.set_current(1)
    QTest.keyClick(segments, key)

    assert segments.current() == index


def test_a_message_has_mark_words_and_at_most_one_remedy(qtbot):
    bar = shown(qtbot, MessageBar())
    bar.say("error", "byte 4120: block length 13", "Open another")
    button = next(b for b in bar.findChildren(QPushButton) if b.isVisible())
    with qtbot.waitSignal(bar.acted):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    assert bar.accessibleName() == "Error: byte 4120: block length 13"
    assert theme().outcome_wash("block").name() in colours(bar.grab().toImage())
    bar.say("info", "done")
    assert not button.isVisible()


def test_escape_closes_a_message(qtbot):
    bar = shown(qtbot, MessageBar())
    bar.say("info", "done", "Undo")
    with qtbot.waitSignal(bar.closed):
        bar.dismiss()

    assert bar.isHidden()


def test_an_empty_state_leads_to_what_is_missing(qtbot):
    empty = shown(qtbot, EmptyState("frames", "No frames yet", "Each frame is a row.", "Open a capture", "open"))
    with qtbot.waitSignal(empty.acted):
        empty.findChild(QPushButton).click()

    assert (empty.accessibleName(), empty.accessibleDescription()) == ("No frames yet", "Each frame is a row.")


def test_a_dock_title_shows_progress_only_of_work_that_lasts(qtbot):
    title = DockTitle("frames", "Frames")
    qtbot.addWidget(title)
    title.resize(300, 28)
    title.show()
    azure = theme().accent.base.name()
    title.set_progress(0.5)
    assert azure not in colours(title.grab().toImage())
    qtbot.waitUntil(lambda: azure in colours(title.grab().toImage()))
    title.set_progress(None)
    assert azure not in colours(title.grab().toImage())


def test_long_work_can_be_cancelled(qtbot):
    title = shown(qtbot, DockTitle("frames", "Frames"))
    cancel = title.findChild(QPushButton)
    title.set_progress(0.0)
    qtbot.waitUntil(cancel.isVisible, timeout=3000)
    with qtbot.waitSignal(title.cancelled):
        cancel.click()
    title.set_progress(None)

    assert not cancel.isVisible()


def test_a_dock_title_has_the_height_of_the_look_and_says_what_it_shows(qtbot):
    title = shown(qtbot, DockTitle("frames", "Frames"))
    title.set_subtitle("shown 12 of 40")
    title.add_widget(Chip("13 filters"))
    title.add_action(QAction("Mark", title))

    assert title.sizeHint().height() == 28
    assert (title.accessibleName(), title.accessibleDescription()) == ("Frames", "shown 12 of 40")


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_field_shows_whether_what_is_typed_is_valid(qtbot, name):
    theme_manager().set_mode(name)
    field = shown(qtbot, make_field(mono=True))
    grounds = []
    for state in ("valid", "error", "slow", "plain"):
        set_field_state(field, state)
        grounds.append(field.grab().toImage().pixelColor(field.width() - 6, field.height() // 2).name())

    wash = theme().outcome_wash
    wanted = [wash("permit"), wash("block"), wash("absorb"), theme().surface.field]
    assert grounds == [colour.name() for colour in wanted]


def test_a_field_keeps_its_height_with_focus_and_in_error(qtbot):
    field = shown(qtbot, make_field())
    heights = [field.sizeHint().height()]
    set_field_state(field, "error")
    heights.append(field.sizeHint().height())
    set_field_state(field, "plain")
    field.setFocus()
    heights.append(field.sizeHint().height())

    assert heights == [26, 26, 26]


def test_a_filter_field_tells_its_count_beside_the_text(qtbot):
    field = shown(qtbot, IconField("filter", "filter the frames", mono=True))
    field.set_note("40 031", "permit")

    assert field.accessibleDescription() == "40 031"
    assert field.textMargins().right() > 40


def test_the_command_field_shows_its_key_until_something_is_typed(qtbot):
    field = shown(qtbot, CommandField("Go to, run, find", "Ctrl+K"))
    before = field.grab().copy(field.width() - 60, 0, 60, 26).toImage()
    field.setText("12.1")

    assert field.grab().copy(field.width() - 60, 0, 60, 26).toImage() != before


def test_a_toolbar_button_runs_its_action_and_shows_its_key(qtbot):
    action = QAction("Step &over")
    action.setShortcut(QKeySequence("F10"))
    button = shown(qtbot, ActionButton(action, "over", words="Step over", primary=True))
    with qtbot.waitSignal(action.triggered):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    assert (button.key(), button.accessibleName(), button.height()) == ("F10", "Step over", 28)


def test_a_disabled_primary_button_is_not_azure(qtbot):
    action = QAction("Step over")
    button = shown(qtbot, ActionButton(action, "over", words="Step over", primary=True))
    azure = {theme().accent.base.name(), theme().accent.strong.name()}
    assert azure & colours(button.grab().toImage())
    action.setEnabled(False)

    assert not azure & colours(button.grab().toImage())


@pytest.mark.parametrize("kind", ["normal", "primary", "outline", "quiet", "link"])
def test_every_button_is_26_high_and_takes_the_focus_by_keyboard_only(qtbot, kind):
    button = shown(qtbot, make_button("Explain", kind, "explain"))

    assert button.sizeHint().height() == 26
    assert button.focusPolicy() == Qt.FocusPolicy.TabFocus


def test_painted_labels_tell_their_text(qtbot):
    spark = Sparkline("Rate")
    spark.set_values([1, 2, 4])
    told = [
        shown(qtbot, Chip("BLOCK", "block")).accessibleName(),
        shown(qtbot, MarkLabel("error")).accessibleName(),
        shown(qtbot, TokenButton(FrameToken(id="7.2", badge="P"))).accessibleName(),
        shown(qtbot, spark).accessibleDescription(),
    ]

    assert told == ["BLOCK", "Error", "7.2, previously injected by self", "3 values, last 4"]


@pytest.mark.parametrize(
    "make", [lambda: Pill("1 204 new", "resume_view"), lambda: TokenButton(FrameToken(id="1.0", badge="N"))]
)
def test_pill_and_token_work_by_keyboard_and_show_the_ring(qtbot, make):
    button = shown(qtbot, make())
    without = colours(button.grab().toImage())
    button.activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(button, Qt.Key.Key_Space)

    assert theme().line.focus.name() in colours(button.grab().toImage()) - without


def test_the_ring_surrounds_the_focused_button_and_follows_it(qtbot):
    overlay = FocusOverlay(QApplication.instance())
    window = QWidget()
    layout = QVBoxLayout(window)
    first, second = make_button("One"), make_button("Two")
    layout.addWidget(first)
    layout.addWidget(second)
    shown(qtbot, window)
    window.activateWindow()
    second.setFocus()
    qtbot.waitUntil(second.hasFocus)

    reach = QRect(second.mapTo(window, QPoint(0, 0)), second.size()).adjusted(-REACH, -REACH, REACH, REACH)
    assert overlay.ring_rect() == reach
    second.move(second.pos() + QPoint(5, 5))
    assert overlay.ring_rect() == reach.translated(5, 5)
    second.hide()
    assert overlay.ring_rect() != reach
    overlay.deleteLater()


def test_the_ring_follows_what_is_scrolled(qtbot):
    overlay = FocusOverlay(QApplication.instance())
    area = QScrollArea()
    page = QWidget()
    page.resize(200, 900)
    button = make_button("One")
    button.setParent(page)
    button.move(20, 200)
    area.setWidget(page)
    area.resize(220, 300)
    shown(qtbot, area)
    area.activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    before = overlay.ring_rect()
    area.verticalScrollBar().setValue(30)

    assert overlay.ring_rect() == before.translated(0, -30)
    overlay.deleteLater()


def test_the_ring_goes_with_its_window(qtbot):
    overlay = FocusOverlay(QApplication.instance())
    window = QWidget()
    QVBoxLayout(window).addWidget(button := make_button("One"))
    window.show()
    window.activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    window.deleteLater()
    qtbot.waitUntil(lambda: overlay.ring_rect() == QRect())
    overlay.deleteLater()
