"""Data as an estimator takes it in."""
