"""Tails of distributions: without cancellation, by quadrature, and their quantiles."""
