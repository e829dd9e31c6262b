"""Why: sentences computed from the trace."""
