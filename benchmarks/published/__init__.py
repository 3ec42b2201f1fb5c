"""Published figures by their protocols: ``python -m benchmarks.published A3``."""
