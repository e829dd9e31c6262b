"""The desktop app: `main` is what the command without a subcommand calls."""

from gui.app.start import main

__all__ = ["main"]
