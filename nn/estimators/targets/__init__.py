"""Targets of regressions: numbers, their unit, and such as are known only in part."""
