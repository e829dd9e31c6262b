"""The engine: frames through the four layer-2 layers of the Windows Filtering Platform, without a window."""

__version__ = "0.1.0"
