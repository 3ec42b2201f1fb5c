"""Graphs: what each member does, from the data's units to the data's units, as one module."""
