"""Families with other probabilities of 0 than a family has by itself."""
