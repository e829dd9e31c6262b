"""Completions as swim lanes."""
