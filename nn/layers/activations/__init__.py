"""Functions of each entry, or of each row, between the layers that learn."""
