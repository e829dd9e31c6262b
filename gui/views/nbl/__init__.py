"""The NBL chain."""
