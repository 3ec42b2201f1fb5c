"""Generators: estimators that make new samples of noise."""
