"""Painted widgets, row delegates and small controls: they know Qt and the theme, and nothing of WFP."""
