"""Autoencoders: networks that give back what they see, and what they pay for it."""
