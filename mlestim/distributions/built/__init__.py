"""What is built from any family: its location set free, the distribution of −x."""
