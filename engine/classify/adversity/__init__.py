"""Adversity on demand: calls that fail, completions that come otherwise, and what happens to the machine."""
