"""Penalties: what a network pays for being as it is, whatever it reconstructs."""
