"""Measurements of the project: speed, and published figures."""
