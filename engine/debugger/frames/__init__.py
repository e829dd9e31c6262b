"""The frames of a session as rows and columns, also ten million of them."""
