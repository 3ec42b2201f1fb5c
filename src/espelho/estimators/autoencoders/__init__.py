"""Autoencoders: presets of one model on independent axes."""
