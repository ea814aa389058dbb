"""Finding the maximum, and saying what kind of maximum it is."""
