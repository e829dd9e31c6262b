"""The callout's source, its locals and its templates."""
