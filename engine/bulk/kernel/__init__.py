"""Compiled kernels: their source, how they become machine code, where that is kept, and the calls."""
