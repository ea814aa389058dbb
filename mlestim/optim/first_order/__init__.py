"""First-order optimizers, one per file; import them from ``mlestim.optim``."""
