"""Training: phases, stages and the one loop that runs them."""
