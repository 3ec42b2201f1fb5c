"""What players of an adversarial training pay."""
