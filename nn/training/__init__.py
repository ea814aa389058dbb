"""Training: batches, epochs, when to stop, and what is kept of it."""
