"""Autoencoders of sequences."""
