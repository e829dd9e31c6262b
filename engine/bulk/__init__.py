"""The bulk path: the verdict of a policy over millions of frames, in columns. Source: design, "Two ways"."""
