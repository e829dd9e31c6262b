"""One line for each kind of event."""
