"""Families at the edges of others, known by name but not listed among the families to choose."""
