"""The trace: frozen events in order, and what can be computed from its first n of them."""
