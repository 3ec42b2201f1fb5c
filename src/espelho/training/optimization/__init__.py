"""Optimisation: flat storage, and the optimisers and schedules that work on it."""
