"""Qt item models and plain models: what the views show, computed from trace and policy without painting."""
