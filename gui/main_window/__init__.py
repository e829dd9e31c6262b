"""The window."""

from gui.main_window.window import MainWindow

__all__ = ["MainWindow"]
