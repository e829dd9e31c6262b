"""The panes of the Live layout."""
