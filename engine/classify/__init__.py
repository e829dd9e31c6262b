"""The stepping path: what happens to one frame, as generators of frozen events."""
