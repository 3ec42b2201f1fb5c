"""Speed of a training step, in interleaved rounds on one thread."""
