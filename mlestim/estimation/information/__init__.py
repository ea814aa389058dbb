"""Information beside that of the observed curvature, and covariances made of it."""
