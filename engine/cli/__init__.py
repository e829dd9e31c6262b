"""The command line: the engine without a window."""

from engine.cli.main import main

__all__ = ["main"]
