"""Questions put to the engine beside the session: what if, what would turn it, what breaks it."""
