"""Running a panel: its budget, its baselines, one member after the other or side by side."""
