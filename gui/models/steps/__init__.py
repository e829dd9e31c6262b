"""The steps: the trace as a tree, what is searched in it and jumped to."""
