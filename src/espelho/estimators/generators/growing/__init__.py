"""Generators that grow: what their settings make, and which settings mean something."""
