"""The running callout's source."""
