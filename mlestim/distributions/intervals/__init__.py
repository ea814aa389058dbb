"""Terms of the probabilities that censored and truncated rows contribute."""
