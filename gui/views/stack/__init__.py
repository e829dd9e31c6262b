"""The stack: four layer panes."""
