"""Losses: negative log-likelihoods of the targets given the output of a network."""
