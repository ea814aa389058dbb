"""Tables of mixed columns as matrices that networks read."""
