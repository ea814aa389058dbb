"""What is made of rows: work arrays, sketches for starting values, sufficient statistics."""
