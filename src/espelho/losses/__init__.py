"""Losses: functions from tensors to scalars; no state, no optimiser."""
