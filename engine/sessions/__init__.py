"""Sessions as files (`.l2s`): capture, policy, scripts, options, and every step that was recorded."""
