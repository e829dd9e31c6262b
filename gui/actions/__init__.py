"""Every command: menus, toolbar, palette and the page of keys are made from one table."""

from gui.actions.bound import Actions, key_text
from gui.actions.command import Command
from gui.actions.shell import Shell
from gui.actions.table import COMMANDS, LAYOUTS, MENUS, VIEWS

__all__ = ["COMMANDS", "LAYOUTS", "MENUS", "VIEWS", "Actions", "Command", "Shell", "key_text"]
