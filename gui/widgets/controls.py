"""Standard controls in the look's variants; their colours are in the application's style sheet."""

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QSizePolicy, QToolButton, QWidget

from gui.theme import TextStyle, keep_icon, theme

ButtonKind = Literal["normal", "primary", "outline", "quiet", "link"]
FieldState = Literal["plain", "valid", "slow", "error"]
LabelTone = Literal["primary", "secondary", "muted", "warn", "error"]

_ICON_ROLES: dict[ButtonKind, str] = {"primary": "on_accent", "link": "accent"}
_ICON_GAP = 4


def make_button(text: str, kind: ButtonKind = "normal", icon_name: str | None = None) -> QPushButton:
    """A push button 26 high; one primary at most stands in a view."""
    button = QPushButton(text)
    button.setProperty("kind", kind)
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if icon_name is not None:
        button.setIconSize(QSize(14 + _ICON_GAP, 14))
        keep_icon(button, icon_name, _ICON_ROLES.get(kind, "primary"), 14, _ICON_GAP)
    return button


def make_tool(action: QAction) -> QToolButton:
    """A small button (22 high, icon only) for the right end of a dock's title."""
    tool = QToolButton()
    tool.setDefaultAction(action)
    tool.setProperty("compact", True)
    tool.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    tool.setIconSize(QSize(14, 14))
    tool.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return tool


def make_label(text: str, style: TextStyle = "body", tone: LabelTone = "primary") -> QLabel:
    """A line or a paragraph in one of the text styles."""
    label = QLabel(text)
    label.setFont(theme().fonts[style])
    label.setProperty("tone", tone)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def set_label_tone(label: QLabel, tone: LabelTone) -> None:
    set_look(label, "tone", tone)


def make_field(placeholder: str = "", *, mono: bool = False) -> QLineEdit:
    """A line edit 26 high; `mono` for what one types as code, such as a filter."""
    field = QLineEdit()
    field.setPlaceholderText(placeholder)
    if mono:
        field.setFont(theme().fonts["code"])
    return field


def set_field_state(field: QLineEdit, state: FieldState) -> None:
    """Show whether what is typed is valid. The reason of an error is told in words below the field."""
    set_look(field, "state", state)


def set_look(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet reads, and have it read again."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()
