"""Sums of densities: what mixtures and zero-inflated families have in common, and mixtures."""
