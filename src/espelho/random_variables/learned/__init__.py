"""Random variables that are learned from data."""
