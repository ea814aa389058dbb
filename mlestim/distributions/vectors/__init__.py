"""What families of vectors, and of labels, share: parameters that are vectors and matrices."""
