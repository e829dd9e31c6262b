"""The docks: one view per file."""
