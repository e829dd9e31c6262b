"""Everything behind `fwps`: what the kernel does when a callout calls it."""
