"""Labels: what may be one, and the numbers that stand for them."""
