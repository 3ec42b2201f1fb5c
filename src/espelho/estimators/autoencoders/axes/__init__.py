"""The axes of an autoencoder as settings: networks, objective, pre-training."""
