"""Estimators that translate samples of one set into samples of another."""
