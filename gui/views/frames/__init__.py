"""The frames of the source."""
