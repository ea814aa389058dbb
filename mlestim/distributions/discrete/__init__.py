"""Discrete families, one file each."""
