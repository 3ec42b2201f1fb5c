"""Classifiers that start from an autoencoder."""
