"""Networks of sequences, step by step."""
