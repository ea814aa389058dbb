"""Networks and estimators in files that hold numbers and JSON, and no programs."""
