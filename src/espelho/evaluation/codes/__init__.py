"""Figures about codes: neighbourhoods, prediction, regularity, units."""
