"""What codes are, and what is done with them."""
