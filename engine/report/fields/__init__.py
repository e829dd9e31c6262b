"""The lines of `l2scope fields`, frame by frame or in bulk."""
