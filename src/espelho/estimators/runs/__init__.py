"""Runs: fitted estimators on disk, and those that are still being trained."""
