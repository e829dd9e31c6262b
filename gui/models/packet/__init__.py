"""A frame dissected."""
