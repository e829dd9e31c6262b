"""The step-debugger over the engine: a session, its frames as rows, breakpoints, and ways to move."""
