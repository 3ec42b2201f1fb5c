"""Data: arrays and files in, scaling there and back, results out."""
