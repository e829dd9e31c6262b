"""Display filters in the window."""
