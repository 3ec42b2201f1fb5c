"""Estimators: scikit-learn's face of the models."""
