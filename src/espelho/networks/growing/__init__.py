"""Networks that grow in training, and their layers."""
