"""The desktop app: `main` is what the command without a subcommand calls."""

import gc

gc.disable()  # the window collects by itself (gui/session_bridge/garbage.py); collections while modules load only delay

from gui.app.start import main  # noqa: E402

__all__ = ["main"]
