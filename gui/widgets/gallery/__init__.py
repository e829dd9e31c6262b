"""All painted parts on one page, to be held beside look/components.png."""
