"""What the study of optimality is made of: hard samples, and an independent search."""
