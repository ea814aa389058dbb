"""Normalization of features, over the rows of a batch or within each row."""
