"""Other ways up a likelihood than the search: first-order optimizers, expectation-maximisation."""
