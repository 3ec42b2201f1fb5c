"""Measurements of the project: speed, and published figures."""

import os

# Threads that wait must not spin where other processes want the core; torch reads this once.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
