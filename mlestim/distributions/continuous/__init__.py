"""Continuous families, one file each."""
