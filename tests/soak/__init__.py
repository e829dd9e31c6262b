"""Hours at the window in a few minutes: whatever a user does, again and again, and what the process holds meanwhile."""
