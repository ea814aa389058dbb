"""Epochs of plain chains in one compiled loop, by numba, the extra "compiled"."""
