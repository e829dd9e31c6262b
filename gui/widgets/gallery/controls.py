"""Fields, buttons, bars."""

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPushButton, QRadioButton, QSpinBox, QTabBar, QWidget

from gui.widgets.action_button import ActionButton
from gui.widgets.command_field import CommandField, IconField
from gui.widgets.controls import FieldState, make_button, make_field, set_field_state
from gui.widgets.gallery.painted import Sections, row
from gui.widgets.message_bar import MessageBar
from gui.widgets.segmented import SegmentedControl

FOCUS_NAME = "keyboard focus"


def focus_sample(page: QWidget) -> QPushButton:
    """The button that shows the ring."""
    found = page.findChild(QPushButton, FOCUS_NAME)
    if not isinstance(found, QPushButton):
        raise LookupError(FOCUS_NAME)
    return found


def sections() -> Sections:
    return [
        ("Fields, buttons, focus", [_fields(), _buttons(), _choices()]),
        ("Toolbar, tabs, segments", [_toolbar(), _tabs(), row(CommandField("Go to, run, find: 12.1, #13", "Ctrl+K"))]),
        ("Message bars", _messages()),
    ]


def _field(text: str, state: FieldState) -> QLineEdit:
    field = make_field(mono=True)
    field.setText(text)
    field.setFixedWidth(118)
    set_field_state(field, state)
    return field


def _fields() -> QWidget:
    bar = IconField("filter", "filter the frames", mono=True)
    bar.setText("eth.type != 0x88e5")
    bar.setFixedWidth(220)
    set_field_state(bar, "valid")
    bar.set_note("40 031", "permit")
    return row(
        _field("0x0806", "plain"),
        _field("vlan.id == 20", "valid"),
        _field("vlan.id ==", "error"),
        _field("frame ~ x", "slow"),
        bar,
    )


def _buttons() -> QWidget:
    off = make_button("Apply")
    off.setEnabled(False)
    focus = make_button("Keyboard focus")
    focus.setObjectName(FOCUS_NAME)
    return row(
        make_button("Step over", "primary", "over"),
        make_button("Frames it decided", "normal", "filter"),
        make_button("Explain", "outline"),
        make_button("Quiet", "quiet"),
        make_button("All 26 stories", "link"),
        off,
        focus,
        spacing=10,
    )


def _choices() -> QWidget:
    box, off, radio, combo, spin = (
        QCheckBox("Follow"),
        QCheckBox("Off"),
        QRadioButton("Events"),
        QComboBox(),
        QSpinBox(),
    )
    box.setChecked(True)
    off.setEnabled(False)
    radio.setChecked(True)
    combo.addItems(["FWP_UINT8", "FWP_UINT64"])
    spin.setMaximum(15)
    return row(box, off, radio, combo, spin, spacing=14)


def _toolbar() -> QWidget:
    return row(
        _tool("Open", "open"),
        _tool("Back", "step_back", "Ctrl+F10"),
        _tool("Step over", "over", "F10", primary=True),
        _tool("Into", "into", "F11"),
        _tool("Continue", "continue", "F5", enabled=False),
        _tool("Undo", "undo", words=""),
        spacing=2,
    )


def _tool(
    text: str, icon_name: str, key: str = "", *, primary: bool = False, enabled: bool = True, words: str | None = None
) -> ActionButton:
    action = QAction(text)
    action.setShortcut(QKeySequence(key))
    action.setEnabled(enabled)
    button = ActionButton(action, icon_name, words=text if words is None else words, primary=primary)
    action.setParent(button)
    return button


def _tabs() -> QWidget:
    tabs = QTabBar()
    for name in ("Steps", "Completions", "Findings", "Log"):
        tabs.addTab(name)
    return row(tabs, SegmentedControl(("Step", "Live", "Policy"), "Layout"), spacing=24)


def _messages() -> list[QWidget]:
    info, error, warn = MessageBar(), MessageBar(), MessageBar()
    info.say("info", "The trace of the last run is older than the policy.", "Run again")
    warn.say("warn", "3 frames are truncated; what was not captured cannot match.")
    error.say("error", "arp.pcapng, byte 4120: block length 13 is not a multiple of 4; save it again.", "Open another")
    return [info, warn, error]
