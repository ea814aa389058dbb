"""What families of counts share: sums over counts, and functions whose textbook form cancels."""
