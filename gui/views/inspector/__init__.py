"""What is in focus, and breakpoints."""
