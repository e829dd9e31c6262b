"""The window: views over a trace of the engine, and the wishes it sends back."""
