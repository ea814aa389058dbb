"""Families of vectors, one file each."""
