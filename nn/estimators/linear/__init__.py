"""Networks without hidden layer: their coefficients, and data that do not determine them."""
