"""Rows that are intervals, and the windows in which they could be seen."""
